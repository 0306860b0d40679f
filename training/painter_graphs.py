"""The graphs that ship: the painter for a picture of any size, and the stylist that reads a vector off one."""

from pathlib import Path

import numpy as np
import torch
from torch import nn

import export
import stylist
from painter import STYLES, Painter, Trainer, framed
from stylist import COLOURS


class Shipped(nn.Module):
    """The painter, and the colours that a vector's last numbers ask for."""

    def __init__(self, painter: Painter):
        super().__init__()
        self.painter = painter

    def forward(self, image: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
        painted = framed(self.painter, image, style[:, :-COLOURS])
        return stylist.in_colours(painted, style[:, -COLOURS:]).clamp(0, 1)


def ship(trainer: Trainer, reader: stylist.Stylist, folder: Path) -> np.ndarray:
    """Write painter.onnx and stylist.onnx, check them against PyTorch, and return the named styles' vectors."""
    network = trainer.finished()
    export.round_to_half(network, reader)
    named = torch.cat([torch.eye(len(STYLES)), torch.zeros(len(STYLES), COLOURS)], 1)
    painter, reader = Shipped(network).eval(), stylist.Shipped(reader).eval()
    image, style = torch.rand(2, 3, 50, 61), named[:2]
    free = {"image": {2: "height", 3: "width"}, "painted": {2: "height", 3: "width"}}
    export.trace(painter, folder / "painter.onnx", {"image": image, "style": style}, ["painted"], free)
    export.trace(reader, folder / "stylist.onnx", {"image": image}, ["style"], {"image": {2: "height", 3: "width"}})
    for size in ((50, 61), (128, 96), (33, 40)):
        image = torch.rand(2, 3, *size)
        with torch.no_grad():
            style = torch.cat([named[:1], reader(image[:1])])
            export.parity(folder / "painter.onnx", {"image": image.numpy(), "style": style.numpy()}, [painter(image, style)], 4e-3, 0.98)
            export.parity(folder / "stylist.onnx", {"image": image.numpy()}, [reader(image)], 4e-3)
    return named.numpy()
