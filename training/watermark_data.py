"""What the watermark learns on: photographs, paintings, icons and avatars on any ground, digits, and bare grounds.

All of them are what other models here learn from, with the same ones held out.

    python training/watermark_data.py          # fetch, draw, and write a sheet of them
"""

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

import digits
import large_icons
import paintings
import photographs
import style_programs
from digits import cache_dir
from run import say

KINDS = ("photograph", "painting", "icon", "digits", "ground")
SHARES = (0.33, 0.14, 0.44, 0.04, 0.05)
PAINTED = 30  # of each style
DRAWN = {128: 5000, 256: 400}  # to learn from, of each side


@dataclass(frozen=True)
class Pictures:
    photos: list[np.ndarray]
    paintings: list[np.ndarray]
    icons: np.ndarray
    digits: np.ndarray

    def batch(self, count: int, side: int, random: np.random.Generator) -> np.ndarray:
        return np.stack([self.one(str(random.choice(KINDS, p=SHARES)), side, random) for _ in range(count)])

    def one(self, kind: str, side: int, random: np.random.Generator) -> np.ndarray:
        """uint8 [side, side, 3]"""
        if kind == "icon":
            found = on_ground(np.asarray(self.icons[random.integers(len(self.icons))]), side, ground(side, random), random)
        elif kind == "digits":
            found = row_of_digits(self.digits, side, random)
        elif kind == "ground":
            found = ground(side, random)
        else:
            drawn = self.photos if kind == "photograph" else self.paintings
            found = cropped(drawn[random.integers(len(drawn))], side, random)
        return np.ascontiguousarray(found[:, ::-1] if random.random() < 0.5 else found)


def to_learn(sliver: bool = False) -> dict[int, np.ndarray]:
    """{side: uint8 [N, side, side, 3]}, drawn once and kept; mapped from a file and not read at once."""
    recipe = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    paths = {side: cache_dir() / f"watermark-{'sliver' if sliver else recipe}-{side}.npy" for side in DRAWN}
    if not all(path.exists() for path in paths.values()):
        drawn = load("train", sliver)
        for side, path in paths.items():
            np.save(path, drawn.batch(8 if sliver else DRAWN[side], side, np.random.default_rng(side)))
            say(f"watermark: pictures of {side}x{side} drawn")
    return {side: np.load(path, mmap_mode="r") for side, path in paths.items()}


def load(part: str = "train", sliver: bool = False) -> Pictures:
    photos = [one.pixels for one in photographs.load(sliver)[part]]
    if part == "train":
        painted = [pair[1] for pairs in paintings.load(sliver).values() for pair in pairs[:PAINTED]]
    else:
        styles = list(style_programs.STYLES)[:: 8 if sliver else 1]
        painted = [style_programs.paint(paintings.resized(photos[at % len(photos)], 300), style, at) for at, style in enumerate(styles)]
    return Pictures(photos, painted, large_icons.load(sliver)[part], digits.load()[part][0])


def cropped(picture: np.ndarray, side: int, random: np.random.Generator) -> np.ndarray:
    """A square part of at least the side, where there is one, reduced to it."""
    most = min(picture.shape[:2])
    wide = int(random.integers(min(side, most), most + 1))
    top, left = (int(random.integers(length - wide + 1)) for length in picture.shape[:2])
    return resized(picture[top : top + wide, left : left + wide], side)


def on_ground(icon: np.ndarray, side: int, ground: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Premultiplied RGBA, at most times whole and as large as the picture, else a part of it or with a margin."""
    kind = random.random()
    if kind < 0.15:
        wide = int(random.integers(len(icon) // 2, len(icon)))
        top, left = random.integers(len(icon) - wide + 1, size=2)
        icon = icon[top : top + wide, left : left + wide]
    inner = int(side * random.uniform(0.5, 0.95)) if kind > 0.75 else side
    small = np.asarray(Image.fromarray(icon, "RGBa").resize((inner, inner), Image.Resampling.BOX if inner < len(icon) else Image.Resampling.BICUBIC))
    found = ground.astype(np.float32)
    top, left = random.integers(side - inner + 1, size=2)
    under = found[top : top + inner, left : left + inner]
    under *= 1 - small[..., 3:].astype(np.float32) / 255
    under += small[..., :3]
    return np.rint(np.minimum(found, 255)).astype(np.uint8)


def ground(side: int, random: np.random.Generator) -> np.ndarray:
    """White for the most part; black, any colour, or one that becomes another."""
    kind = random.random()
    if kind < 0.5:
        return np.full((side, side, 3), 255 if kind < 0.4 else 0, np.uint8)
    one, other = random.integers(256, size=(2, 3))
    share = np.linspace(0, 1, side)[:, None, None] * (kind > 0.8)
    return np.broadcast_to(np.rint(one + (other - one) * share), (side, side, 3)).astype(np.uint8)


def row_of_digits(digits: np.ndarray, side: int, random: np.random.Generator) -> np.ndarray:
    """Digits side by side, large, white on black or black on white."""
    across = int(random.integers(1, 5))
    chosen = digits[random.integers(len(digits), size=across**2)]
    sheet = chosen.reshape(across, across, *digits.shape[1:]).transpose(0, 2, 1, 3).reshape(across * digits.shape[1], -1)
    sheet = sheet if random.random() < 0.5 else 255 - sheet
    return np.repeat(resized(sheet, side)[..., None], 3, -1)


def resized(picture: np.ndarray, side: int) -> np.ndarray:
    return np.asarray(Image.fromarray(picture).resize((side, side), Image.Resampling.LANCZOS if side < len(picture) else Image.Resampling.BICUBIC))


if __name__ == "__main__":
    random = np.random.default_rng(0)
    pictures = load(sys.argv[1] if len(sys.argv) > 1 else "train").batch(64, 128, random)
    Image.fromarray(pictures.reshape(8, 8, 128, 128, 3).transpose(0, 2, 1, 3, 4).reshape(1024, 1024, 3)).save(Path("watermark-data.png"))
