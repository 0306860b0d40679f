"""Seventeen styles, each a short program that turns a photograph into a painting: no picture of anybody's is copied.

Brushes follow Hertzmann 1998 (large strokes first, small ones where the picture still differs) and Litwinowicz 1997
(strokes lie along edges). Hatching, screens, cells and paper are those of `patterns.py`; strokes fall by chance. Both move
with the seed, so paintings are without end.

    python training/style_programs.py out.png photo.png     # a sheet of every style
"""

import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from patterns import TILE, Ground

Program = Callable[[np.ndarray, Ground, np.random.Generator], np.ndarray]


# --- what the programs share: floats in 0..1, [H, W, 3] or [H, W]


def blur(values: np.ndarray, radius: float) -> np.ndarray:
    if values.ndim == 2:
        return _blurred(values, radius)
    return np.stack([_blurred(values[..., channel], radius) for channel in range(values.shape[-1])], -1)


def _blurred(plane: np.ndarray, radius: float) -> np.ndarray:
    """Gaussian, in floats: Pillow's blurs bytes alone."""
    reach = max(1, int(3 * radius))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / radius) ** 2)
    weights = (weights / weights.sum()).astype(np.float32)
    for axis in (0, 1):
        padded = np.pad(plane.astype(np.float32), [(reach, reach) if at == axis else (0, 0) for at in (0, 1)], "reflect" if plane.shape[axis] > reach else "edge")
        size = plane.shape[axis]
        plane = sum(weight * np.take(padded, range(at, at + size), axis) for at, weight in enumerate(weights))
    return plane


def grey(picture: np.ndarray) -> np.ndarray:
    return picture @ np.array([0.299, 0.587, 0.114], np.float32)


