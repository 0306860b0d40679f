"""digits-pixelcnn: a gated, class-conditional PixelCNN over 16 grey levels.

van den Oord, Kalchbrenner, Vinyals, Espeholt, Graves, Kavukcuoglu 2016, "Conditional Image Generation with
PixelCNN Decoders" (arXiv 1606.05328). A vertical stack sees every row above, a horizontal stack the pixels to
the left in the same row, so there is no blind spot; both are gated, tanh(a) * sigmoid(b), and the class enters
as a bias of both. Two liberties: the vertical kernels are two rows high and dilated (1, 2, 4, ...), which
covers a whole digit in few layers, and the horizontal kernel is two pixels wide.

    make train MODEL=digits-pixelcnn
    python training/train.py digits-pixelcnn
"""

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import nn

import steps


@dataclass(frozen=True)
class Config:
    channels: int = 48
    first_rows: int = 4  # rows above that the first vertical kernel sees
    first_width: int = 7
    dilations: list[int] = field(default_factory=lambda: [1, 2, 4, 1, 2, 4])
    head: int = 128
    levels: int = 16
    classes: int = 10
    batch: int = 32
    steps: int = 4000
    cooling: int = 0  # steps in which the learning rate falls to nothing, if not `steps`
    learning_rate: float = 2e-3
    warmup: int = 100
    average: float = 0.998
    seed: int = 1


class Block(nn.Module):
    """One layer of both stacks. The first reads pixels and may not see the current one; the rest may."""

    def __init__(self, config: Config, dilation: int | None):
        super().__init__()
        channels = config.channels
        self.first, self.dilation = dilation is None, dilation or 1
        inputs, rows, width = (1, config.first_rows, config.first_width) if self.first else (channels, 2, 3)
        self.vertical = nn.Conv2d(inputs, 2 * channels, (rows, width), dilation=self.dilation, bias=False)
        self.vertical_class = nn.Embedding(config.classes, 2 * channels)
        self.link = nn.Conv2d(2 * channels, 2 * channels, 1, bias=False)
        self.horizontal = nn.Conv2d(inputs, 2 * channels, (1, 1 if self.first else 2), bias=False)
        self.horizontal_class = nn.Embedding(config.classes, 2 * channels)
        self.project = nn.Conv2d(channels, channels, 1, bias=False)

    def forward(self, v, h, y):
        rows, width = self.vertical.kernel_size
        above, side = (rows - 1) * self.dilation + self.first, width // 2 * self.dilation
        features = self.vertical(F.pad(v, (side, side, above, 0)))
        across = self.horizontal(F.pad(h, (1, 0, 0, 0)))
        if self.first:  # drop the row and the column that would have seen the pixel itself
            features, across = features[:, :, :-1], across[..., :-1]
        across = across + self.link(features) + self.horizontal_class(y)[:, :, None, None]
        features = features + self.vertical_class(y)[:, :, None, None]
        projected = self.project(gate(across))
        return gate(features), projected if self.first else h + projected


def gate(x: torch.Tensor) -> torch.Tensor:
    a, b = x.chunk(2, 1)
    return torch.tanh(a) * torch.sigmoid(b)


class PixelCNN(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.blocks = nn.ModuleList(Block(config, dilation) for dilation in [None, *config.dilations])
        self.hidden = nn.Conv2d(config.channels, config.head, 1)
        self.logits = nn.Conv2d(config.head, config.levels, 1)

    def forward(self, pixels, y):
        """Pixels [N, 1, H, W] in 0..1 -> logits [N, levels, H, W]; the logits of a pixel see only what precedes it."""
        v = h = pixels
        for block in self.blocks:
            v, h = block(v, h, y)
        return self.logits(F.relu(self.hidden(F.relu(h))))


class Trainer(steps.Trainer):
    network_kind = PixelCNN
