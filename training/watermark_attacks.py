"""What befalls a picture on its way: codecs, other sizes, crops, screenshots, colours, noise.

Each takes a picture as a tensor [3, H, W] and returns what a reader would get, with the part of it that is left. They
are used to train, with chance in every number, and to measure, each at its own.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch.nn.functional import interpolate

SIDE = 128
LUMA = torch.tensor([0.299, 0.587, 0.114])[:, None, None]


@dataclass(frozen=True)
class Seen:
    """A batch as the decoder gets it, at 128x128, the rows and columns of the original that it shows, from 0 to 1, and what was done."""

    small: torch.Tensor
    rows: torch.Tensor
    columns: torch.Tensor
    names: list[str]


Part = tuple[float, float]
WHOLE: Part = (0.0, 1.0)


def as_constant(picture: torch.Tensor, found: np.ndarray) -> torch.Tensor:
    """`found`, uint8 [H, W, 3], with the gradient of the picture that it was made of."""
    values = torch.from_numpy(found.astype(np.float32) / 255).permute(2, 0, 1)
    return picture + (values - picture).detach()


def to_bytes(picture: torch.Tensor) -> np.ndarray:
    return (picture.detach().clamp(0, 1) * 255).round().byte().permute(1, 2, 0).contiguous().numpy()


def saved(picture: torch.Tensor, kind: str = "PNG", **settings) -> torch.Tensor:
    kept = io.BytesIO()
    Image.fromarray(to_bytes(picture)).save(kept, kind, **settings)
    return as_constant(picture, np.asarray(Image.open(kept).convert("RGB")))


def rounded(picture: torch.Tensor) -> torch.Tensor:
    return as_constant(picture, to_bytes(picture))


def resized(picture: torch.Tensor, height: int, width: int, way: str = "bilinear") -> torch.Tensor:
    return interpolate(picture[None], size=(height, width), mode=way, antialias=True)[0].clamp(0, 1)


def scaled(picture: torch.Tensor, factor: float, way: str = "bilinear") -> torch.Tensor:
    return resized(picture, *(max(16, round(side * factor)) for side in picture.shape[1:]), way)


def cut(picture: torch.Tensor, top: float, bottom: float, left: float, right: float) -> tuple[torch.Tensor, Part, Part]:
    """Without those shares of its height and width; the parts say what whole pixels are left."""
    height, width = picture.shape[1:]
    rows = round(top * height), height - round(bottom * height)
    columns = round(left * width), width - round(right * width)
    return picture[:, slice(*rows), slice(*columns)], tuple(row / height for row in rows), tuple(column / width for column in columns)


def cropped(picture: torch.Tensor, random: np.random.Generator, share: float) -> tuple[torch.Tensor, Part, Part]:
    """Without `share` of its height and of its width, from anywhere."""
    above, before = random.random(2)
    return cut(picture, share * above, share * (1 - above), share * before, share * (1 - before))


def coloured(picture: torch.Tensor, brightness: float = 1, contrast: float = 1, saturation: float = 1, gamma: float = 1) -> torch.Tensor:
    picture = (picture * brightness - 0.5) * contrast + 0.5
    grey = (picture * LUMA).sum(0, keepdim=True)
    picture = (grey + (picture - grey) * saturation).clamp(1e-3, 1)
    return picture**gamma


def noisy(picture: torch.Tensor, random: np.random.Generator, levels: float) -> torch.Tensor:
    return (picture + torch.from_numpy(random.normal(0, levels / 255, picture.shape).astype(np.float32))).clamp(0, 1)


def screenshot(picture: torch.Tensor, random: np.random.Generator, factor: float, levels: float, gamma: float, quality: int) -> torch.Tensor:
    """Shown at another size by a screen of another gamma, taken with some noise, and kept as JPEG."""
    picture = coloured(scaled(picture, factor, "bicubic"), gamma=gamma)
    return saved(noisy(picture, random, levels), "JPEG", quality=quality)


def _colours(picture: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    low, high = np.array([0.88, 0.88, 0.75, 0.88]), np.array([1.12, 1.12, 1.25, 1.12])
    return rounded(coloured(picture, *random.uniform(low, high).tolist()))


def _screenshot(picture: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    return screenshot(picture, random, random.uniform(0.7, 1.6), random.uniform(0, 3), random.uniform(0.92, 1.08), int(random.integers(80, 96)))


WAYS: dict[str, Callable[[torch.Tensor, np.random.Generator], torch.Tensor]] = {
    "none": lambda picture, random: rounded(picture),
    "jpeg": lambda picture, random: saved(picture, "JPEG", quality=int(random.integers(65, 91))),
    "webp": lambda picture, random: saved(picture, "WEBP", quality=int(random.integers(65, 91)), method=2),
    "scaled": lambda picture, random: rounded(scaled(picture, float(2 ** random.uniform(-1.05, 1)), str(random.choice(("bilinear", "bicubic"))))),
    "colours": _colours,
    "noise": lambda picture, random: rounded(noisy(picture, random, random.uniform(1, 6))),
    "screenshot": _screenshot,
    "crop": lambda picture, random: rounded(picture),
}
SHARES = (0.06, 0.27, 0.21, 0.08, 0.1, 0.04, 0.12, 0.12)


def batch(pictures: torch.Tensor, random: np.random.Generator, hardness: float) -> Seen:
    found = [_one(picture, random, hardness) for picture in pictures]
    small, rows, columns, names = zip(*found, strict=True)
    return Seen(torch.stack(small), torch.tensor(rows), torch.tensor(columns), list(names))


def _one(picture: torch.Tensor, random: np.random.Generator, hardness: float) -> tuple[torch.Tensor, Part, Part, str]:
    name = str(random.choice(list(WAYS), p=SHARES)) if random.random() < hardness else "none"
    rows = columns = WHOLE
    if name == "crop" or (name in ("jpeg", "screenshot") and random.random() < 0.1):
        picture, rows, columns = cropped(picture, random, random.uniform(0.02, 0.105))
    picture = WAYS[name](picture, random)
    small = picture if picture.shape[1:] == (SIDE, SIDE) else resized(picture, SIDE, SIDE)
    return small, rows, columns, name
