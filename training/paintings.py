"""Pairs of a photograph and what a style's program made of it, painted once and kept.

    python training/paintings.py          # paint, and print how many there are
"""

import hashlib
import sys
from pathlib import Path

import numpy as np
from PIL import Image

import photographs
import style_programs
from digits import cache_dir
from run import say

EACH = 110  # photographs painted in each style
SIDES = (240, 352)  # of the shorter side: strokes keep their size, so the pictures vary theirs

Pair = tuple[np.ndarray, np.ndarray]


def load(sliver: bool = False) -> dict[str, list[Pair]]:
    """style -> pairs of uint8 [H, W, 3], of photographs that train; every style paints the same, with its patterns from their corner."""
    photos = _chosen([one.pixels for one in photographs.load(sliver)["train"]], 2 if sliver else EACH)
    programs = b"".join((Path(__file__).parent / name).read_bytes() for name in ("style_programs.py", "patterns.py"))
    recipe = hashlib.sha256(programs + f"{SIDES} {len(photos)}".encode()).hexdigest()[:8]
    found = {}
    for number, style in enumerate(style_programs.STYLES):
        cached = cache_dir() / f"paintings-{recipe}-{style}.npz"
        if not cached.exists():
            np.savez(cached, *_paint(style, number, photos))
            say(f"{style}: {len(photos)} paintings")
        stored = np.load(cached)
        found[style] = [(photo, stored[f"arr_{at}"]) for at, photo in enumerate(photos)]
    return found


def _paint(style: str, number: int, photos: list[np.ndarray]) -> list[np.ndarray]:
    return [style_programs.paint(photo, style, 1000 * number + at, (0, 0)) for at, photo in enumerate(photos)]


def _chosen(photos: list[np.ndarray], count: int) -> list[np.ndarray]:
    """Of several sizes, half of them mirrored."""
    random, found = np.random.default_rng(1), []
    for at in random.permutation(len(photos))[:count]:
        photo = resized(photos[at], int(random.integers(SIDES[0], SIDES[1] + 1)))
        found.append(photo[:, :: random.choice((-1, 1))])
    return found


def resized(photo: np.ndarray, shorter: int) -> np.ndarray:
    factor = shorter / min(photo.shape[:2])
    size = [round(side * factor) for side in photo.shape[1::-1]]
    return np.asarray(Image.fromarray(photo).resize(size, Image.Resampling.LANCZOS))


if __name__ == "__main__":
    sys.stdout.write(f"{sum(map(len, load().values()))} paintings\n")
