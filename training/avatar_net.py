"""The halves that the avatar models share: labels and noise -> picture, picture -> features, picture -> labels.

Labels become vectors that are added to the noise, so a step from one label to another is a direction in the latent
space of every model here. A picture is 64x64 RGBA; networks see and paint it premultiplied by its alpha, so that
invisible colours cost nothing, and the exported graphs take and give it straight. A layer widens its picture by
repeating pixels and then convolves it, so a flat colour stays flat: no weights of its own for each pixel of four, of
which an adversary makes a grain (Odena et al. 2016, "Deconvolution and Checkerboard Artifacts"). Few channels at
64x64 are what two shared cores can train. Each layer is scaled and shifted by the latent (FiLM, Perez et al. 2017,
arXiv 1709.07871).
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
    width: int = 96  # channels at 8x8 and 16x16; half at 32x32, a sixth at 64x64
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
        self.at_8, self.at_16, self.more = Layer(width, width, hidden), Layer(width, width, hidden), Layer(width, width, hidden)
        self.to_32, self.at_32 = nn.Conv2d(width, width // 2, 1), Layer(width // 2, width // 2, hidden)
        self.to_64, self.at_64 = nn.Conv2d(width // 2, width // 6, 1), Layer(width // 6, width // 6, hidden)
        self.paint = nn.Conv2d(width // 6, 4, 3, padding=1)

    def forward(self, point):
        h = self.think(point)
        x = self.start(h).view(-1, self.width, 4, 4)
        x = self.at_8(twice(x), h)
        x = self.at_16(twice(x), h)
        x = x + self.more(x, h)
        x = self.at_32(twice(self.to_32(x)), h)
        x = self.at_64(twice(self.to_64(x)), h)
        return self.paint(x)


def twice(x):
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


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


class Namer(nn.Module):
    """Reads the labels of a picture. It learns from real ones alone, and tells a painter which labels don't show.

    It shares nothing with the judge that measures: no weights, no normalisation, no order of pictures.
    """

    def __init__(self):
        super().__init__()
        self.read = Reader(Shape(features=128), norm=False)
        self.heads = nn.Linear(128, sum(avatar_words.SIZES))

    def loss(self, pictures, labels):
        """What the labels of pictures shifted by up to two pixels cost, in nats for each axis."""
        down, across = torch.randint(-2, 3, (2,)).tolist()
        names = self.heads(self.read(pictures.roll((down, across), (2, 3)))).float().split(avatar_words.SIZES, 1)
        return sum(F.cross_entropy(logits, labels[:, i]) for i, logits in enumerate(names)) / len(names)


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


def pyramid(difference: torch.Tensor, levels: int = 3) -> torch.Tensor:
    """L1 over the levels of a Laplacian pyramid; it is linear, so the difference of two pictures is enough."""
    loss = difference.new_zeros(())
    for _ in range(levels):
        small = F.avg_pool2d(difference, 2)
        loss = loss + (difference - F.interpolate(small, scale_factor=2)).abs().mean()
        difference = small
    return loss + difference.abs().mean()


def to_tensor(pictures: np.ndarray) -> torch.Tensor:
    """Premultiplied uint8 [N, 64, 64, 4] -> [N, 4, 64, 64] in 0..1, channels last in memory."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
