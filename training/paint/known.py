"""What the training captions mean, for the service to notice a prompt that is far from all of them.

Beside model_index.json lie known.safetensors (`keys` [N, D]: a unit vector for each caption, half floats; `project`
[W, D], if the keys are not in the text encoder's own space) and known.txt (those captions, one in a line). A prompt is
one of the text encoder's states, projected; its likeness to a caption is the cosine.
"""

from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file, save_file

from paint import captions, icons, lexicon, painter, words

TENSORS, NAMES = "known.safetensors", "known.txt"
PLACE = 1  # the state that is held against the captions: the prompt's first subject
RECALLED = tuple((1, 2, 0)[at] for at in painter.RECALLED)  # the states by which the painter looks up its icons
WIDTH = 128  # numbers of a key, on the axes along which the captions differ most
LARGEST = 8 << 20  # bytes of either file that the service reads


def write(folder: Path, keys: np.ndarray, names: list[str], project: np.ndarray | None = None) -> None:
    """Lengths don't matter; a caption that says the same as another one is better left out."""
    if keys.ndim != 2 or len(keys) != len(names) or not len(names):
        raise ValueError(f"{len(names)} names for keys of shape {keys.shape}")
    if project is not None and (project.ndim != 2 or project.shape[1] != keys.shape[1]):
        raise ValueError(f"a projection of shape {project.shape} for keys of shape {keys.shape}")
    names = [" ".join(name.split()) for name in names]
    if not all(names):
        raise ValueError(f"name {names.index('')} is empty")
    lengths = np.linalg.norm(keys.astype(np.float64), axis=1, keepdims=True)
    tensors = {"keys": (keys / lengths).astype(np.float16)}
    if project is not None:
        # Only the direction of what comes out counts, and half floats end at 65504.
        tensors["project"] = (project / np.abs(project).max()).astype(np.float16)
    if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise ValueError("a key without a direction, or a number that is none")
    text = "".join(f"{name}\n" for name in names)
    size = max(sum(tensor.nbytes for tensor in tensors.values()) + 4096, len(text.encode()))
    if size > LARGEST:
        raise ValueError(f"{size} bytes; the service reads {LARGEST} at most")
    save_file({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, folder / TENSORS)
    (folder / TENSORS).chmod(0o644)  # the library's own choice keeps everybody else out
    (folder / NAMES).write_text(text)


def nearest(folder: Path, states: np.ndarray, place: int = 0) -> list[tuple[str, float]]:
    """For each prompt's states [tokens, W], as the text encoder gives them, the nearest caption and its likeness."""
    tensors = {name: tensor.astype(np.float32) for name, tensor in load_file(folder / TENSORS).items()}
    names = (folder / NAMES).read_text().splitlines()
    places = states[:, place] @ tensors["project"] if "project" in tensors else states[:, place]
    likeness = places @ tensors["keys"].T / np.maximum(np.linalg.norm(places, axis=1, keepdims=True), 1e-20)
    best = likeness.argmax(1)
    return [(names[at], float(row[at])) for at, row in zip(best, likeness, strict=True)]


def tell(folder: Path, gallery, memory, tokenizer, encoder) -> tuple[float, float]:
    """Writes what the memory's concepts are called; answers (far, the share of ELSEWHERE that is warned of).

    One held-out keyword in ten, words that people may well say, is farther than `far`.
    """
    keys = memory.keys.flatten(0, 1).double()
    basis = torch.linalg.svd(keys, full_matrices=False).Vh[:WIDTH].T
    names = [name for name in called(gallery, memory) for _ in range(memory.keys.shape[1])]
    write(folder, (keys @ basis).numpy(), names, (memory.project.double() @ basis).numpy())

    def likenesses(texts: list[str]) -> np.ndarray:
        parts = [texts[start : start + 64] for start in range(0, len(texts), 64)]
        with torch.no_grad():
            found = [nearest(folder, encoder(words.numbered(tokenizer, part)).numpy(), PLACE) for part in parts]
        return np.array([likeness for part in found for _, likeness in part])

    held_out = [
        text for concept in memory.concepts if captions.split_of(gallery.concepts[concept]) == "train"
        for one in gallery.words[concept].values() for text in one.held_out
    ]  # fmt: skip
    far = round(float(np.quantile(likenesses(held_out), 0.1)), 2)
    return far, float((likenesses(list(lexicon.ELSEWHERE)) < far).mean())


def called(gallery, memory) -> list[str]:
    """What the memory's concepts are called."""
    return [gallery.words[concept]["en"].name or gallery.concepts[concept] for concept in memory.concepts]


def collections(gallery, memory, whose: dict[str, dict]) -> list[dict]:
    """Whose the memory's icons are, style by style, with the names of those that a style lacks."""
    names, found = called(gallery, memory), []
    for at, style in enumerate(icons.STYLES):
        there = memory.latents[:, at].flatten(1).any(1).tolist()
        lacks = [" ".join(name.split()) for name, is_there in zip(names, there, strict=True) if not is_there]
        found.append(whose[style] | ({"lacks": lacks} if lacks else {}))
    return found
