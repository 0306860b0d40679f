"""Icons at 256x256, so that each is its own exact enlargement: reduced by two and by four they are what a model is given.

Noto (Apache-2.0) and Fluent flat (MIT), as in `paint/icons.py`, and avatars of three CC0 styles, as in `avatars.py`,
drawn at twice the size and averaged. A concept is held out in every style, an avatar by its number.

    python training/large_icons.py          # fetch, draw, and print what there is
"""

import hashlib
import io
import json
import subprocess
import sys

import numpy as np
from PIL import Image

import avatars
from digits import cache_dir
from paint import icons

SIDE = 256
EACH = 900  # of each style
AVATARS = 400


def load(sliver: bool = False) -> dict[str, np.ndarray]:
    """{"train" | "held_out": premultiplied RGBA uint8 [N, 256, 256, 4]}, mapped from a file and not read at once."""
    name = "large-icons-sliver" if sliver else f"large-icons-{EACH}-{AVATARS}"
    paths = {part: cache_dir() / f"{name}-{part}.npy" for part in ("train", "held_out")}
    if not all(path.exists() for path in paths.values()):
        drawings = _emoji(16 if sliver else EACH) + ([] if sliver else _avatars())
        for part, path in paths.items():
            chosen = [svg for svg, held_out in drawings if held_out == (part == "held_out")]
            np.save(path, np.stack([draw(svg) for svg in chosen]))
    return {part: np.load(path, mmap_mode="r") for part, path in paths.items()}


def draw(svg: str, side: int = SIDE) -> np.ndarray:
    import resvg_py  # only drawing needs it

    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=2 * side, height=2 * side))
    large = np.asarray(Image.open(io.BytesIO(png)).convert("RGBA")).astype(np.float32)
    large[..., :3] *= large[..., 3:] / 255
    return np.rint(large.reshape(side, 2, side, 2, 4).mean((1, 3))).astype(np.uint8)


def _emoji(count: int) -> list[tuple[str, bool]]:
    """(SVG, whether it is held out), the first `count` of each style by the hash of their concepts."""
    found = []
    for package in icons.STYLES.values():
        with icons.archive(package) as tar:
            drawn, names = icons.read_json(tar, "icons.json"), icons.read_json(tar, "chars.json")
        by_hash = sorted((hashlib.sha256(code.replace("-fe0f", "").encode()).digest(), name) for code, name in names.items())
        found += [(icons._svg(drawn, name), digest[1] < 32) for digest, name in by_hash[:count]]
    return found


def _avatars() -> list[tuple[str, bool]]:
    folder = avatars._fetch()
    command = ["node", "avatars.mjs", str(AVATARS), "7"]
    lines = subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    return [(json.loads(line)["svg"], at % 16 == 0) for at, line in enumerate(lines)]


if __name__ == "__main__":
    for part, pictures in load().items():
        sys.stdout.write(f"{part}: {len(pictures)} pictures of {SIDE}x{SIDE}\n")
