"""avatars-cnn: a plain convolutional generator of labelled avatars, 64x64 RGBA, with no adversary and no encoder.

Li and Malik 2018, "Implicit Maximum Likelihood Estimation" (IMLE, arXiv 1809.09087), given labels as in Li, Peng,
Zhang and Malik 2020 (1811.12373): for each real picture some noise is drawn, all of it is painted with the picture's
labels, and what came nearest is drawn nearer. Since every real picture gets a painted one and not the other way
round, no kind of avatar is dropped; since it is always drawn noise that is painted, what is trained is what is
sampled. The loss is L1 on a Laplacian pyramid, which keeps edges (as in GLO, Bojanowski et al. 2018, 1707.05776),
and what a classifier that learns alongside from the real pictures can't name: a mouth is few pixels, but a mood.
To spare an hour, the network starts as the decoder of avatars-vae.

    make train MODEL=avatars-cnn        # after avatars-vae
    python training/train.py avatars-cnn
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import avatar_manifest
import export
from avatar_manifest import paint
from avatar_net import Generator, Namer, Painter, Shape, begin, pyramid, to_tensor
from run import Average, Batches

__all__ = ["Config", "Trainer", "paint", "ship"]


@dataclass(frozen=True)
class Config(Shape):
    start: str = ""  # the model whose painter is the start
    draws: int = 4  # noises for each picture, of which the nearest learns
    batch: int = 32
    steps: int = 1000
    learning_rate: float = 1e-3
    naming: float = 0.1  # weight of the labels that can't be read
    naming_rate: float = 1e-3
    average: float = 0.995
    seed: int = 1


class Trainer:
    def __init__(self, config: Config, pictures: np.ndarray, labels: np.ndarray):
        self.config = config
        torch.manual_seed(config.seed)
        self.painter = begin(Painter(config), config.start).to(memory_format=torch.channels_last)
        self.optimiser = torch.optim.AdamW(self.painter.parameters(), lr=config.learning_rate, betas=(0.9, 0.99), weight_decay=1e-4)
        self.namer = Namer().to(memory_format=torch.channels_last)
        self.learn = torch.optim.AdamW(self.namer.parameters(), lr=config.naming_rate, weight_decay=1e-2)
        self.average = Average(self.painter, config.average)
        self.parts = {
            "painter": self.painter, "optimiser": self.optimiser, "average": self.average,
            "namer": self.namer, "learn": self.learn,
        }  # fmt: skip
        self.pictures, self.labels = pictures, torch.from_numpy(labels)
        self.batches = Batches(len(labels), config.batch, config.seed)

    def step(self, step: int) -> dict[str, float]:
        config = self.config
        cooled = 0.01 + 0.5 * (1 + math.cos(math.pi * step / config.steps))
        self.optimiser.param_groups[0]["lr"] = config.learning_rate * min(1, (step + 1) / 50, cooled)
        rows = self.batches(step)
        pictures, labels = to_tensor(self.pictures[rows]), self.labels[rows]
        with torch.autocast("cpu", torch.bfloat16):
            unread = self.namer.loss(pictures, labels)
        self.learn.zero_grad()
        unread.backward()
        self.learn.step()

        z = self.nearest(pictures, labels)
        self.namer.requires_grad_(False)
        with torch.autocast("cpu", torch.bfloat16):
            painted = self.painter(z + self.painter.labels(labels)).float()
            unnamed = self.namer.loss(painted, labels)
        loss = pyramid(painted - pictures) + config.naming * unnamed
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self.namer.requires_grad_(True)
        self.average.update(self.painter)
        error = (painted.detach() - pictures).square().mean().item()
        return {"loss": loss.item(), "error dB": -10 * math.log10(error), "unread": unread.item(), "unnamed": unnamed.item()}

    @torch.no_grad()
    def nearest(self, pictures: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """For each picture the noise, of some, that is painted nearest to it."""
        count, draws = len(labels), self.config.draws
        z = torch.randn(count * draws, self.config.latent)
        self.painter.eval()  # or the candidates would shift the averages of the normalisation
        with torch.autocast("cpu", torch.bfloat16):
            painted = self.painter(z + self.painter.labels(labels).repeat_interleave(draws, 0)).float()
        self.painter.train()
        small, wanted = F.avg_pool2d(painted, 2), F.avg_pool2d(pictures, 2)
        distances = (small.reshape(count, draws, -1) - wanted.reshape(count, 1, -1)).square().sum(2)
        return z.view(count, draws, -1)[torch.arange(count), distances.argmin(1)]

    def finished(self) -> Painter:
        painter = Painter(self.config)
        painter.load_state_dict(self.average.weights)
        return painter.eval()


def ship(trainer: Trainer, folder: Path) -> dict:
    """Write the graph, check it against PyTorch, and return the manifest."""
    painter = trainer.finished()
    stored = avatar_manifest.halve(painter, trainer.labels[:256])
    return avatar_manifest.ship(Generator(painter), folder, "generator", trainer.labels[:16]) | {
        "family": "gan",
        "title": "Avatars CNN",
        "summary": "Labelled avatars in three styles, 64×64 RGBA: a plain convolutional generator (IMLE), trained without an adversary.",
        "direction": avatar_manifest.directions(painter.labels),
        "stored": stored,
        "limits": ["Black hair tends to a dark blue and brown hair to olive: of colours the classifier beside it asks only to be told apart."],
    }
