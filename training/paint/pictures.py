"""What the painter is shown: pictures as latents, each with what may be said of it.

Beside the icons as they are there are recoloured ones ("green cat"), some with paws of another colour, several of one
kind ("three cats"), two side by side ("cat and dog") and scenes ("house under the moon"), so that words can be put together which no emoji has
together. A fifth of these compositions is held out, by hash. Latents are made once, for an autoencoder that stays
as it is.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

import run
from digits import cache_dir
from paint import autoencoder, captions, icons, painter, shrinker, words
from paint.lexicon import COLOURS, COUNTS, LANGUAGES, PAWED, PAWS, SCENES

TINTS = 4  # recoloured pictures of each that can be
COMPOSED = 7200
MOON = "1f319"
SAID_OF_PAWS = [[way[at].replace("{}", "").strip() for ways in PAWS.values() for way in ways] for at in range(len(LANGUAGES))]


@dataclass(frozen=True)
class Item:
    """A picture: which concepts it shows, in which style, and what was done to them."""

    style: str
    concepts: tuple[int, ...]
    colour: str | None = None
    count: int = 1
    scene: str | None = None
    paws: str | None = None


class Gallery:
    """Icons, words and items; `kinds` holds the numbers of the plain, recoloured, pawed and composed items."""

    def __init__(self, sliver: int | None = None):
        self.icons = icons.load()
        self.concepts = sorted(set(self.icons.concepts))
        self.words = captions.load(self.concepts)
        self.place = {concept: at for at, concept in enumerate(self.concepts)}
        self.picture_of = {
            (style, self.place[concept]): at
            for at, (style, concept) in enumerate(zip(self.icons.styles, self.icons.concepts, strict=True))
        }
        self.items, self.kinds = self._plan(sliver)

    def _plan(self, sliver: int | None) -> tuple[list[Item], dict[str, list[int]]]:
        shown = [key for key in sorted(self.picture_of) if captions.split_of(self.concepts[key[1]]) == "train"]
        shown = shown[:: max(1, len(shown) // sliver)] if sliver else shown
        plain = [Item(style, (concept,)) for style, concept in shown]
        random = np.random.default_rng(11)
        fit = [key for key in shown if self.is_composable(key)]
        recoloured = []
        for style, concept in fit:
            if captions.is_colourless(self.words[concept]) and main_hue(self.icons.pictures[self.picture_of[style, concept]]) is not None:
                free = [colour for colour in COLOURS if not captions.composition_is_held_out(colour, self.concepts[concept])]
                recoloured += [Item(style, (concept,), colour) for colour in random.choice(free, min(TINTS, len(free)), replace=False)]
        tinted = {(item.style, item.concepts[0], item.colour) for item in recoloured}
        pawed = [
            Item(style, (concept,), colour, paws=paws)
            for style, concept in fit if icons.emoji_of(self.concepts[concept]) in PAWED
            for colour in (None, *COLOURS) if colour is None or (style, concept, colour) in tinted
            for paws in PAWS if paws != colour
        ]  # fmt: skip
        composed = []
        for _ in range(0 if sliver else COMPOSED):
            style, concept = fit[random.integers(len(fit))]
            kind = random.random()
            if kind < 0.35:
                scene = str(random.choice(list(SCENES)))
                if not captions.composition_is_held_out(scene, self.concepts[concept]):
                    composed.append(Item(style, (concept,), scene=scene))
            elif kind < 0.7:
                count = int(random.choice(list(COUNTS)))
                if not captions.composition_is_held_out(str(count), self.concepts[concept]):
                    composed.append(Item(style, (concept,), count=count))
            else:
                other = fit[random.integers(len(fit))][1]
                if (style, other) in self.picture_of and other != concept:
                    composed.append(Item(style, (concept, other)))
        every = {"plain": plain, "recoloured": recoloured, "pawed": pawed, "composed": composed}
        items, kinds = [], {}
        for kind, found in every.items():
            if found:
                kinds[kind] = list(range(len(items), len(items) + len(found)))
                items += found
        return items, kinds

    def is_composable(self, key: tuple[str, int]) -> bool:
        group = self.icons.groups[self.picture_of[key]]
        return group in captions.COMPOSABLE and all(one.name for one in self.words[key[1]].values())

    def weight(self, item: Item) -> float:
        return icons.GROUPS[self.icons.groups[self.picture_of[item.style, item.concepts[0]]]]

    def picture(self, item: Item) -> np.ndarray:
        parts = [self.icons.pictures[self.picture_of[item.style, concept]] for concept in item.concepts]
        if item.colour or item.paws:
            coloured = recolour(parts[0], item.colour) if item.colour else parts[0]
            return with_paws(coloured, item.paws) if item.paws else coloured
        if item.scene:
            return staged(parts[0], item.scene, self.icons.pictures[self.picture_of[item.style, self.place[MOON]]])
        return several(parts * item.count) if item.count > 1 or len(parts) > 1 else parts[0]

    def caption(self, item: Item, random: np.random.Generator, by_name: bool = False) -> str:
        """`by_name`: with the concept's first name rather than a keyword that others share."""
        concept = item.concepts[0]
        known = [
            at for at, language in enumerate(LANGUAGES)
            if self.words[concept][language].name and not captions.language_is_held_out(self.concepts[concept], language)
        ]  # fmt: skip
        at = int(random.choice(known))
        words = self.words[concept][LANGUAGES[at]]
        # The soft style is what a prompt without a style gets.
        style = item.style if item.style == "flat" or random.random() < 0.2 else None
        if not (item.colour or item.paws or item.scene) and item.count == 1 and len(item.concepts) == 1:
            return captions.dress(words.name, at, style, random) if by_name else self.plain_caption(words, at, style, random)
        name = words.captions[random.integers(2)] if len(words.captions) > 1 and not by_name and random.random() < 0.3 else words.name
        if item.paws:
            name = captions.coloured(name, item.colour, at, random) if item.colour else name
            ways = PAWS[item.paws]
            return captions.dress(ways[random.integers(len(ways))][at].format(name), at, style, random, modify=0)
        if item.colour:
            return captions.dress(captions.coloured(name, item.colour, at, random), at, style, random, modify=0.2)
        if item.scene:
            ways = SCENES[item.scene]
            text = ways[random.integers(len(ways))][at].format(name)
            return captions.dress(text, at, style, random, modify=0)
        if item.count > 1:
            return captions.dress(captions.counted(name, item.count, at), at, style, random, modify=0.05)
        other = self.words[item.concepts[1]][LANGUAGES[at]].name
        return captions.dress(captions.paired(name, other, at), at, style, random, modify=0.05)

    def plain_caption(self, words: captions.Words, language: int, style: str | None, random: np.random.Generator) -> str:
        """A caption that says nothing of paws, which are painted where they are spoken of."""
        while any(one in (text := captions.draw(words, language, style, random)) for one in SAID_OF_PAWS[language]):
            pass
        return text