def slopes(plane: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(down, right)"""
    return tuple(np.gradient(plane))


def along_edges(plane: np.ndarray, radius: float = 3.0) -> np.ndarray:
    """The angle of the edge that passes nearest, in radians, from the smoothed structure tensor."""
    down, right = slopes(blur(plane, 1.0))
    across = 0.5 * np.arctan2(blur(2 * down * right, radius), blur(right * right - down * down, radius))
    return across + np.pi / 2


def edges(plane: np.ndarray, radius: float) -> np.ndarray:
    """0..1: how strongly an outline passes, for a difference of Gaussians."""
    difference = blur(plane, radius) - blur(plane, 1.6 * radius)
    return np.clip(-difference * 28 - 0.25, 0, 1)


def clouds(shape: tuple[int, int], size: float, random: np.random.Generator) -> np.ndarray:
    """Smooth noise of unit deviation whose blobs are about `size` pixels."""
    rows, columns = (max(2, round(side / size) + 2) for side in shape)
    coarse = Image.fromarray(random.standard_normal((rows, columns)).astype(np.float32))
    found = np.asarray(coarse.resize(shape[::-1], Image.Resampling.BICUBIC))
    return found / (found.std() + 1e-6)


def saturated(picture: np.ndarray, factor: float) -> np.ndarray:
    plain = grey(picture)[..., None]
    return np.clip(plain + (picture - plain) * factor, 0, 1)


def contrasted(picture: np.ndarray) -> np.ndarray:
    """Dark and bright spread to the whole range, by the mean and deviation of the whole picture."""
    plane = grey(picture)
    low, span = plane.mean() - 2 * plane.std(), max(4 * plane.std(), 0.3)
    return np.clip(0.35 * picture + 0.65 * (picture - low) / span, 0, 1)


def to_bytes(picture: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)


def smooth_flats(picture: np.ndarray, times: int = 2, size: int = 5) -> np.ndarray:
    """Median filtering: flat areas that keep their edges."""
    image = Image.fromarray(to_bytes(picture))
    for _ in range(times):
        image = image.filter(ImageFilter.MedianFilter(size))
    return np.asarray(image).astype(np.float32) / 255


def paper(ground: Ground, strength: float) -> np.ndarray:
    return strength * (0.6 * ground.tile("grain") + 0.8 * ground.tile("tooth"))


# --- brushes


@lru_cache(maxsize=512)
def brush(length: int, width: int, step: int, seed: int, kind: str) -> Image.Image:
    """A stroke's coverage with its bristles, turned by `step` of 32 half-circle steps."""
    random = np.random.default_rng((length, width, seed))
    scale = 3
    y, x = np.mgrid[: width * scale, : length * scale].astype(np.float32)
    across, onward = np.abs(2 * y / (width * scale - 1) - 1), np.abs(2 * x / (length * scale - 1) - 1)
    shape = np.clip((1 - across**2 - onward**6) * 4, 0, 1)
    bristles = np.repeat(random.random(width * scale)[:, None], length * scale, 1)
    grain = random.random(shape.shape)
    if kind == "oil":
        shape = shape * (0.72 + 0.28 * bristles)
    elif kind == "dry":
        shape = shape * np.clip(1.5 * (0.5 * bristles + 0.8 * grain) - 0.25, 0, 1)
    elif kind == "dot":
        shape = np.clip((1 - across**2 - onward**2) * 4, 0, 1)
    stamp = Image.fromarray(to_bytes(shape)).rotate(-step * 180 / 32, Image.Resampling.BICUBIC, expand=True)
    return stamp.resize([max(1, round(side / scale)) for side in stamp.size], Image.Resampling.BOX)


def strokes(canvas: Image.Image, relief: Image.Image | None, target: np.ndarray, angles: np.ndarray, length: int, width: int,
            kind: str, random: np.random.Generator, everywhere: bool, jitter: float = 0.03, density: float = 1.0, opacity: float = 1.0,
            curve: int = 1, against: float = 0.09) -> None:  # fmt: skip
    """One layer: strokes on a jittered grid in random order, everywhere or where the canvas is still off."""
    height, width_of = target.shape[:2]
    pitch = max(2.0, (length * width) ** 0.5 * 0.62 / density)
    y, x = np.meshgrid(np.arange(0, height, pitch), np.arange(0, width_of, pitch), indexing="ij")
    y = np.clip(y + random.uniform(-0.5, 0.5, y.shape) * pitch, 0, height - 1).astype(int).ravel()
    x = np.clip(x + random.uniform(-0.5, 0.5, x.shape) * pitch, 0, width_of - 1).astype(int).ravel()
    if not everywhere:
        off = np.abs(np.asarray(canvas).astype(np.float32) / 255 - target).mean(-1)
        wrong = blur(off, width / 2)[y, x] > against
        y, x = y[wrong], x[wrong]
    order = random.permutation(len(y))
    colours = target[y, x] + random.normal(0, jitter, (len(y), 1)) + random.normal(0, jitter / 2, (len(y), 3))
    colours = to_bytes(colours)
    for at in order:
        row, column = float(y[at]), float(x[at])
        seed = int(random.integers(4))
        colour = tuple(int(value) for value in colours[at])
        for part in range(curve):
            angle = angles[min(max(int(row), 0), height - 1), min(max(int(column), 0), width_of - 1)]
            stamp = brush(length, width, round(angle / np.pi * 32) % 32, seed, kind)
            box = (round(column - stamp.width / 2), round(row - stamp.height / 2))
            mask = stamp if opacity >= 1 else stamp.point(lambda value: int(value * opacity))
            canvas.paste(colour, box, mask)
            if relief is not None:
                relief.paste(int(random.integers(70, 190)), box, stamp) if part == 0 else relief.paste(128, box, stamp)
            column, row = column + np.cos(angle) * length * 0.55, row + np.sin(angle) * length * 0.55


def lit(canvas: Image.Image, relief: Image.Image, strength: float) -> np.ndarray:
    """Light from above left on the ridges of paint."""
    down, right = slopes(blur(np.asarray(relief).astype(np.float32) / 255, 0.7))
    return np.asarray(canvas).astype(np.float32) / 255 + strength * (down + right)[..., None]


def brushed(picture: np.ndarray, layers: tuple, angles: np.ndarray, kind: str, random: np.random.Generator, light: float, jitter: float, curve: int = 1) -> np.ndarray:
    height, width = picture.shape[:2]
    canvas = Image.fromarray(to_bytes(blur(picture, 6)))
    relief = Image.new("L", (width, height), 128)
    for at, (length, thickness, softness) in enumerate(layers):
        strokes(canvas, relief, blur(picture, softness), angles, length, thickness, kind, random, everywhere=at < 2, jitter=jitter, curve=curve)
    return lit(canvas, relief, light)


# --- the styles


def oil(photo: np.ndarray, ground: Ground, random: np.random.Generator) -> np.ndarray:
    picture = saturated(contrasted(photo), 1.3)
    angles = along_edges(grey(picture), 4) + 0.25 * clouds(picture.shape[:2], 40, random)
    return brushed(picture, ((26, 9, 4), (16, 6, 2), (10, 4, 1), (7, 3, 0.7)), angles, "oil", random, light=0.55, jitter=0.03)


NIGHT, SUN = np.array([0.05, 0.16, 0.52], np.float32), np.array([1.0, 0.86, 0.32], np.float32)


def swirl(photo: np.ndarray, ground: Ground, random: np.random.Generator) -> np.ndarray:
    picture = saturated(contrasted(photo), 1.6)
    plane = grey(picture)[..., None]
    picture = 0.5 * picture + 0.5 * (NIGHT * (1 - plane) + SUN * plane)
    strength = np.clip(blur(np.hypot(*slopes(blur(grey(picture), 1.5))), 3) * 14, 0, 1)
    edge = along_edges(grey(picture), 3)
    turned = (ground.tile("whirl-cos") + 1j * ground.tile("whirl-sin")) * (1 - strength) + np.exp(2j * edge) * strength
    return brushed(picture, ((16, 5, 3), (12, 4, 1.5), (9, 3, 0.8)), np.angle(turned) / 2, "oil", random, light=0.7, jitter=0.075, curve=3)


GROUT, LEAD = np.array([0.85, 0.82, 0.76]), np.array([0.05, 0.05, 0.06])


def mosaic(photo: np.ndarray, ground: Ground, random: np.random.Generator) -> np.ndarray:
    """Small stones of one colour each, no two quite alike, in pale grout."""
    picture = saturated(contrasted(photo), 1.5)
    border = 4 * ground.tile("tesserae-border")
    found = ground.at_centres(blur(picture, 2), "tesserae") + 0.05 * ground.tile("tesserae-tint")[..., None]
    found = found + 0.05 * np.clip(border - 2.5, -1, 1)[..., None]
    grout = np.clip((1.3 - border) / 0.9, 0, 1)[..., None]
    return found * (1 - grout) + grout * GROUT


def stained_glass(photo: np.ndarray, ground: Ground, random: np.random.Generator) -> np.ndarray:
    """Panes of clear colour that glow unevenly, leaded along their borders and along the outlines of things."""
    picture = saturated(contrasted(photo), 1.9)
    panes = ground.at_centres(blur(picture, 3), "panes")
    panes = np.clip((panes - 0.5) * 1.15 + 0.55 + 0.06 * ground.tile("panes-tint")[..., None], 0, 1)
    lead = np.clip((1.4 - 4 * ground.tile("panes-border")) / 0.9, 0, 1)
    lead = np.maximum(lead, np.clip(edges(grey(picture), 1.8) * 1.6, 0, 1))[..., None]
    return panes * (1 + 0.08 * ground.tile("bloom"))[..., None] * (1 - lead) + lead * LEAD


INKS = {"cyan": (0.0, 0.62, 0.9), "magenta": (0.9, 0.08, 0.5), "yellow": (1.0, 0.88, 0.05), "black": (0.1, 0.1, 0.12)}


def halftone(photo: np.ndarray, ground: Ground, random: np.random.Generator) -> np.ndarray:
    """Newsprint: cyan, magenta, yellow and black dots, each on a screen of its own angle."""
    ink = 1 - saturated(contrasted(photo), 1.2)
    black = ink.min(-1) * 0.75
    planes = [*(np.clip((ink[..., channel] - black) / (1 - black + 1e-3), 0, 1) for channel in range(3)), black]
    found = np.ones_like(photo) * np.array([0.97, 0.95, 0.88], np.float32)
    for plane, (name, colour) in zip(planes, INKS.items(), strict=True):
        radius = np.sqrt(np.clip(blur(plane, 1.2), 0, 1)) * 3.8
        dot = np.clip(radius - ground.screen(name) + 0.5, 0, 1)[..., None]
        found = found * (1 - dot * (1 - np.array(colour, np.float32)))
    return found


def watercolour(photo: np.ndarray, ground: Ground, random: np.random.Generator) -> np.ndarray:
    """Washes that bleed over their edges and dry darker there, on rough white paper."""
    shape = photo.shape[:2]
    picture = np.clip(smooth_flats(saturated(contrasted(photo), 1.5), 2, 7) * 0.86 + 0.16, 0, 1)
    shift = np.rint(1.2 * ground.tile("bloom")).astype(int), np.rint(1.2 * ground.tile("drift")).astype(int)
    y, x = np.mgrid[: shape[0], : shape[1]]
    picture = picture[np.clip(y + shift[0], 0, shape[0] - 1), np.clip(x + shift[1], 0, shape[1] - 1)]
    plane = blur(grey(picture), 1)
    level = plane * 5 + 0.3 * ground.tile("drift")
    wash = (np.floor(level) + 0.5) / 5
    picture = np.clip(picture * (0.35 + 0.65 * (wash / (plane + 0.05)).clip(0.5, 1.8))[..., None], 0, 1)
    dried = np.clip(np.hypot(*slopes(blur(wash, 0.8))) * 2.2, 0, 0.4)
    density = (1 - picture) * (0.85 + 0.11 * ground.tile("drift") + 0.09 * ground.tile("bloom") + dried)[..., None]
    found = 1 - density * 0.95 + paper(ground, 0.026)[..., None]
    line = np.clip(edges(grey(photo), 1.0) * 0.7, 0, 0.5)[..., None]
    return found * (1 - line) + line * np.array([0.25, 0.22, 0.3])


def pencil(photo: np.ndarray, ground: Ground, random: np.random.Generator) -> np.ndarray:
    plane = blur(grey(contrasted(photo)), 0.8)
    grain = ground.tile("grain")
    found = np.full(plane.shape, 0.96)
    for name, level in (("pencil-1", 0.84), ("pencil-2", 0.55), ("pencil-3", 0.32)):
        dark = np.clip((level - plane) * 2.6, 0, 1)
        stroke = np.clip((dark * 1.25 - ground.lines(name)) * 2.2 + 0.1, 0, 1) * np.clip(0.75 + 0.3 * grain + 0.2 * ground.tile("bloom"), 0, 1)
        found = found - 0.36 * stroke * np.sqrt(dark)
    outline = np.clip(edges(plane, 0.9) + 0.7 * edges(plane, 2.0), 0, 1) * np.clip(0.85 + 0.2 * grain, 0, 1)
    found = np.minimum(found, 1 - 0.82 * outline) + 0.015 * grain
    return found[..., None] * np.array([1.0, 0.985, 0.96])


UKIYO = np.array([(28, 44, 84), (62, 104, 150), (140, 178, 190), (226, 208, 170), (243, 230, 200), (196, 84, 58), (214, 150, 80),
                  (110, 128, 84), (70, 82, 70), (150, 116, 84), (84, 58, 52), (224, 172, 150)], np.float32) / 255  # fmt: skip
POP = np.array([(20, 18, 40), (230, 30, 90), (255, 210, 30), (20, 160, 220), (250, 245, 235), (250, 120, 40), (110, 50, 160), (60, 190, 120)], np.float32) / 255


LUMA = np.array([0.299, 0.587, 0.114], np.float32)
# A style's palette, how much colours are saturated before they are sorted into it, and how brightness and hue weigh.
PALETTES = {"ukiyo-e": (UKIYO, 1.5, (2.0, 1.0)), "pop-art": (POP, 2.0, (1.6, 1.0))}


def palette_scores(palette: np.ndarray, saturation: float, weight: tuple[float, float]) -> np.ndarray:
    """[entries, 4]: what `in_palette` does to a saturated colour, as numbers whose product with the colour (less a half) and 1 is largest for its entry."""
    hue = np.eye(3) - LUMA
    metric = weight[0] * np.outer(LUMA, LUMA) + weight[1] * hue.T @ hue
    middles = palette - 0.5
    scores = 2 * middles @ metric @ (np.eye(3) + (saturation - 1) * hue)
    return np.concatenate([scores, -(middles @ metric * middles).sum(1, keepdims=True)], 1)


def in_palette(picture: np.ndarray, palette: np.ndarray, weight: tuple[float, float] = (2.0, 1.0)) -> np.ndarray:
    """The palette's entry nearest in brightness and, less so, in hue."""
    brightness = grey(picture)[..., None]
    distance = weight[0] * np.square(brightness - grey(palette)) + weight[1] * np.square(
        (picture - brightness)[..., None, :] - (palette - grey(palette)[:, None])
    ).sum(-1)
    return palette[distance.argmin(-1)]


def ukiyo_e(photo: np.ndarray, ground: Ground, random: np.random.Generator) -> np.ndarray:
    """Woodblock colours: flats of few pigments with indigo outlines, and the grain of the block."""
    picture = smooth_flats(saturated(contrasted(photo), 1.5), 3, 7)
    flats = blur(in_palette(picture, UKIYO), 0.6)
    grain = 0.02 * np.sin(ground.y / 1.7 + 2 * ground.tile("drift")) + 0.02 * ground.tile("tooth")
    outline = np.clip(edges(blur(grey(picture), 0.5), 1.4) * 1.5, 0, 1)[..., None]
    return (flats + grain[..., None]) * (1 - outline) + outline * np.array([0.1, 0.13, 0.26])


def pointillism(photo: np.ndarray, ground: Ground, random: np.random.Generator) -> np.ndarray:
    """Dots of pure paint over larger ones: some warmer, some colder than what they stand for."""
    picture = saturated(contrasted(photo), 1.6)
    found = 0.4 * blur(picture, 5) + 0.6 * np.array([0.93, 0.88, 0.76])
    for name, radius, softness, seldom in (("large-dots", 3.7, 2.0, -9.0), ("small-dots", 2.6, 1.0, -0.35)):
        tint = ground.tile(f"{name}-tint")
        paint = ground.at_centres(blur(picture, softness), name) + tint[..., None] * np.array([0.13, 0.06, -0.13])
        distance = np.hypot(ground.bytes(f"{name}-down"), ground.bytes(f"{name}-right"))
        dot = (np.clip(radius - distance + 0.5, 0, 1) * np.clip((tint - seldom) * 20, 0, 1))[..., None]
        found = found * (1 - dot) + np.clip(paint, 0, 1) * dot
    return found


def woodcut(photo: np.ndarray, ground: Ground, random: np.random.Generator) -> np.ndarray:
    """Black ink on warm paper: lines carved along the forms, as thick as the place is dark."""
    plane = blur(grey(contrasted(photo)), 1.3)
    phase = carved(ground.x, ground.y, blur(plane, 6), ground.tile("drift"))
    line = 2 * np.abs(phase - np.rint(phase))
    inked = np.clip(((1 - plane) * 1.25 - 0.12 - line) * 4 + 0.5, 0, 1)
    inked = np.maximum(inked, np.clip((0.2 - plane) * 9, 0, 1)) * (1 - np.clip((plane - 0.84) * 12, 0, 1))
    inked = np.maximum(inked, np.clip(edges(plane, 1.5) * 1.8, 0, 1))[..., None]
    return inked * np.array([0.09, 0.075, 0.07]) + (1 - inked) * np.array([0.95, 0.9, 0.79])


def carved(x, y, level, drift):
    """Parallel lines that bend as a height does: its level lines, nearly."""
    return (y * 0.8 + x * 0.35) / 5.2 + 8.3 * level + 0.25 * drift


def charcoal(photo: np.ndarray, ground: Ground, random: np.random.Generator) -> np.ndarray:
    plane = grey(contrasted(photo))
    tooth = 0.45 * ground.tile("grain") + 0.75 * ground.tile("tooth")
    tone = 0.55 * blur(plane, 3) + 0.45 * blur(plane, 1)
    found = 1 / (1 + np.exp(-(tone - 0.42 + 0.12 * tooth + 0.12 * ground.tile("streak")) * 6.5))
    outline = np.clip(edges(plane, 1.6) * 1.2 + 0.7 * edges(plane, 3), 0, 1) * np.clip(0.8 + 0.25 * tooth, 0, 1)
    found = 0.08 + 0.84 * np.minimum(found, 1 - 0.9 * outline)
    return found[..., None] * np.array([1.0, 0.985, 0.955])


def crosshatch(photo: np.ndarray, ground: Ground, random: np.random.Generator) -> np.ndarray:
    """Ink: up to four crossing sets of fine lines, and a pen's outline."""
    plane = blur(grey(contrasted(photo)), 0.7)
    ink = np.zeros(plane.shape)
    for name, level in (("ink-1", 0.78), ("ink-2", 0.58), ("ink-3", 0.4), ("ink-4", 0.24)):
        thick = np.clip((level - plane) * 2.2, 0, 0.75)
        ink = np.maximum(ink, np.clip((thick * 0.9 + 0.08 - ground.lines(name)) * 3.6, 0, 1) * (thick > 0.02))
    ink = np.maximum(ink, np.clip(edges(plane, 1.1) * 1.6, 0, 1))[..., None]
    return ink * np.array([0.12, 0.1, 0.2]) + (1 - ink) * np.array([0.985, 0.97, 0.93])


def pixel_art(photo: np.ndarray, ground: Ground, random: np.random.Generator) -> np.ndarray:
    """Squares of eight pixels with few levels, aligned with the picture's corner."""
    height, width = photo.shape[:2]
    small = Image.fromarray(to_bytes(saturated(contrasted(photo), 1.3))).resize((max(1, width // 8), max(1, height // 8)), Image.Resampling.BOX, (0, 0, max(8, width // 8 * 8), max(8, height // 8 * 8)))
    few = np.rint(np.asarray(small).astype(np.float32) / 255 * 5) / 5
    found = np.repeat(np.repeat(few, 8, 0), 8, 1)[:height, :width]
    return np.pad(found, ((0, height - found.shape[0]), (0, width - found.shape[1]), (0, 0)), "edge")


def pop_art(photo: np.ndarray, ground: Ground, random: np.random.Generator) -> np.ndarray:
    """Loud flats, thick outlines and a screen of dots in the half tones."""
    picture = smooth_flats(saturated(contrasted(photo), 2.0), 2, 7)
    flats = in_palette(picture, POP, (1.6, 1.0))
    plane = grey(picture)
    dot = np.clip(2.0 - ground.screen("pop") + 0.5, 0, 1) * ((plane > 0.35) & (plane < 0.68))
    flats = flats * (1 - 0.55 * dot)[..., None]
    outline = np.clip(edges(blur(plane, 0.6), 1.8) * 2.2, 0, 1)[..., None]
    return flats * (1 - outline) + outline * 0.05


def pastel(photo: np.ndarray, ground: Ground, random: np.random.Generator) -> np.ndarray:
    """Chalk in dry strokes of one direction, on a tinted ground that shows through."""
    picture = np.clip(saturated(contrasted(photo), 1.5) * 0.8 + 0.2, 0, 1)
    chalk, tooth = ground.tile("chalk"), ground.tile("tooth")
    laid = blur(picture, 2.2) + (0.07 * chalk)[..., None] * np.array([1.0, 0.8, 0.7])
    covered = np.clip(0.95 + 0.4 * chalk + 0.4 * tooth + 0.3 * ground.tile("grain"), 0.25, 1)[..., None]
    line = np.clip(edges(grey(picture), 1.6) * 1.1, 0, 0.7)[..., None] * covered
    found = laid * covered + (1 - covered) * np.array([0.72, 0.62, 0.54])
    return found * (1 - line) + line * np.array([0.28, 0.17, 0.24])


def comic(photo: np.ndarray, ground: Ground, random: np.random.Generator) -> np.ndarray:
    """Two tones of each colour, black shadows and a brush-pen outline."""
    picture = smooth_flats(saturated(contrasted(photo), 1.4), 3, 7)
    plane = grey(picture)
    shade = np.floor(np.clip(plane, 0, 0.999) * 4) / 4 + 0.16
    flats = np.clip(picture / (plane[..., None] + 0.04) * shade[..., None] * 1.05, 0, 1)
    outline = np.clip(edges(blur(plane, 0.5), 1.3) * 2.4 + edges(blur(plane, 0.5), 2.4), 0, 1)
    shadow = np.clip((0.3 - plane) * 8, 0, 1) * np.clip((0.62 - ground.lines("shade")) * 5, 0, 1)
    ink = np.maximum(outline, np.maximum(shadow, np.clip((0.14 - plane) * 14, 0, 1)))[..., None]
    return flats * (1 - ink) + ink * 0.05


def blueprint(photo: np.ndarray, ground: Ground, random: np.random.Generator) -> np.ndarray:
    """White and pale lines on blue, with a draughtsman's grid."""
    plane = grey(contrasted(photo))
    line = np.clip(edges(plane, 0.9) * 1.0 + edges(plane, 1.8) * 1.0 + edges(1 - plane, 1.8) * 0.5, 0, 1)
    hatch = np.clip((np.clip((0.45 - blur(plane, 1)) * 1.6, 0, 0.6) - ground.lines("draught")) * 3, 0, 1)
    white = np.clip(np.maximum(np.maximum(line * 0.95, hatch * 0.6), 0.16 * ground.grid()), 0, 1)[..., None]
    blue = np.array([0.06, 0.2, 0.5]) * (1 + 0.06 * ground.tile("drift") + 0.04 * ground.tile("grain"))[..., None]
    return blue * (1 - white) + white * np.array([0.93, 0.96, 1.0])


STYLES: dict[str, Program] = {
    "oil": oil, "swirl": swirl, "mosaic": mosaic, "stained-glass": stained_glass, "halftone": halftone, "watercolour": watercolour,
    "pencil": pencil, "ukiyo-e": ukiyo_e, "pointillism": pointillism, "woodcut": woodcut, "charcoal": charcoal, "crosshatch": crosshatch,
    "pixel-art": pixel_art, "pop-art": pop_art, "pastel": pastel, "comic": comic, "blueprint": blueprint,
}  # fmt: skip


def paint(photo: np.ndarray, style: str, seed: int, offset: tuple[int, int] | None = None) -> np.ndarray:
    """uint8 [H, W, 3] -> the same, painted; `offset` says where the patterns begin, else the seed does."""
    random = np.random.default_rng(seed)
    drawn = tuple(random.integers(TILE, size=2).tolist())
    return to_bytes(STYLES[style](photo.astype(np.float32) / 255, Ground(photo.shape[:2], drawn if offset is None else offset), random))


if __name__ == "__main__":
    image = Image.open(sys.argv[2]).convert("RGB")
    photo = np.asarray(image.resize([round(side * 288 / min(image.size)) for side in image.size], Image.Resampling.LANCZOS))
    found = [photo, *(paint(photo, style, 0) for style in STYLES)]
    found += [np.full_like(photo, 255)] * (-len(found) % 5)
    rows = [np.concatenate(found[at : at + 5], 1) for at in range(0, len(found), 5)]
    Image.fromarray(np.concatenate(rows)).save(Path(sys.argv[1]))
