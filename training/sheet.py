"""Sample sheets: pictures in a grid, as a small PNG."""

from pathlib import Path

import numpy as np
from PIL import Image


def write(pictures: np.ndarray, columns: int, path: Path, scale: int = 2) -> None:
    """uint8 [N, H, W] or [N, H, W, C] -> a PNG with `columns` pictures a row."""
    count, height, width, *channels = pictures.shape
    rows = count // columns
    grid = pictures[: rows * columns].reshape(rows, columns, height, width, *channels)
    grid = grid.swapaxes(1, 2).reshape(rows * height, columns * width, *channels)
    image = Image.fromarray(grid)
    if scale > 1:
        image = image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)
    image.save(path, optimize=True)


def to_grey(pictures: np.ndarray, low: float, high: float) -> np.ndarray:
    """Float [N, 1, H, W] in low..high -> uint8 [N, H, W], clamped."""
    values = np.clip((pictures[:, 0] - low) / (high - low), 0, 1)
    return np.rint(values * 255).astype(np.uint8)
