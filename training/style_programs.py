"""Eighteen styles, each a short program that turns a photograph into a painting: no picture of anybody's is copied.

Brushes follow Hertzmann 1998 (large strokes first, small ones where the picture still differs) and Litwinowicz 1997
(strokes lie along edges). Every program takes a photograph and a random generator, so its paintings are without end.

    python training/style_programs.py out.png photo.png     # a sheet of every style
"""

import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

Program = Callable[[np.ndarray, np.random.Generator], np.ndarray]


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


def contrasted(picture: np.ndarray, low: float = 2, high: float = 98) -> np.ndarray:
    below, above = np.percentile(grey(picture), [low, high])
    return np.clip(0.35 * picture + 0.65 * (picture - below) / max(above - below, 0.3), 0, 1)


def to_bytes(picture: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)


def nearest_centres(shape: tuple[int, int], spacing: float, random: np.random.Generator, jitter: float = 0.42) -> tuple[np.ndarray, np.ndarray]:
    """Cells around jittered centres: (number of each pixel's cell, distance to the border with the next cell)."""
    height, width = shape
    rows, columns = int(height / spacing) + 3, int(width / spacing) + 3
    centre_y = (np.arange(rows)[:, None] - 0.5 + random.uniform(-jitter, jitter, (rows, columns))) * spacing
    centre_x = (np.arange(columns)[None] - 0.5 + (np.arange(rows)[:, None] % 2) * 0.5 - 0.25 + random.uniform(-jitter, jitter, (rows, columns))) * spacing
    y, x = np.mgrid[:height, :width].astype(np.float32)
    row, column = (y / spacing + 0.5).astype(int), (x / spacing + 0.5).astype(int)
    first = np.full(shape, np.inf, np.float32)
    second, cell = first.copy(), np.zeros(shape, int)
    for down in (-1, 0, 1, 2):
        for right in (-1, 0, 1, 2):
            at_row, at_column = np.clip(row + down, 0, rows - 1), np.clip(column + right, 0, columns - 1)
            distance = np.hypot(y - centre_y[at_row, at_column], x - centre_x[at_row, at_column]).astype(np.float32)
            number = at_row * columns + at_column
            closer = distance < first
            second = np.where(closer, first, np.where((number != cell) & (distance < second), distance, second))
            first, cell = np.where(closer, distance, first), np.where(closer, number, cell)
    return cell, (second - first) / 2