def latents(gallery: Gallery, model: str) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(latents [N, 16, 8, 8] of unit variance, their means, their deviations by channel), cached."""
    weights = (run.run_dir(model) / "checkpoint.pt").read_bytes()
    key = hashlib.sha256(weights + repr(gallery.items).encode()).hexdigest()[:12]
    cached = cache_dir() / f"emoji-latents-{key}.pt"
    if not cached.exists():
        network, found = autoencoder.load(model), []
        for start in range(0, len(gallery.items), 1024):
            found.append(autoencoder.encode(network, np.stack([gallery.picture(item) for item in gallery.items[start : start + 1024]])))
        torch.save(torch.cat(found).half(), cached)
    raw = torch.load(cached, weights_only=True).float()
    plain = raw[gallery.kinds["plain"]]
    means, deviations = plain.mean((0, 2, 3)), plain.std((0, 2, 3))
    return (raw - means[:, None, None]) / deviations[:, None, None], means, deviations


def memory(gallery: Gallery, made: torch.Tensor, tokenizer, encoder, project: torch.Tensor) -> painter.Memory:
    """What the painter looks up: the plain icons' latents, by the student's own reading of their names."""
    of = {(gallery.items[at].style, gallery.items[at].concepts[0]): made[at] for at in gallery.kinds["plain"]}
    concepts = sorted({concept for _, concept in of})
    remembered = painter.Memory(project, keys(gallery, concepts, tokenizer, encoder, project), by_style(of, concepts), shrinker.load())
    remembered.concepts = concepts
    return remembered


def held_out(gallery: Gallery) -> list[int]:
    """Numbers of the concepts whose pictures no training saw."""
    return [at for at, concept in enumerate(gallery.concepts) if captions.split_of(concept) != "train"]


def extend(remembered: painter.Memory, gallery: Gallery, model: str, statistics, tokenizer, encoder) -> None:
    """Adds the held-out concepts at the end: a memory grows without training."""
    means, deviations = (one[:, None, None] for one in statistics)
    numbers = held_out(gallery)
    places = [key for key in sorted(gallery.picture_of) if key[1] in set(numbers)]
    pictures = np.stack([gallery.icons.pictures[gallery.picture_of[key]] for key in places])
    made = (autoencoder.encode(autoencoder.load(model), pictures) - means) / deviations
    latents = by_style(dict(zip(places, made, strict=True)), numbers)
    remembered.keys = torch.cat([remembered.keys, F.normalize(keys(gallery, numbers, tokenizer, encoder, remembered.project), dim=-1)])
    remembered.latents = torch.cat([remembered.latents, latents])
    remembered.concepts = remembered.concepts + numbers


def by_style(of: dict[tuple[str, int], torch.Tensor], concepts: list[int]) -> torch.Tensor:
    """[concepts, styles, C, 8, 8]; zero where a style lacks the concept."""
    blank = torch.zeros_like(next(iter(of.values())))
    return torch.stack([torch.stack([of.get((style, concept), blank) for style in icons.STYLES]) for concept in concepts])


def keys(gallery: Gallery, concepts: list[int], tokenizer, encoder, project: torch.Tensor) -> torch.Tensor:
    """Two keys for each concept [concepts, 2, key width], so that both its names and what else it is called find it."""
    found = []
    for concept in concepts:
        known = [
            one for language, one in gallery.words[concept].items()
            if one.name and not captions.language_is_held_out(gallery.concepts[concept], language)
        ]  # fmt: skip
        names = [one.name for one in known]
        others = [text for one in known for text, weight in zip(one.captions, one.weights, strict=True) if weight > 0.1]
        means = [read(encoder, tokenizer, texts) @ project for texts in (names, others or names)]
        found.append(torch.stack([F.normalize(one, dim=-1).mean(0) for one in means]))
    return torch.stack(found)


@torch.no_grad()
def read(encoder, tokenizer, texts: list[str]) -> torch.Tensor:
    """Mean states of texts."""
    return encoder(words.numbered(tokenizer, texts))[:, 0]


def several(parts: list[np.ndarray]) -> np.ndarray:
    """Half-size pictures beside each other: two in a row, three in a triangle, four in a square."""
    canvas = np.zeros((icons.SIDE, icons.SIDE, 4), np.uint8)
    for part, (top, left) in zip(parts, painter.PLACES[len(parts)], strict=True):
        canvas[8 * top : 8 * top + 32, 8 * left : 8 * left + 32] = icons.shrunk(part, 32)
    return canvas


def staged(picture: np.ndarray, scene: str, moon: np.ndarray) -> np.ndarray:
    """The picture at three quarters of its size before a night sky with a moon, rain, or snow."""
    random = np.random.default_rng(5)  # the same sky each time: what is told apart should be the words
    sky = {"night": (24, 32, 84), "rain": (120, 144, 168), "snow": (176, 208, 240)}[scene]
    canvas = np.empty((icons.SIDE, icons.SIDE, 4), np.uint8)
    canvas[:] = (*sky, 255)
    if scene == "night":
        for top, left in random.integers(2, 20, (8, 2)) * (1, 2):
            canvas[top : top + 2, left : left + 2, :3] = 255
        lay(canvas, icons.shrunk(moon, 20), 1, 43)
    elif scene == "snow":
        canvas[54:, :, :3] = 250
    top, left = painter.STAGE
    lay(canvas, icons.shrunk(picture, 48), 8 * top, 8 * left)
    if scene != "night":
        for top, left in random.integers(0, 60, (26, 2)):
            high, wide, tone = (5, 1, (60, 110, 220)) if scene == "rain" else (2, 2, (255, 255, 255))
            canvas[top : top + high, left : left + wide, :3] = tone
    return canvas


def lay(canvas: np.ndarray, picture: np.ndarray, top: int, left: int) -> None:
    """Lays a picture with premultiplied alpha over part of the canvas."""
    place = canvas[top : top + picture.shape[0], left : left + picture.shape[1]]
    clear = 255 - picture[..., 3:].astype(np.uint16)
    place[:] = np.minimum(picture + place * clear // 255, 255)


def hues(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Straight hue (turns), saturation, value and alpha, each [64, 64] in 0..1."""
    alpha = picture[..., 3].astype(np.float32) / 255
    rgb = picture[..., :3].astype(np.float32) / 255 / np.maximum(alpha, 1e-3)[..., None]
    rgb = rgb.clip(0, 1)
    high, low = rgb.max(-1), rgb.min(-1)
    spread = np.maximum(high - low, 1e-6)
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    hue = np.where(high == red, (green - blue) / spread % 6, np.where(high == green, (blue - red) / spread + 2, (red - green) / spread + 4))
    return hue / 6, (high - low) / np.maximum(high, 1e-6), high, alpha


