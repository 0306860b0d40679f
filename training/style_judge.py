"""Which style is this? A classifier of brushwork that no painter was trained with, to judge them by.

It learns from what the programs painted. Its last features, with the means and deviations of colour, also say how far
two pictures are from each other in style, whatever they show.
"""

import dataclasses

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import paintings
import run
from painter import STYLES

NAME = "style-judge"
SIDE = 96


@dataclasses.dataclass(frozen=True)
class Config:
    batch: int = 32
    steps: int = 400
    rate: float = 2e-3
    seed: int = 1


class Judge(nn.Module):
    """Five convolutions, then means and deviations over the picture, so that places don't count."""

    def __init__(self):
        super().__init__()
        widths = (3, 24, 32, 48, 64, 64)
        strides = (1, 2, 1, 2, 2)
        layers = []
        for inside, outside, stride in zip(widths, widths[1:], strides, strict=False):
            layers += [nn.Conv2d(inside, outside, 3, stride, 1), nn.BatchNorm2d(outside), nn.ReLU()]
        self.layers = nn.Sequential(*layers)
        self.name = nn.Linear(2 * widths[-1], len(STYLES))

    def features(self, pictures: torch.Tensor) -> torch.Tensor:
        values = self.layers(pictures - 0.5)
        return torch.cat([values.mean((2, 3)), values.std((2, 3))], 1)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.name(self.features(pictures))


class Trainer:
    def __init__(self, config: Config, pairs: dict[str, list[paintings.Pair]]):
        torch.manual_seed(config.seed)
        self.config, self.pairs, self.judge = config, pairs, Judge()
        self.optimiser = torch.optim.AdamW(self.judge.parameters(), config.rate, weight_decay=1e-2)
        self.parts = {"judge": self.judge, "optimiser": self.optimiser}

    def step(self, step: int) -> dict[str, float]:
        config = self.config
        self.optimiser.param_groups[0]["lr"] = config.rate * min(1.0, 0.02 + 2 * (1 - step / config.steps))
        random = np.random.default_rng((config.seed, step))
        numbers = random.permutation(np.arange(config.batch) % len(STYLES))
        crops = []
        for number in numbers:
            _, painted = self.pairs[STYLES[number]][random.integers(len(self.pairs[STYLES[number]]))]
            top, left = (random.integers(side - SIDE + 1) for side in painted.shape[:2])
            crops.append(painted[top : top + SIDE, left : left + SIDE][:, :: random.choice((-1, 1))])
        pictures = torch.from_numpy(np.stack(crops).astype(np.float32) / 255).permute(0, 3, 1, 2)
        # Colours hardly count: a painting is named by its brushwork.
        pictures = (pictures - 0.5) * (1 + 0.3 * torch.randn(len(pictures), 3, 1, 1)) + 0.5 + 0.08 * torch.randn(len(pictures), 3, 1, 1)
        loss = F.cross_entropy(self.judge(pictures.clamp(0, 1)), torch.from_numpy(numbers))
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        return {"loss": loss.item()}


def load(pairs: dict[str, list[paintings.Pair]]) -> Judge:
    """The judge, trained if it isn't."""
    config = Config()
    trainer = Trainer(config, pairs)
    run.train(NAME, trainer, config.steps, config.seed)
    return trainer.judge.eval()


@torch.no_grad()
def signature(judge: Judge, pictures: torch.Tensor) -> torch.Tensor:
    """What two pictures of one style share, in comparable units: brushwork and colours."""
    colours = pictures.flatten(2)
    return torch.cat([judge.features(pictures), 3 * colours.mean(2), 3 * colours.std(2)], 1)