def cell_means(picture: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """[cells, 3]"""
    count = np.maximum(np.bincount(cell.ravel(), minlength=cell.max() + 1), 1)
    return np.stack([np.bincount(cell.ravel(), picture[..., channel].ravel()) / count for channel in range(3)], -1)


def smooth_flats(picture: np.ndarray, times: int = 2, size: int = 5) -> np.ndarray:
    """Median filtering: flat areas that keep their edges."""
    image = Image.fromarray(to_bytes(picture))
    for _ in range(times):
        image = image.filter(ImageFilter.MedianFilter(size))
    return np.asarray(image).astype(np.float32) / 255


def paper(shape: tuple[int, int], random: np.random.Generator, strength: float) -> np.ndarray:
    return strength * (0.6 * random.standard_normal(shape) + 0.8 * clouds(shape, 3, random))


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


def oil(photo: np.ndarray, random: np.random.Generator) -> np.ndarray:
    picture = saturated(contrasted(photo), random.uniform(1.15, 1.35))
    angles = along_edges(grey(picture), 4) + 0.25 * clouds(picture.shape[:2], 40, random)
    return brushed(picture, ((26, 9, 4), (16, 6, 2), (10, 4, 1), (7, 3, 0.7)), angles, "oil", random, light=0.55, jitter=0.03)


def swirl(photo: np.ndarray, random: np.random.Generator) -> np.ndarray:
    picture = saturated(contrasted(photo), 1.6)
    plane = grey(picture)[..., None]
    night, sun = np.array([0.08, 0.2, 0.55], np.float32), np.array([1.0, 0.85, 0.3], np.float32)
    picture = 0.6 * picture + 0.4 * (night * (1 - plane) + sun * plane)
    shape = picture.shape[:2]
    down, right = slopes(clouds(shape, random.uniform(55, 75), random))
    whirl = np.arctan2(right, -down)  # along the level lines of smooth noise, which close into whirls
    strength = np.clip(blur(np.hypot(*slopes(blur(grey(picture), 1.5))), 3) * 14, 0, 1)
    edge = along_edges(grey(picture), 3)
    turn = np.angle(np.exp(2j * whirl) * (1 - strength) + np.exp(2j * edge) * strength) / 2
    return brushed(picture, ((16, 5, 3), (12, 4, 1.5), (9, 3, 0.8)), turn, "oil", random, light=0.7, jitter=0.075, curve=3)


def mosaic(photo: np.ndarray, random: np.random.Generator) -> np.ndarray:
    picture = saturated(contrasted(photo), 1.4)
    cell, border = nearest_centres(picture.shape[:2], random.uniform(8.5, 10), random, 0.24)
    tiles = cell_means(picture, cell)
    tiles = tiles + random.normal(0, 0.05, (len(tiles), 1))
    found = tiles[cell] + 0.05 * np.clip(border - 2.5, -1, 1)[..., None]
    grout = np.clip((1.2 - border) / 0.9, 0, 1)[..., None]
    return found * (1 - grout) + grout * np.array([0.83, 0.8, 0.74])


def stained_glass(photo: np.ndarray, random: np.random.Generator) -> np.ndarray:
    picture = saturated(contrasted(photo), 1.8)
    cell, border = nearest_centres(picture.shape[:2], random.uniform(14.5, 16.5), random)
    panes = saturated(cell_means(picture, cell)[None], 1.25)[0]
    panes = np.clip((panes - 0.5) * 1.15 + 0.54 + random.normal(0, 0.05, (len(panes), 1)), 0, 1)
    glow = 0.07 * clouds(picture.shape[:2], 9, random)
    lead = np.clip((1.25 - border) / 0.9, 0, 1)
    lead = np.maximum(lead, np.clip(edges(grey(picture), 1.8) * 1.6, 0, 1))
    found = panes[cell] * (1 + glow)[..., None]
    return found * (1 - lead[..., None]) + lead[..., None] * 0.06


def halftone(photo: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Newsprint: cyan, magenta, yellow and black dots, each on a screen of its own angle."""
    picture = saturated(contrasted(photo), 1.2)
    ink = 1 - picture
    black = ink.min(-1) * 0.75
    planes = [*(np.clip((ink[..., channel] - black) / (1 - black + 1e-3), 0, 1) for channel in range(3)), black]
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]]
    pitch = random.uniform(5.8, 6.4)
    cream = np.ones_like(picture) * np.array([0.97, 0.95, 0.88], np.float32)
    inks = ((0.0, 0.62, 0.9), (0.9, 0.08, 0.5), (1.0, 0.88, 0.05), (0.1, 0.1, 0.12))
    for plane, degrees, colour in zip(planes, (15, 75, 0, 45), inks, strict=True):
        angle = np.deg2rad(degrees)
        u, v = (x * np.cos(angle) + y * np.sin(angle)) / pitch, (y * np.cos(angle) - x * np.sin(angle)) / pitch
        distance = np.hypot(u - np.rint(u), v - np.rint(v)) * pitch
        radius = np.sqrt(np.clip(blur(plane, 1.2), 0, 1)) * pitch * 0.62
        dot = np.clip(radius - distance + 0.5, 0, 1)[..., None]
        cream = cream * (1 - dot * (1 - np.array(colour, np.float32)))
    return cream


def watercolour(photo: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Washes that bleed over their edges and dry darker there, on rough white paper."""
    shape = photo.shape[:2]
    picture = np.clip(smooth_flats(saturated(contrasted(photo), 1.3), 1, 7) * 0.86 + 0.16, 0, 1)
    shift = [np.rint(1.1 * clouds(shape, 8, random)).astype(int) for _ in range(2)]
    y, x = np.mgrid[: shape[0], : shape[1]]
    picture = picture[np.clip(y + shift[0], 0, shape[0] - 1), np.clip(x + shift[1], 0, shape[1] - 1)]
    levels = 6
    plane = grey(picture)
    wash = np.floor(plane * levels + 0.25 * clouds(shape, 20, random)) / levels + 0.5 / levels
    picture = np.clip(picture * (0.45 + 0.55 * (wash / (plane + 0.05)).clip(0.5, 1.8))[..., None], 0, 1)
    dried = np.clip(np.hypot(*slopes(blur(wash, 0.7))) * 1.5, 0, 0.3)
    bloom = 0.09 * clouds(shape, 26, random) + 0.05 * clouds(shape, 7, random)
    density = (1 - picture) * (0.82 + bloom + dried)[..., None]
    found = 1 - density * 0.95
    found = found + paper(shape, random, 0.018)[..., None]
    line = np.clip(edges(grey(photo), 1.0) * 0.9, 0, 0.6)[..., None]
    return found * (1 - line) + line * np.array([0.25, 0.22, 0.3])


def hatched(shape: tuple[int, int], angle: float, pitch: float, wobble: np.ndarray) -> np.ndarray:
    """0..1: distance from the nearest of parallel, slightly shaking lines, 1 halfway between two."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    phase = (x * np.sin(angle) + y * np.cos(angle)) / pitch + wobble
    return 2 * np.abs(phase - np.rint(phase))


def pencil(photo: np.ndarray, random: np.random.Generator) -> np.ndarray:
    shape = photo.shape[:2]
    plane = blur(grey(contrasted(photo)), 0.8)
    grain = random.standard_normal(shape)
    found = np.full(shape, 0.95)
    for angle, level in ((0.7, 0.82), (0.85, 0.55), (-0.5, 0.3)):
        line = hatched(shape, angle, random.uniform(3.6, 4.2), 0.25 * clouds(shape, 30, random))
        dark = np.clip((level - plane) * 2.6, 0, 1)
        stroke = np.clip((dark * 1.25 - line) * 2.2 + 0.1, 0, 1) * np.clip(0.75 + 0.3 * grain + 0.2 * clouds(shape, 6, random), 0, 1)
        found = found - 0.36 * stroke * np.sqrt(dark)
    outline = np.clip(edges(plane, 0.9) + 0.7 * edges(plane, 2.0), 0, 1) * np.clip(0.85 + 0.2 * grain, 0, 1)
    found = np.minimum(found, 1 - 0.82 * outline) + 0.015 * grain
    return found[..., None] * np.array([1.0, 0.985, 0.96])


UKIYO = np.array([(28, 44, 84), (62, 104, 150), (140, 178, 190), (226, 208, 170), (243, 230, 200), (196, 84, 58), (214, 150, 80),
                  (110, 128, 84), (70, 82, 70), (150, 116, 84), (84, 58, 52), (224, 172, 150)], np.float32) / 255  # fmt: skip
POP = np.array([(20, 18, 40), (230, 30, 90), (255, 210, 30), (20, 160, 220), (250, 245, 235), (250, 120, 40), (110, 50, 160), (60, 190, 120)], np.float32) / 255


def in_palette(picture: np.ndarray, palette: np.ndarray, weight: tuple[float, float] = (2.0, 1.0)) -> np.ndarray:
    """The palette's entry nearest in brightness and, less so, in hue."""
    brightness = grey(picture)[..., None]
    distance = weight[0] * np.square(brightness - grey(palette)) + weight[1] * np.square(
        (picture - brightness)[..., None, :] - (palette - grey(palette)[:, None])
    ).sum(-1)
    return palette[distance.argmin(-1)]


def ukiyo_e(photo: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Woodblock colours: flats of few pigments with indigo outlines, and the grain of the block."""
    shape = photo.shape[:2]
    picture = smooth_flats(saturated(contrasted(photo), 1.5), 3, 7)
    flats = blur(in_palette(picture, UKIYO), 0.6)
    y, _ = np.mgrid[: shape[0], : shape[1]]
    grain = 0.022 * np.sin(y / 1.7 + 2 * clouds(shape, 30, random)) + 0.02 * clouds(shape, 3, random)
    outline = np.clip(edges(blur(grey(picture), 0.5), 1.4) * 1.5, 0, 1)[..., None]
    return (flats + grain[..., None]) * (1 - outline) + outline * np.array([0.1, 0.13, 0.26])


def pointillism(photo: np.ndarray, random: np.random.Generator) -> np.ndarray:
    picture = saturated(contrasted(photo), 1.45)
    height, width = picture.shape[:2]
    canvas = Image.fromarray(to_bytes(0.75 * blur(picture, 5) + 0.25 * np.array([0.96, 0.92, 0.8])))
    flat = np.zeros((height, width), np.float32)
    for size, softness, jitter in ((7, 2.5, 0.1), (5, 1.2, 0.11), (5, 0.8, 0.11)):
        strokes(canvas, None, blur(picture, softness), flat, size, size, "dot", random, everywhere=True, jitter=jitter, density=0.82)
    return np.asarray(canvas).astype(np.float32) / 255


def woodcut(photo: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Black ink on warm paper: lines carved along the forms, as thick as the place is dark."""
    shape = photo.shape[:2]
    plane = blur(grey(contrasted(photo, 4, 96)), 1.3)
    level = blur(plane, 6) * 26 + 0.8 * clouds(shape, 34, random)
    y, x = np.mgrid[: shape[0], : shape[1]]
    line = 2 * np.abs((y * 0.8 + x * 0.35) / 5.2 + 0.32 * level - np.rint((y * 0.8 + x * 0.35) / 5.2 + 0.32 * level))
    inked = np.clip(((1 - plane) * 1.25 - 0.12 - line) * 4 + 0.5, 0, 1)
    inked = np.maximum(inked, np.clip((0.2 - plane) * 9, 0, 1)) * (1 - np.clip((plane - 0.84) * 12, 0, 1))
    inked = np.maximum(inked, np.clip(edges(plane, 1.5) * 1.8, 0, 1))[..., None]
    return inked * np.array([0.09, 0.075, 0.07]) + (1 - inked) * np.array([0.95, 0.9, 0.79])


def charcoal(photo: np.ndarray, random: np.random.Generator) -> np.ndarray:
    shape = photo.shape[:2]
    plane = grey(contrasted(photo))
    tooth = 0.6 * random.standard_normal(shape) + 0.7 * clouds(shape, 2.4, random)
    streak = np.asarray(Image.fromarray(random.standard_normal(shape).astype(np.float32)))
    angle_blur = sum(np.roll(np.roll(streak, at, 0), at, 1) for at in range(-5, 6)) / 3.3
    smudged = blur(plane, 3)
    tone = 0.55 * smudged + 0.45 * blur(plane, 1)
    found = 1 / (1 + np.exp(-(tone - 0.42 + 0.13 * tooth + 0.1 * angle_blur) * 6.5))
    outline = np.clip(edges(plane, 1.6) * 1.2 + 0.7 * edges(plane, 3), 0, 1) * np.clip(0.8 + 0.25 * tooth, 0, 1)
    found = 0.08 + 0.84 * np.minimum(found, 1 - 0.9 * outline)
    return found[..., None] * np.array([1.0, 0.985, 0.955])


def crosshatch(photo: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Ink: up to four crossing sets of fine lines, and a pen's outline."""
    shape = photo.shape[:2]
    plane = blur(grey(contrasted(photo)), 0.7)
    ink = np.zeros(shape)
    for angle, level in ((0.785, 0.78), (-0.785, 0.58), (0.1, 0.4), (1.5, 0.24)):
        line = hatched(shape, angle, 5.0, 0.12 * clouds(shape, 24, random))
        thick = np.clip((level - plane) * 2.2, 0, 0.75)
        ink = np.maximum(ink, np.clip((thick * 0.9 + 0.08 - line) * 3.6, 0, 1) * (thick > 0.02))
    ink = np.maximum(ink, np.clip(edges(plane, 1.1) * 1.6, 0, 1))[..., None]
    return ink * np.array([0.12, 0.1, 0.2]) + (1 - ink) * np.array([0.985, 0.97, 0.93])


def pixel_art(photo: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Squares of eight pixels with few levels, aligned with the picture's corner."""
    height, width = photo.shape[:2]
    small = Image.fromarray(to_bytes(saturated(contrasted(photo), 1.3))).resize((max(1, width // 8), max(1, height // 8)), Image.Resampling.BOX)
    few = np.rint(np.asarray(small).astype(np.float32) / 255 * 5) / 5
    found = np.repeat(np.repeat(few, 8, 0), 8, 1)
    return np.pad(found, ((0, height - found.shape[0]), (0, width - found.shape[1]), (0, 0)), "edge")


def pop_art(photo: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Loud flats, thick outlines and a screen of dots in the half tones."""
    shape = photo.shape[:2]
    picture = smooth_flats(saturated(contrasted(photo, 4, 96), 2.0), 2, 7)
    flats = in_palette(picture, POP, (1.6, 1.0))
    plane = grey(picture)
    y, x = np.mgrid[: shape[0], : shape[1]]
    u, v = (x + y) / 8.5, (x - y) / 8.5
    dot = np.hypot(u - np.rint(u), v - np.rint(v)) < 0.34
    middle = (plane > 0.35) & (plane < 0.68)
    flats = np.where((dot & middle)[..., None], flats * 0.45 + 0.02, flats)
    outline = np.clip(edges(blur(plane, 0.6), 1.8) * 2.2, 0, 1)[..., None]
    return flats * (1 - outline) + outline * 0.05


def pastel(photo: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Chalk in broad dry strokes on a tinted ground that shows through."""
    picture = np.clip(saturated(contrasted(photo), 1.15) * 0.82 + 0.16, 0, 1)
    shape = picture.shape[:2]
    ground = np.array([0.62, 0.52, 0.46])
    canvas = Image.fromarray(to_bytes(0.5 * blur(picture, 4) + 0.5 * ground))
    angles = np.full(shape, 0.9) + 0.35 * clouds(shape, 60, random)
    for length, width, softness in ((22, 7, 3), (16, 5, 1.5), (12, 4, 0.8), (12, 3, 0.6)):
        strokes(canvas, None, blur(picture, softness), angles, length, width, "dry", random, everywhere=True, jitter=0.05, density=0.8)
    found = np.asarray(canvas).astype(np.float32) / 255
    tooth = clouds(shape, 2.0, random) + random.standard_normal(shape)
    return found + 0.03 * tooth[..., None]


def gouache(photo: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Opaque, matte flats laid with a broad flat brush."""
    picture = smooth_flats(saturated(contrasted(photo), 1.25), 3, 7)
    picture = np.floor(picture * 6 + 0.5) / 6 * 0.86 + 0.1
    angles = along_edges(grey(picture), 6) + 0.5 * clouds(picture.shape[:2], 50, random)
    found = brushed(picture, ((20, 12, 0.6), (14, 8, 0.6), (8, 5, 0.6), (6, 3, 0.6)), angles, "flat", random, light=0.12, jitter=0.022)
    return found + paper(picture.shape[:2], random, 0.008)[..., None]


def comic(photo: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Two tones of each colour, black shadows and a brush-pen outline."""
    picture = smooth_flats(saturated(contrasted(photo), 1.4), 3, 7)
    plane = grey(picture)
    shade = np.floor(np.clip(plane, 0, 0.999) * 4) / 4 + 0.16
    flats = np.clip(picture / (plane[..., None] + 0.04) * shade[..., None] * 1.05, 0, 1)
    outline = np.clip(edges(blur(plane, 0.5), 1.3) * 2.4 + edges(blur(plane, 0.5), 2.4), 0, 1)
    line = hatched(plane.shape, 0.785, 5.0, np.zeros_like(plane))
    shadow = np.clip((0.3 - plane) * 8, 0, 1) * np.clip((0.62 - line) * 5, 0, 1)
    ink = np.maximum(outline, np.maximum(shadow, np.clip((0.14 - plane) * 14, 0, 1)))[..., None]
    return flats * (1 - ink) + ink * 0.05


def blueprint(photo: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """White and pale lines on blue, with a draughtsman's grid."""
    shape = photo.shape[:2]
    plane = grey(contrasted(photo))
    line = np.clip(edges(plane, 0.9) * 1.3 + edges(plane, 1.8) * 0.9 + edges(1 - plane, 1.4) * 0.6, 0, 1)
    hatch = np.clip((np.clip((0.45 - blur(plane, 1)) * 1.6, 0, 0.6) - hatched(shape, 0.785, 6.0, np.zeros(shape))) * 3, 0, 1)
    y, x = np.mgrid[: shape[0], : shape[1]]
    grid = 0.16 * ((y % 16 == 0) | (x % 16 == 0))
    white = np.clip(np.maximum(np.maximum(line * 0.95, hatch * 0.6), grid), 0, 1)[..., None]
    blue = np.array([0.06, 0.2, 0.5]) * (1 + 0.06 * clouds(shape, 20, random) + 0.05 * random.standard_normal(shape))[..., None]
    return blue * (1 - white) + white * np.array([0.93, 0.96, 1.0])


STYLES: dict[str, Program] = {
    "oil": oil, "swirl": swirl, "mosaic": mosaic, "stained-glass": stained_glass, "halftone": halftone, "watercolour": watercolour,
    "pencil": pencil, "ukiyo-e": ukiyo_e, "pointillism": pointillism, "woodcut": woodcut, "charcoal": charcoal, "crosshatch": crosshatch,
    "pixel-art": pixel_art, "pop-art": pop_art, "pastel": pastel, "gouache": gouache, "comic": comic, "blueprint": blueprint,
}  # fmt: skip


def paint(photo: np.ndarray, style: str, seed: int) -> np.ndarray:
    """uint8 [H, W, 3] -> the same, painted."""
    return to_bytes(STYLES[style](photo.astype(np.float32) / 255, np.random.default_rng(seed)))


if __name__ == "__main__":
    image = Image.open(sys.argv[2]).convert("RGB")
    photo = np.asarray(image.resize([round(side * 288 / min(image.size)) for side in image.size], Image.Resampling.LANCZOS))
    found = [photo, *(paint(photo, style, 0) for style in STYLES)]
    found += [np.full_like(photo, 255)] * (-len(found) % 5)
    rows = [np.concatenate(found[at : at + 5], 1) for at in range(0, len(found), 5)]
    Image.fromarray(np.concatenate(rows)).save(Path(sys.argv[1]))
