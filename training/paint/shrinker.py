"""Latents of a picture -> latents of the same picture at half and at three quarters of its size.

The painter puts icons beside each other and into scenes. Shrinking a latent is nothing that averaging cells could
do (it strays by 70 % of the variance), so two small networks of convolutions learn it, from the autoencoder's own
latents of shrunken icons; then the painter need not carry every icon in three sizes.
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import run
from paint import autoencoder, icons
from paint.autoencoder import CHANNELS, GRID

NAME = "emoji-shrinker"
HALF, LARGE = GRID // 2, GRID * 3 // 4  # cells of the shrunken latents


@dataclass(frozen=True)
class Config:
    width: int = 96
    batch: int = 64
    steps: int = 1500
    rate: float = 2e-3
    seed: int = 0


class Shrinker(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.halving, self.lessening = layers(4 * CHANNELS, width), layers(16 * CHANNELS, width)

    def forward(self, latents):
        """[N, C, 8, 8] -> [N, C, 4, 4] and [N, C, 6, 6]."""
        return self.to_half(latents), self.to_large(latents)

    def to_half(self, latents):
        return self.halving(F.pixel_unshuffle(latents, 2))

    def to_large(self, latents):
        # Each cell of the 6x6 sees the four of 8x8 that it covers: both grids meet at 24x24.
        fine = latents.repeat_interleave(3, 2).repeat_interleave(3, 3)
        return self.lessening(F.pixel_unshuffle(fine, 4))


def layers(channels: int, width: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, width, 1), nn.SiLU(), nn.Conv2d(width, width, 3, padding=1), nn.SiLU(),
        nn.Conv2d(width, width, 3, padding=1), nn.SiLU(), nn.Conv2d(width, CHANNELS, 1),
    )  # fmt: skip


class Trainer:
    """`statistics`: the latents' means and deviations by channel, which they are normalised with."""

    def __init__(self, config: Config, pictures: np.ndarray, model: str, statistics: tuple[torch.Tensor, torch.Tensor]):
        torch.manual_seed(config.seed)
        self.config = config
        encoder = autoencoder.load(model)
        half, large = (np.stack([placed(one, cells) for one in pictures]) for cells in (HALF, LARGE))
        means, deviations = (one[:, None, None] for one in statistics)
        self.full, half, large = ((autoencoder.encode(encoder, made) - means) / deviations for made in (pictures, half, large))
        self.targets = middle(half, HALF), middle(large, LARGE)
        self.network = Shrinker(config.width)
        self.average = run.Average(self.network, 0.99)
        self.optimiser = torch.optim.AdamW(self.network.parameters(), lr=config.rate, weight_decay=0.01)
        self.batches = run.Batches(len(pictures), config.batch, config.seed)
        self.parts = {"network": self.network, "average": self.average, "optimiser": self.optimiser}

    def step(self, step: int) -> dict[str, float]:
        config = self.config
        autoencoder.pace(self.optimiser, config.rate, step, config.steps)
        chosen = self.batches(step)
        found = self.network(self.full[chosen])
        away = [F.mse_loss(made, target[chosen]) for made, target in zip(found, self.targets, strict=True)]
        self.optimiser.zero_grad(set_to_none=True)
        sum(away).backward()
        self.optimiser.step()
        self.average.update(self.network)
        return {"half": away[0].item(), "large": away[1].item()}


def placed(picture: np.ndarray, cells: int) -> np.ndarray:
    """The picture shrunk to so many cells, in the middle of an empty one."""
    side, out = cells * icons.SIDE // GRID, np.zeros_like(picture)
    edge = (icons.SIDE - side) // 2
    out[edge : edge + side, edge : edge + side] = icons.shrunk(picture, side)
    return out


def middle(latents: torch.Tensor, cells: int) -> torch.Tensor:
    edge = (GRID - cells) // 2
    return latents[:, :, edge : edge + cells, edge : edge + cells].clone()


def load() -> Shrinker:
    saved = torch.load(run.run_dir(NAME) / "checkpoint.pt", weights_only=True)
    network = Shrinker(Config(**saved["config"]).width)
    network.load_state_dict(saved["parts"]["average"]["weights"])
    return network.eval().requires_grad_(False)
