"""Avatars that know what they show: fetch three CC0 styles, draw, rasterise, and split them the same way everywhere.

The drawings are those of DiceBear 9.4.3 (npm `@dicebear/core`, MIT): Pixel Art (DiceBear), Lorelei (Lisa
Wischofsky) and Open Peeps (Pablo Stanley), each dedicated to the public under CC0 1.0. `avatars.mjs` chooses every
part itself, so that each picture's style, hair, skin, mood, glasses and beard are known.

Each drawing is rasterised at twice the size, premultiplied by its alpha and averaged down to 64x64. A picture is
held out by the hash of its bytes, and equal pictures are kept once, so none is in two parts.

    python training/avatars.py          # fetch, draw, and print what there is
"""

import hashlib
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

import avatar_words
from digits import cache_dir

PACKAGES = [f"@dicebear/{name}@9.4.3" for name in ("core", "pixel-art", "lorelei", "open-peeps")]
COUNT, SEED, SIDE = 7000, 1, 64


def load() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """{"train" | "held_out": (premultiplied RGBA uint8 [N, 64, 64, 4], labels int64 [N, axes])}, in hash order."""
    cached = cache_dir() / f"avatars-{_recipe()}.npz"
    if not cached.exists():
        pictures, labels = _draw(_fetch())
        np.savez_compressed(cached, pictures=pictures, labels=labels)
    stored = np.load(cached)
    pictures, labels = stored["pictures"], stored["labels"]

    digests = [hashlib.sha256(picture.tobytes()).digest() for picture in pictures]
    first = {digest: i for i, digest in reversed(list(enumerate(digests)))}
    order = [first[digest] for digest in sorted(first)]
    held_out = np.array([digests[i][0] < 38 for i in order])
    pictures, labels = pictures[order], labels[order]
    return {"held_out": (pictures[held_out], labels[held_out]), "train": (pictures[~held_out], labels[~held_out])}


def straight(pictures: np.ndarray) -> np.ndarray:
    """Premultiplied RGBA, as networks learn it, -> RGBA as files hold it; uint8 [..., 4]."""
    alpha = np.maximum(pictures[..., 3:].astype(np.float32), 1)
    colours = np.minimum(pictures[..., :3] * (255 / alpha), 255)
    return np.concatenate([np.rint(colours).astype(np.uint8), pictures[..., 3:]], -1)


def _recipe() -> str:
    text = (Path(__file__).parent / "avatars.mjs").read_text() + f"{PACKAGES} {COUNT} {SEED} {SIDE}"
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _fetch() -> Path:
    folder = cache_dir() / "dicebear"
    folder.mkdir(exist_ok=True)
    (folder / "package.json").write_text('{"private": true, "type": "module"}\n')
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", *PACKAGES]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    shutil.copy(Path(__file__).parent / "avatars.mjs", folder)
    return folder


def _draw(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    command = ["node", "avatars.mjs", str(COUNT), str(SEED)]
    lines = subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    avatars = [json.loads(line) for line in lines]
    pictures = np.stack([_rasterise(avatar["svg"]) for avatar in avatars])
    return pictures, np.array([avatar["labels"] for avatar in avatars], np.int64)


def _rasterise(svg: str) -> np.ndarray:
    import resvg_py  # only drawing needs it

    png = resvg_py.svg_to_bytes(svg_string=svg, width=2 * SIDE, height=2 * SIDE)
    values = np.asarray(Image.open(io.BytesIO(bytes(png))).convert("RGBA")).astype(np.float32)
    values[..., :3] *= values[..., 3:] / 255
    return np.rint(values.reshape(SIDE, 2, SIDE, 2, 4).mean((1, 3))).astype(np.uint8)


if __name__ == "__main__":
    for name, (pictures, labels) in load().items():
        counts = "; ".join(
            f"{axis} " + " ".join(str(count) for count in np.bincount(labels[:, i], minlength=size))
            for i, (axis, size) in enumerate(zip(avatar_words.NAMES, avatar_words.SIZES, strict=True))
        )
        sys.stdout.write(f"{name:8} {len(pictures):5} pictures, by label: {counts}\n")
