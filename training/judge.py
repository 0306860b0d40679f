"""A small classifier that judges painted digits, in two ways.

1. Trained on the real training digits, it says how many painted digits are what their class says.
2. Trained on painted digits alone, it is tested on real held-out digits that no generator saw; beside it stands
   the same classifier trained on as many real digits, under the same schedule.

    python training/judge.py digits-gan        # measures onnx/digits-gan as it ships
"""

import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import digits
from run import run_dir, say

EPOCHS, BATCH, RATE, SHIFT = 12, 64, 2e-3, 2


def classifier() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.AdaptiveAvgPool2d(3),
        nn.Flatten(), nn.Dropout(0.3), nn.Linear(64 * 9, 10),
    )  # fmt: skip


def prepare(pictures: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(pictures)[:, None].float() / 127.5 - 1


@torch.enable_grad()
def fit(pictures: np.ndarray, labels: np.ndarray, seed: int = 0) -> nn.Sequential:
    """uint8 [N, 28, 28] and labels -> a trained classifier; pictures are shifted a little as it learns."""
    torch.manual_seed(seed)
    network, x, y = classifier(), prepare(pictures), torch.from_numpy(labels)
    steps = EPOCHS * (len(y) // BATCH)
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE * 2, total_steps=steps)
    for step in range(steps):
        if step % (len(y) // BATCH) == 0:
            order = torch.randperm(len(y))
        rows = order[(step % (len(y) // BATCH)) * BATCH :][:BATCH]
        down, across = torch.randint(-SHIFT, SHIFT + 1, (2,)).tolist()
        loss = F.cross_entropy(network(x[rows].roll((down, across), (2, 3))), y[rows], label_smoothing=0.05)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return network.eval()


def agreement(network: nn.Sequential, pictures: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Which pictures the classifier names as their label says."""
    return named(network, pictures).argmax(1).numpy() == labels


def odds(network: nn.Sequential, pictures: np.ndarray, labels: np.ndarray) -> torch.Tensor:
    """The probability [N] that the classifier gives to each picture's label."""
    return named(network, pictures).softmax(1)[torch.arange(len(labels)), torch.from_numpy(labels)]


@torch.no_grad()
def named(network: nn.Sequential, pictures: np.ndarray) -> torch.Tensor:
    return torch.cat([network(part) for part in prepare(pictures).split(500)])


def real_judge(seed: int = 0) -> nn.Sequential:
    """The classifier trained on all real training digits, kept between runs; one with seed 0 measures."""
    path = run_dir("judge") / (f"real-{seed}.pt" if seed else "real.pt")
    network = classifier().eval()
    if not path.exists():
        with torch.random.fork_rng():  # a training that asks for it draws what it would have drawn
            torch.save(fit(*digits.load()["train"], seed).state_dict(), path)
    network.load_state_dict(torch.load(path, weights_only=True))
    return network.eval()


def measure(pictures: np.ndarray, labels: np.ndarray) -> list[tuple[str, float, str]]:
    """(metric, value, unit) for painted digits, as many of each class."""
    parts = digits.load()
    held_out, count = parts["held_out"], len(labels)
    judge = real_judge()
    right = agreement(judge, pictures, labels)
    worst = min(range(10), key=lambda label: right[labels == label].mean())
    real = tuple(part[:count] for part in parts["train"])
    from_painted = agreement(fit(pictures, labels), *held_out).mean()
    from_real = agreement(fit(*real), *held_out).mean()
    return [
        ("painted digits that a classifier of real digits names as asked", 100 * right.mean(), "%"),
        (f"the same for its weakest class, {worst}", 100 * right[labels == worst].mean(), "%"),
        (f"real held-out digits named by a classifier trained on {count} painted ones", 100 * from_painted, "%"),
        (f"the same classifier trained on {len(real[1])} real ones", 100 * from_real, "%"),
    ]


if __name__ == "__main__":
    import train

    for metric, value, unit in train.measure(sys.argv[1], Path(__file__).parent.parent / "onnx" / sys.argv[1]):
        say(f"{metric}: {value:.2f} {unit}")
