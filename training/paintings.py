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

EACH = 72  # photographs painted in each style
SIDES = (240, 352)  # of the shorter side: strokes keep their size, so the pictures vary theirs

Pair = tuple[np.ndarray, np.ndarray]


def load(sliver: bool = False) -> dict[str, list[Pair]]:
    """style -> pairs of uint8 [H, W, 3], of photographs that train."""
    photos = [one.pixels for one in photographs.load(sliver)["train"]]
    recipe = hashlib.sha256(Path(style_programs.__file__).read_bytes() + f"{EACH} {SIDES} {len(photos)}".encode()).hexdigest()[:8]
    found = {}
    for number, style in enumerate(style_programs.STYLES):
        cached = cache_dir() / f"paintings-{recipe}-{style}.npz"
        if not cached.exists():
            pairs = _paint(style, number, photos, 2 if sliver else EACH)
            np.savez(cached, *(picture for pair in pairs for picture in pair))
            say(f"{style}: {len(pairs)} paintings")
        stored = np.load(cached)
        pictures = [stored[f"arr_{at}"] for at in range(len(stored.files))]
        found[style] = list(zip(pictures[::2], pictures[1::2], strict=True))
    return found


def _paint(style: str, number: int, photos: list[np.ndarray], count: int) -> list[Pair]:
    random = np.random.default_rng((number, 1))
    pairs = []
    for at in random.permutation(len(photos))[:count]:
        photo = resized(photos[at], int(random.integers(SIDES[0], SIDES[1] + 1)))
        pairs.append((photo, style_programs.paint(photo, style, int(random.integers(1 << 30)))))
    return pairs


def resized(photo: np.ndarray, shorter: int) -> np.ndarray:
    factor = shorter / min(photo.shape[:2])
    size = [round(side * factor) for side in photo.shape[1::-1]]
    return np.asarray(Image.fromarray(photo).resize(size, Image.Resampling.LANCZOS))


if __name__ == "__main__":
    sys.stdout.write(f"{sum(map(len, load().values()))} paintings\n")
