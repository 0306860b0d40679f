"""What the avatar models ship alike: the generator's graph, its manifest, directions, and how pictures are painted."""

import math
from pathlib import Path

import numpy as np
import torch

import avatar_words
import export
from avatar_net import Generator, Labels, Painter

# name, axis, from, to, words: an edit of 1 goes all the way from one label to the other.
DIRECTIONS = [
    ("smile", "mood", "sad", "happy", ["smile", "smiling", "happier"], ["sourire", "plus souriant"], ["cười", "vui hơn"]),
    ("glasses", "glasses", "no", "yes", ["glasses"], ["lunettes"], ["kính"]),
    ("beard", "beard", "no", "yes", ["beard", "bearded"], ["barbe"], ["râu"]),
    ("long-hair", "length", "short", "long", ["longer hair", "long hair"], ["cheveux longs"], ["tóc dài"]),
    ("dark-skin", "skin", "light", "dark", ["darker skin"], ["peau plus foncée"], ["da sẫm hơn"]),
    ("blond-hair", "hair", "black", "blond", ["blonder"], ["plus blond"], ["tóc vàng hơn"]),
    ("pink-hair", "hair", "black", "pink", ["pinker hair"], ["cheveux plus roses"], ["tóc hồng hơn"]),
]


def feed(labels: np.ndarray) -> dict[str, np.ndarray]:
    """Labels int64 [N, axes] -> one input for each axis."""
    return {name: np.ascontiguousarray(labels[:, i]) for i, name in enumerate(avatar_words.NAMES)}


TITLES = {
    "style": ("Style", "Style", "Phong cách"),
    "hair": ("Hair", "Cheveux", "Tóc"),
    "length": ("Hair length", "Longueur des cheveux", "Độ dài tóc"),
    "skin": ("Skin", "Peau", "Da"),
    "mood": ("Mood", "Humeur", "Tâm trạng"),
    "glasses": ("Glasses", "Lunettes", "Kính"),
    "beard": ("Beard", "Barbe", "Râu"),
}


def classes() -> list[dict]:
    return [
        {"name": axis, "title": dict(zip(("en", "fr", "vi"), TITLES[axis], strict=True)), "encoding": "index", "labels": [dict(zip(("name", "en", "fr", "vi"), label, strict=True)) for label in labels]}
        for axis, labels in avatar_words.AXES
    ]


def directions(vectors: Labels) -> list[dict]:
    found = []
    for name, axis, start, end, en, fr, vi in DIRECTIONS:
        position = avatar_words.NAMES.index(axis)
        names = [label[0] for label in avatar_words.AXES[position][1]]
        table = vectors.axes[position].weight.detach()
        vector = (table[names.index(end)] - table[names.index(start)]).tolist()
        vector = [round(value, 4) for value in vector]
        found.append({"name": name, "en": en, "fr": fr, "vi": vi, "vector": vector, "range": [-2, 2]})
    return found


@torch.no_grad()
def halve(painter: Painter, labels: torch.Tensor) -> dict[str, float]:
    """Round the painter's weights to float16; what that costs its pictures, in dB."""
    point = torch.randn(len(labels), painter.think[0].in_features) + painter.labels(labels)
    before = painter(point)
    export.round_to_half(painter)
    error = (painter(point).clamp(0, 1) - before.clamp(0, 1)).square().mean()
    return {f"pictures {export.HALF}": -10 * math.log10(error)}


def ship(generator: Generator, folder: Path, role: str, labels: torch.Tensor) -> dict:
    """Write and check the graph; return what every manifest here has. `role` is "generator" or "decoder"."""
    generator.eval()
    z = torch.randn(len(labels), generator.painter.think[0].in_features)
    inputs = {"z": z} | {name: labels[:, i].contiguous() for i, name in enumerate(avatar_words.NAMES)}
    with torch.no_grad():
        pictures = generator(*inputs.values())
    path = folder / f"{role}.onnx"
    export.trace(generator, path, inputs, ["image"])
    # Colours are divided by alpha, so where a picture is nearly invisible a rounding grows; it can't be seen.
    visible = pictures * (pictures[:, 3:] > 0.1)
    (found,) = export.session(path).run(None, {name: value.numpy() for name, value in inputs.items()})
    worst = float(np.abs(found * (pictures[:, 3:].numpy() > 0.1) - visible.numpy()).max())
    if worst > 2e-2:
        raise SystemExit(f"{path.name}: ONNX Runtime differs from PyTorch by {worst:.2g}, more than 0.02")
    return {
        "schema": 1,
        "picture": {"layout": "nchw", "range": "0..1", "width": 64, "height": 64, "channels": 4},
        "latent": {"shape": [z.shape[1]], "distribution": "normal"},
        "graphs": {
            role: {
                "file": path.name,
                "inputs": {"z": "latent"} | {name: f"class.{name}" for name in avatar_words.NAMES},
                "outputs": {"image": "picture"},
                "max_batch": 16,
            }
        },
    }


def paint(folder: Path, labels: np.ndarray, seed: int, scale: float = 1.0) -> np.ndarray:
    """Straight RGBA uint8 [N, 64, 64, 4] from the shipped graph."""
    path = folder / ("generator.onnx" if (folder / "generator.onnx").exists() else "decoder.onnx")
    run = export.session(path)
    noise = torch.Generator().manual_seed(seed)
    parts = []
    for part in np.array_split(labels, max(1, len(labels) // 64)):
        z = torch.randn(len(part), run.get_inputs()[0].shape[1], generator=noise)
        parts.append(run.run(None, {"z": scale * z.numpy(), **feed(part)})[0])
    return np.rint(np.concatenate(parts).transpose(0, 2, 3, 1) * 255).astype(np.uint8)
