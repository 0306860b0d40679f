"""avatars-cnn: a plain convolutional generator of labelled avatars, 64x64 RGBA, with no adversary and no encoder.

Bojanowski et al. 2018, "Optimizing the Latent Space of Generative Networks" (GLO, arXiv 1707.05776): each training
picture owns a latent, learned together with the network so that the network paints that picture; the loss is L1 on
a Laplacian pyramid, which keeps edges. Afterwards a Gaussian is fitted to the latents and the graph maps the
standard normal onto it. To spare hours, the network and the latents start where avatars-vae stands, instead of at
random weights and principal components as in the paper.

    make train MODEL=avatars-cnn        # after avatars-vae
    python training/train.py avatars-cnn
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import avatar_manifest
import avatar_vae
import export
from avatar_manifest import paint
from avatar_net import Generator, Painter, Shape, to_tensor
from run import Average, Batches, load_config, say, saved

__all__ = ["Config", "Trainer", "paint", "ship"]


@dataclass(frozen=True)
class Config(Shape):
    start: str = ""  # the VAE whose decoder and latents are the start
    batch: int = 32
    steps: int = 1500
    learning_rate: float = 1e-3
    latent_rate: float = 2e-2
    average: float = 0.995
    prior: float = 1e-4  # pull of the latents towards 0
    seed: int = 1


class Trainer:
    def __init__(self, config: Config, pictures: np.ndarray, labels: np.ndarray):
        self.config = config
        torch.manual_seed(config.seed)
        self.painter = Painter(config).to(memory_format=torch.channels_last)
        self.latents = nn.Embedding(len(labels), config.latent, sparse=True)
        nn.init.normal_(self.latents.weight)
        self.pictures, self.labels = pictures, torch.from_numpy(labels)
        if config.start:
            self.begin(load_config(avatar_vae.Config, config.start), saved(config.start))
        self.optimiser = torch.optim.AdamW(self.painter.parameters(), lr=config.learning_rate, betas=(0.9, 0.99), weight_decay=1e-4)
        self.moves = torch.optim.SparseAdam(list(self.latents.parameters()), lr=config.latent_rate)
        self.average = Average(self.painter, config.average)
        self.parts = {
            "painter": self.painter, "latents": self.latents,
            "optimiser": self.optimiser, "moves": self.moves, "average": self.average,
        }  # fmt: skip
        self.batches = Batches(len(labels), config.batch, config.seed)

    @torch.no_grad()
    def begin(self, config: avatar_vae.Config, parts: dict) -> None:
        """The VAE's decoder, and for each picture the latent that its encoder gives."""
        both = nn.ModuleDict({"encoder": avatar_vae.Encoder(config), "painter": self.painter})
        both.load_state_dict(parts["average"]["weights"])
        both["encoder"].eval()
        for rows in np.array_split(np.arange(len(self.labels)), max(1, len(self.labels) // 64)):
            self.latents.weight[rows] = both["encoder"].encode(to_tensor(self.pictures[rows]))[0]

    def step(self, step: int) -> dict[str, float]:
        config = self.config
        cooled = min(1, (step + 1) / 50) * (0.01 + 0.5 * (1 + math.cos(math.pi * step / config.steps)))
        self.optimiser.param_groups[0]["lr"] = config.learning_rate * cooled
        self.moves.param_groups[0]["lr"] = config.latent_rate * cooled
        rows = self.batches(step)
        pictures, labels = to_tensor(self.pictures[rows]), self.labels[rows]
        z = self.latents(torch.from_numpy(rows))
        with torch.autocast("cpu", torch.bfloat16):
            painted = self.painter(z + self.painter.labels(labels)).float()
        loss = pyramid(painted - pictures) + config.prior * z.square().sum(1).mean()
        self.optimiser.zero_grad()
        self.moves.zero_grad()
        loss.backward()
        self.optimiser.step()
        self.moves.step()
        self.average.update(self.painter)
        error = (painted.detach() - pictures).square().mean().item()
        return {"loss": loss.item(), "error dB": -10 * math.log10(error)}

    def finished(self) -> Generator:
        painter = Painter(self.config)
        painter.load_state_dict(self.average.weights)
        latents = self.latents.weight.detach()
        spread = torch.linalg.cholesky(torch.cov(latents.T) + 1e-6 * torch.eye(latents.shape[1]))
        return Generator(painter, spread.T.contiguous(), latents.mean(0))


def pyramid(difference: torch.Tensor, levels: int = 3) -> torch.Tensor:
    """L1 over the levels of a Laplacian pyramid; it is linear, so the difference of two pictures is enough."""
    loss = difference.new_zeros(())
    for _ in range(levels):
        small = F.avg_pool2d(difference, 2)
        loss = loss + (difference - F.interpolate(small, scale_factor=2)).abs().mean()
        difference = small
    return loss + difference.abs().mean()


def ship(trainer: Trainer, folder: Path) -> dict:
    """Write the graph, check it against PyTorch, and return the manifest."""
    generator = trainer.finished()
    export.round_to_half(generator)
    manifest = avatar_manifest.ship(generator, folder, "generator", trainer.labels[:16])
    say(f"{folder.name}: latents spread by {float(generator.scale.norm()):.2f} around {float(generator.shift.norm()):.2f}")
    return manifest | {
        "family": "gan",
        "title": "Avatars CNN",
        "summary": "Labelled avatars in three styles, 64×64 RGBA: a plain convolutional generator (GLO), trained without an adversary.",
    }
