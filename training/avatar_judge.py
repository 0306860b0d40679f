"""What painted avatars are worth, by a classifier of real ones that no generator has learned from.

1. Accuracy: how often it reads each attribute as asked; beside it, on real avatars that nobody saw.
2. Frechet distance (Heusel et al. 2017, arXiv 1706.08500) between painted and held-out real avatars in its
   features; beside it, that of real training avatars, as many.
3. Precision and recall (Kynkaanniemi et al. 2019, 1904.06991): the share of painted avatars within the real ones'
   neighbourhoods, and of real ones within the painted ones'.
4. How near the nearest training picture is, beside the same for held-out ones, to tell painting from copying.

    make measure MODEL=avatars-gan
"""

from functools import cache
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import avatar_words
import avatars
import sheet
from avatar_net import Reader, Shape, to_tensor
from run import run_dir, say

EPOCHS, BATCH, RATE, SHIFT, NEIGHBOURS = 5, 64, 2e-3, 2, 3


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.read = Reader(Shape(features=128), norm=True)
        self.heads = nn.Linear(128, sum(avatar_words.SIZES))

    def forward(self, pictures):
        return self.heads(F.dropout(self.read(pictures), 0.2, self.training)).split(avatar_words.SIZES, 1)


@torch.enable_grad()
def fit(pictures: np.ndarray, labels: np.ndarray) -> Classifier:
    """Pictures are shifted a little and made a little lighter or darker as it learns."""
    torch.manual_seed(7)
    network, y = Classifier().to(memory_format=torch.channels_last), torch.from_numpy(labels)
    steps = EPOCHS * (len(y) // BATCH)
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE * 2, total_steps=steps)
    for step in range(steps):
        if step % (len(y) // BATCH) == 0:
            order = torch.randperm(len(y))
        rows = order[(step % (len(y) // BATCH)) * BATCH :][:BATCH]
        down, across = torch.randint(-SHIFT, SHIFT + 1, (2,)).tolist()
        light = 1 + 0.1 * torch.randn(len(rows), 1, 1, 1)
        seen = (to_tensor(pictures[rows.numpy()]).roll((down, across), (2, 3)) * light).clamp(0, 1)
        loss = sum(F.cross_entropy(logits, y[rows, i]) for i, logits in enumerate(network(seen)))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return network.eval()


@cache
def real_judge() -> Classifier:
    """The classifier trained on all real training avatars, kept between runs."""
    path = run_dir("judge") / f"avatars-{avatars._recipe()}.pt"
    if not path.exists():
        say("judge: learning to read real avatars")
        torch.save(fit(*avatars.load()["train"]).state_dict(), path)
    network = Classifier()
    network.load_state_dict(torch.load(path, weights_only=True))
    return network.eval()


@torch.no_grad()
def read(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Premultiplied uint8 pictures -> features [N, 128] and the labels read [N, axes]."""
    judge, features, labels = real_judge(), [], []
    for part in np.array_split(pictures, max(1, len(pictures) // 64)):
        x = to_tensor(part)
        features.append(judge.read(x))
        labels.append(torch.stack([logits.argmax(1) for logits in judge(x)], 1))
    return torch.cat(features).numpy().astype(np.float64), torch.cat(labels).numpy()


def frechet(a: np.ndarray, b: np.ndarray) -> float:
    """Between Gaussians fitted to two sets of features."""
    first, second = np.cov(a.T), np.cov(b.T)
    values, vectors = np.linalg.eigh(first)
    root = vectors * np.sqrt(values.clip(0)) @ vectors.T
    crossed = np.sqrt(np.linalg.eigvalsh(root @ second @ root).clip(0)).sum()
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(first) + np.trace(second) - 2 * crossed)


def distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    squared = (a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T
    return np.sqrt(squared.clip(0))


def covered(points: np.ndarray, by: np.ndarray) -> float:
    """The share of `points` that lie within the neighbourhood of a point of `by`."""
    radii = np.sort(distances(by, by), axis=1)[:, NEIGHBOURS]
    return float((distances(points, by) <= radii).any(1).mean())


def pixels(pictures: np.ndarray) -> np.ndarray:
    """Pictures at 32x32, flat, in 0..1: what the search for the nearest compares."""
    return F.avg_pool2d(to_tensor(pictures), 2).flatten(1).numpy()


def measure(painted: np.ndarray, labels: np.ndarray) -> list[tuple[str, float, str]]:
    """(metric, value, unit) for straight RGBA avatars painted as the held-out ones are labelled."""
    parts = avatars.load()
    real, shown = parts["held_out"][0], parts["train"][0]
    painted = premultiply(painted)
    features, found = read(painted)
    real_features, real_found = read(real)
    shown_features, _ = read(shown[: len(real)])
    right, real_right = found == labels, real_found == parts["held_out"][1]
    by_attribute = zip(avatar_words.NAMES, right.mean(0), real_right.mean(0), strict=True)
    train = pixels(shown)
    nearest, real_nearest = (np.median(distances(pixels(some), train).min(1)) for some in (painted, real))
    return [
        ("attributes that a classifier of real avatars reads as asked", 100 * right.mean(), "%"),
        ("the same classifier on unseen real avatars", 100 * real_right.mean(), "%"),
        *((f"{name} read as asked (of unseen real ones {100 * real:.1f})", 100 * share, "%") for name, share, real in by_attribute),
        ("painted avatars with all seven attributes as asked", 100 * right.all(1).mean(), "%"),
        ("Fréchet distance to unseen real avatars, in that classifier's features", frechet(features, real_features), ""),
        ("the same for as many real training avatars, whose labels differ", frechet(shown_features, real_features), ""),
        ("precision: painted avatars among real ones", 100 * covered(features, real_features), "%"),
        ("recall: real avatars among painted ones", 100 * covered(real_features, features), "%"),
        ("recall of as many real training avatars", 100 * covered(real_features, shown_features), "%"),
        ("median distance to the nearest training avatar", nearest, "(L2 at 32×32)"),
        ("the same for unseen real avatars", real_nearest, "(L2 at 32×32)"),
    ]


def premultiply(pictures: np.ndarray) -> np.ndarray:
    colours = np.rint(pictures[..., :3] * (pictures[..., 3:] / np.float32(255)))
    return np.concatenate([colours.astype(np.uint8), pictures[..., 3:]], -1)


def neighbours(painted: np.ndarray, path: Path) -> None:
    """A sheet with a painted avatar at the top of each column and its three nearest training avatars below it."""
    train = avatars.load()["train"][0]
    order = distances(pixels(premultiply(painted)), pixels(train)).argsort(1)[:, :3]
    rows = [painted, *(avatars.straight(train[order[:, i]]) for i in range(3))]
    sheet.write(np.concatenate(rows), len(painted), path, scale=1)
