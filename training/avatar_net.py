"""The two halves that the avatar models share: labels and noise -> picture, and picture -> features.

Labels become vectors that are added to the noise, so a step from one label to another is a direction in the latent
space of every model here. A picture is 64x64 RGBA; networks see and paint it premultiplied by its alpha, so that
invisible colours cost nothing, and the exported graphs take and give it straight. The convolutions work at 8x8 to
32x32 and the last one paints 2x2 pixels at once (sub-pixel convolution, Shi et al. 2016, arXiv 1609.05158), which
is what two shared cores can train. Each layer is scaled and shifted by the latent (FiLM, Perez et al. 2017,
1709.07871).
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import avatar_words
from run import saved


@dataclass(frozen=True)
class Shape:
    latent: int = 32
    hidden: int = 256
    width: int = 96  # channels at 8x8 and 16x16; halved at 32x32
    features: int = 256


class Labels(nn.Module):
    """One vector for each label; an avatar's labels are the sum."""

    def __init__(self, size: int, spread: float):
        super().__init__()
        self.axes = nn.ModuleList(nn.Embedding(count, size) for count in avatar_words.SIZES)
        for axis in self.axes:
            nn.init.normal_(axis.weight, std=spread)

    def forward(self, labels):
        """Labels int64 [N, axes] -> [N, size]."""
        return sum(axis(labels[:, i]) for i, axis in enumerate(self.axes))


class Layer(nn.Module):
    """A convolution, normalised, then scaled and shifted as the latent asks."""

    def __init__(self, inputs: int, outputs: int, hidden: int):
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(outputs, affine=False)
        self.film = nn.Linear(hidden, 2 * outputs)

    def forward(self, x, h):
        scale, shift = self.film(h)[:, :, None, None].chunk(2, 1)
        return F.silu(self.norm(self.convolution(x)) * (1 + scale) + shift)


class Painter(nn.Module):
    """A point of the latent space -> a premultiplied picture, unclamped."""

    def __init__(self, shape: Shape):
        super().__init__()
        width, hidden = shape.width, shape.hidden
        self.width = width
        self.labels = Labels(shape.latent, 0.8)
        self.think = nn.Sequential(nn.Linear(shape.latent, hidden), nn.SiLU(), nn.Linear(hidden, hidden), nn.SiLU())
        self.start = nn.Linear(hidden, width * 4 * 4)
        self.to_8, self.to_16 = nn.Conv2d(width, 4 * width, 1), nn.Conv2d(width, 4 * width, 1)
        self.to_32 = nn.Conv2d(width, 4 * (width // 2), 1)
        self.at_8, self.at_16, self.more = Layer(width, width, hidden), Layer(width, width, hidden), Layer(width, width, hidden)
        self.at_32 = Layer(width // 2, width // 2, hidden)
        self.paint = nn.Conv2d(width // 2, 4 * 4, 3, padding=1)

    def forward(self, point):
        h = self.think(point)
        x = self.start(h).view(-1, self.width, 4, 4)
        x = self.at_8(F.pixel_shuffle(self.to_8(x), 2), h)
        x = self.at_16(F.pixel_shuffle(self.to_16(x), 2), h)
        x = x + self.more(x, h)
        x = self.at_32(F.pixel_shuffle(self.to_32(x), 2), h)
        return F.pixel_shuffle(self.paint(x), 2)


class Reader(nn.Module):
    """A premultiplied picture -> features [N, features]."""

    def __init__(self, shape: Shape, norm: bool):
        super().__init__()

        def shrink(inputs, outputs, kernel, stride):
            layer = nn.Conv2d(inputs, outputs, kernel, stride, padding=1, bias=not norm)
            return [layer, *([nn.BatchNorm2d(outputs)] if norm else []), nn.LeakyReLU(0.2)]

        self.body = nn.Sequential(
            nn.PixelUnshuffle(2), *shrink(16, 32, 3, 1), *shrink(32, 64, 4, 2), *shrink(64, 128, 4, 2), *shrink(128, 128, 4, 2)
        )
        self.features = nn.Sequential(nn.Linear(128 * 4 * 4, shape.features), nn.LeakyReLU(0.2))

    def forward(self, pictures):
        return self.features(self.body(pictures).flatten(1))


HAZE = 0.08


class Generator(nn.Module):
    """As exported: noise and one label for each axis -> straight RGBA in 0..1."""

    def __init__(self, painter: Painter):
        super().__init__()
        self.painter = painter

    def forward(self, z, *labels):
        pictures = straight(self.painter(z + self.painter.labels(torch.stack(labels, 1))))
        # What is nearly invisible or nearly opaque is meant to be wholly so: no haze around, no holes within.
        alpha = (pictures[:, 3:] - HAZE) / (1 - 2 * HAZE)
        return torch.cat([pictures[:, :3], alpha.clamp(0, 1)], 1)


def begin(painter: Painter, model: str) -> Painter:
    """With the painter of another model's checkpoint, averaged; as it is if there is no name."""
    if model:
        weights = saved(model)["average"]["weights"]
        prefix = "painter." if any(name.startswith("painter.") for name in weights) else ""
        painter.load_state_dict({name.removeprefix(prefix): w for name, w in weights.items() if name.startswith(prefix)})
    return painter


def straight(pictures):
    """Premultiplied [N, 4, 64, 64], unclamped -> straight, in 0..1."""
    colours, alpha = pictures[:, :3], pictures[:, 3:].clamp(0, 1)
    return torch.cat([(colours / alpha.clamp(min=1 / 255)).clamp(0, 1), alpha], 1)


def premultiplied(pictures):
    return torch.cat([pictures[:, :3] * pictures[:, 3:], pictures[:, 3:]], 1)


def to_tensor(pictures: np.ndarray) -> torch.Tensor:
    """Premultiplied uint8 [N, 64, 64, 4] -> [N, 4, 64, 64] in 0..1, channels last in memory."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
