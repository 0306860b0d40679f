"""How good emoji-diffusion is, from the folder as it ships.

    python -m paint.measure ../onnx/emoji-diffusion            # the card's figures
    python -m paint.measure ../onnx/emoji-diffusion --trade    # what steps and guidance buy
"""

import sys
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

import run
from paint import captions, icons, judge, painter, pictures, ship
from paint.lexicon import COLOURS, COUNTS, LANGUAGES, SCENES
from paint.pipeline import Pipeline

SEEN = 150  # concepts; each is asked for in three languages
HELD_OUT = 100  # captions
TRIED = 60  # prompts for each of the settings that are compared


class Measurement:
    def __init__(self, folder: Path):
        self.scorer, self.gallery = judge.Scorer(), pictures.Gallery()
        self.pipeline = Pipeline(folder)
        # The folder carries the held-out icons too; what it does with the unseen is measured without them.
        self.forgetful = Pipeline(folder, forget=len(pictures.held_out(self.gallery)))
        self.random = np.random.default_rng(2026)
        self.steps, self.guidance = ship.STEPS, ship.GUIDANCE

    def paint(self, prompts: list[str], pipeline: Pipeline | None = None) -> np.ndarray:
        """Premultiplied, as the icons are."""
        straight = (pipeline or self.pipeline).paint(prompts, list(range(len(prompts))), self.steps, self.guidance).astype(np.float32)
        straight[..., :3] *= straight[..., 3:] / 255
        return np.rint(straight).astype(np.uint8)

    def concepts(self, split: str, composable: bool = False) -> list[int]:
        """Numbers of a split's concepts that have a name in every language."""
        return [
            at for at, concept in enumerate(self.gallery.concepts)
            if captions.split_of(concept) == split and all(one.name for one in self.gallery.words[at].values())
            and (not composable or self.gallery.is_composable(("soft", at)))
        ]  # fmt: skip

    def top1(self, asked: list[tuple[int, str]], pipeline: Pipeline | None = None) -> tuple[float, np.ndarray]:
        painted = self.paint([text for _, text in asked], pipeline)
        return 100 * float(self.scorer.right(painted, [self.gallery.concepts[at] for at, _ in asked]).mean()), painted

    def all(self) -> list[tuple[str, float, str]]:
        found = []
        ground = [at for at, style in enumerate(self.gallery.icons.styles) if style == "soft"]
        real = self.gallery.icons.pictures[ground]
        share = self.scorer.right(real, [self.gallery.icons.concepts[at] for at in ground]).mean()
        found.append(("the scorer on the icons themselves, nearest of 100", 100 * float(share), "%"))
        seen = self.random.permutation(self.concepts("train"))[:SEEN]
        unseen = self.concepts("test") + self.concepts("validation")
        painted = {}
        for kind, numbers in (("seen", seen), ("unseen", unseen)):
            for language in LANGUAGES:
                pipeline = self.forgetful if kind == "unseen" else self.pipeline
                share, made = self.top1([(at, self.gallery.words[at][language].name) for at in numbers], pipeline)
                found.append((f"{kind} concepts by name, {language}: nearest of 100", share, "%"))
                painted |= {language: made} if kind == "seen" else {}
        for language in LANGUAGES:
            asked = [(at, text) for at in self.concepts("train") for text in self.gallery.words[at][language].held_out]
            asked = [asked[at] for at in self.random.permutation(len(asked))[: HELD_OUT // 3 + 1]]
            found.append((f"held-out keywords, {language}: nearest of 100", self.top1(asked)[0], "%"))
        for language in LANGUAGES:
            asked = [(at, self.gallery.words[at][language].name) for at in self.concepts("train")]
            asked = [(at, name) for at, name in asked if captions.language_is_held_out(self.gallery.concepts[at], language)]
            found.append((f"names in a language that the concept was never told in, {language}: nearest of 100", self.top1(asked)[0], "%"))
        return found + self.distances(painted, real) + self.composed()

    def distances(self, painted: dict[str, np.ndarray], real: np.ndarray) -> list[tuple[str, float, str]]:
        """Frechet distances in the scorer's features; that of a part of the icons says what their number costs."""
        features = self.scorer.see(real)[1]
        told = lambda who, made: (f"Fréchet distance to the icons, {who}", judge.frechet(self.scorer.see(made)[1], features), "")  # noqa: E731
        part = real[self.random.permutation(len(real))[: len(LANGUAGES) * SEEN]]
        return [
            told("all languages", np.concatenate(list(painted.values()))),
            *(told(language, made) for language, made in painted.items()),
            told(f"{len(part)} icons drawn at random", part),
            told(f"{SEEN} icons drawn at random", part[:SEEN]),
        ]

    def composed(self) -> list[tuple[str, float, str]]:
        """Colours, numbers and scenes that were never shown with these concepts, a third in each language."""
        fit = self.of_one_colour()
        ways = {"colour": (60, list(COLOURS)), "number": (40, [str(count) for count in COUNTS]), "scene": (40, list(SCENES))}
        found = []
        for kind, (count, choices) in ways.items():
            held = self.held_out(fit, choices, count)
            texts, truths = zip(*(self.compose(kind, at, way, turn % 3) for turn, (at, way) in enumerate(held)), strict=True)
            concepts = [self.gallery.concepts[at] for at, _ in held]
            for who, made in (("", self.paint(list(texts))), (" (the rule on composed icons)", np.stack(truths))):
                if kind != "scene":
                    obeys = has_colour if kind == "colour" else has_count
                    share = np.mean([obeys(one, way) for one, (_, way) in zip(made, held, strict=True)])
                    found.append((f"{kind} obeyed in held-out compositions{who}", 100 * float(share), "%"))
                near = np.stack([closeup(one, kind, way) for one, (_, way) in zip(made, held, strict=True)])
                found.append((f"thing named in held-out compositions, {kind}: nearest of 100{who}", 100 * float(self.scorer.right(near, concepts).mean()), "%"))
        return found

    def colourless(self) -> list[int]:
        """Concepts that may be recoloured, going by their names."""
        return [at for at in self.concepts("train", composable=True) if captions.is_colourless(self.gallery.words[at])]

    def of_one_colour(self) -> list[int]:
        """Those of them whose icon is mostly of one colour, which can be painted over."""
        icon = lambda at: self.gallery.icons.pictures[self.gallery.picture_of["soft", at]]  # noqa: E731
        return [at for at in self.colourless() if pictures.main_hue(icon(at)) is not None]

    def held_out(self, concepts: list[int], ways: Iterable[str], count: int) -> list[tuple[int, str]]:
        """So many of the compositions of these that training left out."""
        held = [(at, way) for at in concepts for way in ways if captions.composition_is_held_out(way, self.gallery.concepts[at])]
        return [held[at] for at in self.random.permutation(len(held))[:count]]

    def compose(self, kind: str, at: int, way: str, language: int) -> tuple[str, np.ndarray]:
        """A composition in words, and as the gallery composes it."""
        name = self.gallery.words[at][LANGUAGES[language]].name
        if kind == "colour":
            return captions.coloured(name, way, language, self.random), self.gallery.picture(pictures.Item("soft", (at,), colour=way))
        if kind == "number":
            return captions.counted(name, int(way), language), self.gallery.picture(pictures.Item("soft", (at,), count=int(way)))
        return SCENES[way][0][language].format(name), self.gallery.picture(pictures.Item("soft", (at,), scene=way))

    def trade(self) -> list[tuple[int, float, float, float, float]]:
        """(steps, guidance, % of names nearest of 100, % of colours obeyed, milliseconds a picture on one core)."""
        seen = self.random.permutation(self.concepts("train"))[:TRIED]
        names = [(at, self.gallery.words[at][LANGUAGES[turn % 3]].name) for turn, at in enumerate(seen)]
        colours = self.held_out(self.colourless(), COLOURS, TRIED)
        texts = [captions.coloured(self.gallery.words[at][LANGUAGES[turn % 3]].name, way, turn % 3, self.random) for turn, (at, way) in enumerate(colours)]
        rows = []
        for steps in (4, 6, 10, 20):
            for guidance in (1.0, 2.0, 3.0):
                self.steps, self.guidance = steps, guidance
                begun = time.perf_counter()
                named = self.top1(names)[0]
                cost = 1000 * (time.perf_counter() - begun) / TRIED
                obeyed = np.mean([has_colour(one, way) for one, (_, way) in zip(self.paint(texts), colours, strict=True)])
                rows.append((steps, guidance, named, 100 * float(obeyed), cost))
        return rows


def closeup(picture: np.ndarray, kind: str, way: str) -> np.ndarray:
    """The first of several, or what stands on the stage, at full size: the scorer has seen icons that fill their picture."""
    if kind == "colour":
        return picture
    (top, left), cells = (painter.PLACES[int(way)][0], 4) if kind == "number" else (painter.STAGE, 6)
    part = picture[8 * top : 8 * (top + cells), 8 * left : 8 * (left + cells)]
    return np.asarray(Image.fromarray(part, "RGBa").resize((icons.SIDE, icons.SIDE), Image.Resampling.BICUBIC))


def has_colour(picture: np.ndarray, colour: str) -> bool:
    """Whether no other colour covers more of the picture."""
    hue, saturation, value, alpha = pictures.hues(picture)
    grey = saturation < 0.22
    hued = {name: COLOURS[name][3] / 360 for name in ("red", "orange", "yellow", "green", "blue", "purple", "pink")}
    away = np.stack([np.abs((hue - turn + 0.5) % 1 - 0.5) for turn in hued.values()])
    names = np.array(list(hued))[away.argmin(0)]
    names = np.where((names == "orange") & (value < 0.72), "brown", names)
    names = np.where((names == "red") & (saturation < 0.62) & (value > 0.8), "pink", names)
    names = np.where(grey, np.where(value < 0.36, "black", np.where(value > 0.8, "white", "grey")), names)
    names = np.where(~grey & (value < 0.22), "black", names)
    found, counts = np.unique(names[alpha > 0.5], return_counts=True)
    return len(found) > 0 and found[counts.argmax()] == colour


def has_count(picture: np.ndarray, count: str) -> bool:
    """Whether that many quarters of the picture are filled where pictures of that count have them."""
    solid = picture[..., 3] > 96

    def fits(way: str) -> float:
        mask = np.zeros_like(solid)
        for top, left in painter.PLACES[int(way)]:
            mask[8 * top + 3 : 8 * top + 29, 8 * left + 3 : 8 * left + 29] = True
        return solid[mask].mean() - solid[~mask].mean()

    return max((str(count) for count in COUNTS), key=fits) == count


if __name__ == "__main__":
    run.threads()
    measurement = Measurement(Path(sys.argv[1]))
    if "--trade" in sys.argv:
        for steps, guidance, named, obeyed, cost in measurement.trade():
            run.say(f"{steps} steps, guidance {guidance}: {named:.1f} % named, {obeyed:.1f} % of colours, {cost:.0f} ms")
    else:
        for metric, value, unit in measurement.all():
            run.say(f"{metric}: {value:.1f} {unit}")
