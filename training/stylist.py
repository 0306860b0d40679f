"""Stylist: any picture -> a style's vector: a mixture of the brushwork that the painter knows, and the picture's own colours.

A small classifier says how far the picture is in the manner of each named style, whatever its colours; that mixture is the
brushwork (as in Ghiasi et al. 2017, a network predicts the vector). Colours are its mean and deviation,
which the painter takes on (Reinhard et al. 2001).
"""

import dataclasses

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import paintings
import run
from painter import STYLES, to_tensor

NAME = "painter-stylist"
SIDE = 96
COLOURS = 7  # how far the colours are taken on, then mean and deviation of red, green and blue, each times that


@dataclasses.dataclass(frozen=True)
class Config:
    batch: int = 32
    steps: int = 350
    rate: float = 2e-3
    seed: int = 2


class Stylist(nn.Module):
    """Strided convolutions, then means and deviations over the picture, so that places don't count."""

    def __init__(self):
        super().__init__()
        widths = (3, 24, 32, 48, 64)
        strides = (1, 2, 2, 2)
        self.layers = nn.ModuleList(nn.Conv2d(*pair, 3, stride, 1) for *pair, stride in zip(widths, widths[1:], strides, strict=False))
        self.read = nn.Sequential(nn.Linear(2 * sum(widths[1:]), 96), nn.ReLU(), nn.Linear(96, len(STYLES)))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        mean, deviation = moments(image)
        values, found = (image - mean) / (deviation + 0.05), []
        for layer in self.layers:
            values = F.relu(layer(values))
            found += [one.flatten(1) for one in moments(values)]
        return self.read(torch.cat(found, 1))


def moments(values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    mean = values.mean((2, 3), keepdim=True)
    return mean, ((values - mean).square().mean((2, 3), keepdim=True) + 1e-6).sqrt()


class Trainer:
    def __init__(self, config: Config, pairs: dict[str, list[paintings.Pair]]):
        torch.manual_seed(config.seed)
        self.config, self.pairs, self.stylist = config, pairs, Stylist()
        self.optimiser = torch.optim.AdamW(self.stylist.parameters(), config.rate, weight_decay=1e-2)
        self.parts = {"stylist": self.stylist, "optimiser": self.optimiser}

    def step(self, step: int) -> dict[str, float]:
        config = self.config
        self.optimiser.param_groups[0]["lr"] = config.rate * min(1.0, (step + 1) / 50, 0.02 + 2 * (1 - step / config.steps))
        random = np.random.default_rng((config.seed, step))
        numbers = random.permutation(np.arange(config.batch) % len(STYLES))
        crops = []
        for number in numbers:
            _, painted = self.pairs[STYLES[number]][random.integers(len(self.pairs[STYLES[number]]))]
            top, left = (random.integers(side - SIDE + 1) for side in painted.shape[:2])
            crops.append(recolour(random)(painted[top : top + SIDE, left : left + SIDE][:, :: random.choice((-1, 1))]))
        loss = F.cross_entropy(self.stylist(to_tensor(np.stack(crops))), torch.from_numpy(numbers))
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        return {"loss": loss.item()}


def recolour(random: np.random.Generator):
    """Other colours for a style that no name stands for: channels in another order, turned round, or mixed."""
    order = random.permutation(3)
    turned = random.random(3) < 0.15
    mixed = np.eye(3) + random.normal(0, 0.18, (3, 3))

    def apply(picture: np.ndarray) -> np.ndarray:
        values = picture[..., order].astype(np.float32) / 255
        values = np.where(turned, 1 - values, values)
        return np.rint(np.clip((values - 0.5) @ mixed + 0.5, 0, 1) * 255).astype(np.uint8)

    return apply if random.random() < 0.7 else lambda picture: picture


def load(pairs: dict[str, list[paintings.Pair]], steps: int | None = None) -> Stylist:
    """The stylist, trained if it isn't."""
    config = Config()
    trainer = Trainer(config, pairs)
    run.train(NAME, trainer, config.steps if steps is None else steps, config.seed)
    return trainer.stylist.eval()


class Shipped(nn.Module):
    """What the graph holds: the mixture of named styles, and the picture's colours."""

    def __init__(self, stylist: Stylist):
        super().__init__()
        self.stylist = stylist

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        colours = [one.flatten(1) for one in moments(image)]
        whole = torch.ones_like(colours[0][:, :1])
        return torch.cat([torch.softmax(self.stylist(image), 1), whole, *colours], 1)


def in_colours(painted: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """A painting with the mean and deviation that a vector's last numbers ask for, as far as they ask."""
    mean, deviation = moments(painted)
    far, to_mean, to_deviation = wanted[..., None, None].split((1, 3, 3), 1)
    return (painted - mean) * ((1 - far) + to_deviation / (deviation + 0.02)) + (1 - far) * mean + to_mean
