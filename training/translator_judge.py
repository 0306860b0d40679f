"""What kind of picture is this? A classifier that the translator was not trained with, to judge translations by.

It learns the domains from the programs and the icons themselves: each target's, and what it is made from.
"""

import dataclasses

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import run
import translator
import translator_data
import translator_programs
from translator_data import over, to_tensor

NAME = "translator-judge"
SIDE = 128
DOMAINS = ("photograph", "oil", "pencil", "ink", "line drawing", "icon")


@dataclasses.dataclass(frozen=True)
class Config:
    batch: int = 32
    steps: int = 800
    rate: float = 2e-3
    seed: int = 5


class Judge(nn.Module):
    """Strided convolutions, then means and deviations over the picture."""

    def __init__(self):
        super().__init__()
        widths = (3, 24, 32, 48, 64)
        layers = []
        for inside, outside in zip(widths, widths[1:], strict=False):
            layers += [nn.Conv2d(inside, outside, 3, 2, 1), nn.BatchNorm2d(outside), nn.ReLU()]
        self.layers, self.name = nn.Sequential(*layers), nn.Linear(2 * widths[-1], len(DOMAINS))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        values = self.layers(pictures - 0.5)
        return self.name(torch.cat([values.mean((2, 3)), values.std((2, 3))], 1))


class Trainer:
    def __init__(self, config: Config, icons: translator_data.Icons, photos: list[translator_data.Painted]):
        torch.manual_seed(config.seed)
        self.config, self.judge = config, Judge()
        self.lessons = translator.Lessons(icons, photos)
        self.optimiser = torch.optim.AdamW(self.judge.parameters(), config.rate, weight_decay=1e-2)
        self.parts = {"judge": self.judge, "optimiser": self.optimiser}

    def step(self, step: int) -> dict[str, float]:
        config = self.config
        self.optimiser.param_groups[0]["lr"] = config.rate * min(1.0, 0.02 + 2 * (1 - step / config.steps))
        random = np.random.default_rng((config.seed, step))
        numbers = random.permutation(np.arange(config.batch) % len(DOMAINS))
        pictures = to_tensor(np.stack([self.example(DOMAINS[number], random) for number in numbers]))
        found = self.judge(pictures)
        loss = F.cross_entropy(found, torch.from_numpy(numbers))
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        return {"loss": loss.item(), "right": (found.argmax(1).numpy() == numbers).mean()}

    def example(self, domain: str, random: np.random.Generator) -> np.ndarray:
        if domain in translator_programs.PHOTO_PROGRAMS:
            return self.lessons.painted(domain, random)[1]
        if domain == "photograph":
            return self.lessons.painted("oil", random)[0]
        if domain == "line drawing":
            return self.lessons.pair("icon", random)[0]
        return over(self.lessons.drawing(random), 255.0)


def load(icons: translator_data.Icons, photos: list[translator_data.Painted]) -> Judge:
    """The judge, trained if it isn't."""
    config = Config()
    trainer = Trainer(config, icons, photos)
    run.train(NAME, trainer, config.steps, config.seed)
    return trainer.judge.eval()


@torch.no_grad()
def named(judge: Judge, pictures: list[np.ndarray]) -> list[str]:
    return [DOMAINS[int(judge(to_tensor(picture[None])).argmax())] for picture in pictures]
