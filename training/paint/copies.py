"""How often emoji-diffusion paints an icon that it carries: training/copies.py, for pictures from words.

It looks icons up by design. So two kinds of prompts are told apart: names of things that it learnt, and compositions
(colours, numbers, scenes, two things) that were held out. What a copy is follows from the icons that were held out from
training; what a picture is held against are all icons in the folder, in both styles.
"""

from pathlib import Path

import numpy as np

import card
import copies
import run
from paint import captions, icons, pictures, ship
from paint.lexicon import COLOURS, COUNTS, LANGUAGES, SCENES
from paint.pipeline import Pipeline

NAMES, COMPOSED = "asked for by name: ", "held-out compositions: "
ITSELF = (
    "asked for by name: nearest, of all icons, to an icon of that name",
    "demandés par leur nom : plus proches, de toutes les icônes, d’une icône de ce nom",
    "gọi bằng tên: trong mọi biểu tượng, gần nhất với biểu tượng mang tên đó",
)
SENTENCES = [
    ITSELF,
    *((first + en, fr_first + fr, vi_first + vi)
    for first, fr_first, vi_first in ((NAMES, "demandés par leur nom : ", "gọi bằng tên: "), (COMPOSED, "compositions mises de côté : ", "tổ hợp để riêng: "))
    for en, fr, vi in copies.SENTENCES[:-1]),
]  # fmt: skip


class Icons:
    """The icons of the folder, as flat pictures, with what they are called."""

    def __init__(self, gallery: pictures.Gallery):
        self.gallery = gallery
        self.values = values(gallery.icons.pictures)
        train = np.array([captions.split_of(concept) == "train" for concept in gallery.icons.concepts])
        keep = first_of_each(self.values)
        self.known, self.train, self.held_out = keep, keep & train, keep & ~train

    def nearest(self, painted: np.ndarray) -> copies.Nearest:
        """`at` counts in the gallery's icons."""
        found = copies.nearest(values(painted), self.values[self.known])
        return copies.Nearest(np.flatnonzero(self.known)[found.at], found.ratio)

    def unseen(self) -> copies.Nearest:
        return copies.nearest(self.values[self.held_out], self.values[self.train])


def values(painted: np.ndarray) -> np.ndarray:
    """Premultiplied pictures -> flat ones at 32x32."""
    return painted.reshape(-1, icons.SIDE // 2, 2, icons.SIDE // 2, 2, 4).astype(np.float32).mean((2, 4)).reshape(len(painted), -1) / 255


def first_of_each(found: np.ndarray) -> np.ndarray:
    """Which of the pictures are the first that look so: some concepts share one picture."""
    _, first = np.unique(np.rint(found * 255).astype(np.uint8), axis=0, return_index=True)
    keep = np.zeros(len(found), bool)
    keep[first] = True
    return keep


def premultiplied(straight: np.ndarray) -> np.ndarray:
    colours = np.rint(straight[..., :3] * (straight[..., 3:] / np.float32(255)))
    return np.concatenate([colours.astype(np.uint8), straight[..., 3:]], -1)


def names(gallery: pictures.Gallery, random: np.random.Generator) -> tuple[list[str], list[int]]:
    """So many names of concepts that it learnt, each language in turn, and their numbers."""
    named = [at for at, concept in enumerate(gallery.concepts) if captions.split_of(concept) == "train" and all(one.name for one in gallery.words[at].values())]
    order = np.concatenate([random.permutation(named) for _ in range(-(-copies.PAINTED // len(named)))])[: copies.PAINTED]
    return [gallery.words[at][LANGUAGES[turn % 3]].name for turn, at in enumerate(order)], [int(at) for at in order]


def compositions(gallery: pictures.Gallery, random: np.random.Generator) -> list[str]:
    """As many colours, numbers, scenes and pairs that training left out."""
    fit = [at for at, concept in enumerate(gallery.concepts) if captions.split_of(concept) == "train" and gallery.is_composable(("soft", at))]
    ways = [("colour", way) for way in COLOURS] + [("number", str(count)) for count in COUNTS] + [("scene", way) for way in SCENES]
    held = {kind: [(at, way) for at in fit for one, way in ways if one == kind and captions.composition_is_held_out(way, gallery.concepts[at])] for kind in ("colour", "number", "scene")}
    texts = []
    for turn in range(copies.PAINTED):
        language, kind = turn // 4 % 3, ("colour", "number", "scene", "pair")[turn % 4]
        name = lambda at: gallery.words[at][LANGUAGES[language]].name  # noqa: E731, B023
        if kind == "pair":
            first, second = random.choice(fit, 2, replace=False)
            texts.append(captions.paired(name(first), name(second), language))
            continue
        at, way = held[kind][random.integers(len(held[kind]))]
        if kind == "colour":
            texts.append(captions.coloured(name(at), way, language, random))
        elif kind == "number":
            texts.append(captions.counted(name(at), int(way), language))
        else:
            texts.append(SCENES[way][0][language].format(name(at)))
    return texts


def rows(folder: Path, pairs: Path | None = None) -> list[dict]:
    gallery, pipeline, random = pictures.Gallery(), Pipeline(folder), np.random.default_rng(copies.SEED)
    held = Icons(gallery)
    unseen, found = held.unseen(), []
    prompts, asked = names(gallery, random)
    for what, texts in ((NAMES, prompts), (COMPOSED, compositions(gallery, random))):
        painted = premultiplied(pipeline.paint(texts, list(range(len(texts))), ship.STEPS, ship.GUIDANCE))
        near = held.nearest(painted)
        told = copies.judged(folder.name, near, unseen, what)
        if what == NAMES:
            itself = [gallery.icons.concepts[at] == gallery.concepts[one] for at, one in zip(near.at, asked, strict=True)]
            found += [*told, card.row(ITSELF[0], round(100 * float(np.mean(itself)), 1), "%", told[0]["command"])]
        else:
            found += [one for one in told if copies.THRESHOLD not in one["metric"]]
        run.say(f"{folder.name}: {what}{told[0]['value']} copies")
        if pairs:
            place = pairs.with_stem(f"{pairs.stem}-{'names' if what == NAMES else 'composed'}")
            copies.draw(icons.over_white(painted), icons.over_white(gallery.icons.pictures), near, place)
    return found