def main_hue(picture: np.ndarray) -> float | None:
    """The hue of most of a picture, or None where no one colour holds half of it."""
    hue, saturation, value, alpha = hues(picture)
    solid = alpha > 0.5
    strong = solid & (saturation > 0.25) & (value > 0.2)
    if strong.sum() < 0.5 * solid.sum():
        return None
    counts = np.bincount((hue[strong] * 24).astype(int) % 24, minlength=24)
    around = counts + np.roll(counts, 1) + np.roll(counts, -1)
    best = int(around.argmax())
    return (best + 0.5) / 24 if around[best] > 0.5 * solid.sum() else None


def recolour(picture: np.ndarray, colour: str) -> np.ndarray:
    """Paints what has the main hue in another colour, shading kept."""
    hue, saturation, value, alpha = hues(picture)
    away = (hue - main_hue(picture) + 0.5) % 1 - 0.5
    chosen = (np.abs(away) < 0.12) & (saturation > 0.12)
    turn = COLOURS[colour][3]
    if turn is not None:
        new_hue = np.full_like(hue, turn / 360)
        new_saturation, new_value = np.maximum(saturation, 0.55), np.maximum(value, 0.3)
        if colour == "pink":
            new_saturation, new_value = new_saturation * 0.55, 0.35 + 0.65 * new_value
        elif colour == "brown":
            new_value = new_value * 0.6
    else:
        new_hue, new_saturation = hue, saturation * 0.08
        level = value * (1 - 0.3 * saturation)
        level = (level - level[chosen].mean()) * 0.7 if chosen.any() else level
        new_value = {"black": 0.2, "white": 0.92, "grey": 0.58}[colour] + level
    painted = to_rgb(new_hue, new_saturation.clip(0, 1), new_value.clip(0.03, 1))
    out = picture.copy()
    out[..., :3][chosen] = np.rint(painted * alpha[..., None] * 255)[chosen]
    return out


def with_paws(picture: np.ndarray, colour: str) -> np.ndarray:
    """Paints the lowest seventh of what is there, with an outline that shows on any ground."""
    solid = picture[..., 3] > 128
    rows = np.flatnonzero(solid.any(1))
    feet = np.zeros_like(solid)
    feet[rows[-1] + 1 - max(4, round(len(rows) / 7)) :] = True
    padded = np.pad(solid, 1)
    inside = solid & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    out, (middle, edge) = picture.copy(), {"white": (244, 176), "black": (36, 24)}[colour]
    alpha = picture[..., 3:].astype(np.float32) / 255
    for chosen, tone in ((feet & inside, middle), (feet & ~inside, edge)):
        out[..., :3][chosen] = np.rint(tone * np.repeat(alpha, 3, -1))[chosen]
    return out


def to_rgb(hue: np.ndarray, saturation: np.ndarray, value: np.ndarray) -> np.ndarray:
    """colorsys.hsv_to_rgb for whole pictures."""
    offsets = np.array([5.0, 3.0, 1.0])
    turns = (offsets + hue[..., None] * 6) % 6
    return value[..., None] * (1 - saturation[..., None] * np.minimum(turns, 4 - turns).clip(0, 1))
