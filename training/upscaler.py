"""Upscaler: residual blocks without normalisation (Lim et al. 2017, arXiv 1707.02921) that enlarge by two and by four.

One small body sees the small picture (as compact as SRVGG, Wang et al. 2021, arXiv 2107.10833); a head for each scale
writes r*r values for each of its pixels, which are added to the pixel itself and laid out as the large one. A value
depends on `Config.reach` pixels around it and no more, so a picture cut into tiles with such a margin is the same as the
whole. It learns from icons, which are their own exact enlargements, and from photographs, reduced by every common
filter and kept as JPEG or disturbed as callers' are.
"""

import dataclasses
import io
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

import export
import large_icons
import photographs
import run

SCALES = (2, 4)
FILTERS = {
    "box": Image.Resampling.BOX,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    "bilinear": Image.Resampling.BILINEAR,
    "nearest": Image.Resampling.NEAREST,
}
SHARES = (0.45, 0.17, 0.15, 0.08, 0.15)


@dataclasses.dataclass(frozen=True)
class Config:
    width: int = 32
    depth: int = 12
    crop: int = 40  # of the small picture
    batch: int = 16
    steps: int = 12000
    rate: float = 1e-3
    decay: float = 0.999
    seed: int = 0

    @property
    def reach(self) -> int:
        """How far a value looks, in pixels of the small picture: one for each convolution."""
        return self.depth + 2


class Block(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.first, self.bend, self.second = nn.Conv2d(width, width, 3, padding=1), nn.PReLU(width), nn.Conv2d(width, width, 3, padding=1)
        with torch.no_grad():  # begins as nearly nothing, so that a deep body learns from the first step
            self.second.weight.mul_(0.1)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return values + self.second(self.bend(self.first(values)))


class Upscaler(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, config.width, 3, padding=1), *(Block(config.width) for _ in range(config.depth // 2)))
        self.heads = nn.ModuleDict({str(scale): nn.Conv2d(config.width, 3 * scale**2, 3, padding=1) for scale in SCALES})

    def forward(self, image: torch.Tensor, scale: int) -> torch.Tensor:
        details = self.heads[str(scale)](self.body(image))
        return nn.functional.pixel_shuffle(details + image.repeat_interleave(scale**2, 1), scale)


class Shipped(nn.Module):
    """One scale, with the values that a picture can have."""

    def __init__(self, network: Upscaler, scale: int):
        super().__init__()
        self.network, self.scale = network, scale

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.network(image, self.scale).clamp(0, 1)


class Trainer:
    def __init__(self, config: Config, icons: np.ndarray, photos: list[np.ndarray]):
        torch.manual_seed(config.seed)
        self.config, self.icons, self.photos = config, icons, photos
        self.network = Upscaler(config).to(memory_format=torch.channels_last)
        self.average = run.Average(self.network, config.decay)
        self.optimiser = torch.optim.Adam(self.network.parameters(), config.rate, betas=(0.9, 0.99))
        self.parts = {"network": self.network, "average": self.average, "optimiser": self.optimiser}

    def step(self, step: int) -> dict[str, float]:
        config = self.config
        left = 1 - step / config.steps
        self.optimiser.param_groups[0]["lr"] = config.rate * min(1.0, (step + 1) / 200, 0.02 + left * 1.6)
        scale = SCALES[step % 2]
        small, large = self.batch(np.random.default_rng((config.seed, step)), scale)
        with torch.autocast("cpu", torch.bfloat16):
            found = self.network(small.contiguous(memory_format=torch.channels_last), scale)
        difference = found.float() - large
        plain = charbonnier(difference)
        edges = charbonnier(difference.diff(dim=2)) + charbonnier(difference.diff(dim=3))
        loss = plain + 0.25 * edges
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.average.update(self.network)
        return {f"x{scale}": plain.item()}

    def batch(self, random: np.random.Generator, scale: int) -> tuple[torch.Tensor, torch.Tensor]:
        pairs = [self.pair(random, scale) for _ in range(self.config.batch)]
        return tuple(to_tensor(np.stack(side)) for side in zip(*pairs, strict=True))

    def pair(self, random: np.random.Generator, scale: int) -> tuple[np.ndarray, np.ndarray]:
        side = self.config.crop * scale
        large = icon_crop(self.icons, side, random) if random.random() < 0.5 else photo_crop(self.photos, side, random)
        large = np.rot90(large, random.integers(4))
        large = np.ascontiguousarray(large[:, ::-1] if random.random() < 0.5 else large)
        return degrade(large, scale, random), large

    def finished(self) -> Upscaler:
        network = Upscaler(self.config)
        network.load_state_dict(self.average.weights)
        return network.eval()


def charbonnier(difference: torch.Tensor) -> torch.Tensor:
    return (difference.square() + 1e-6).sqrt().mean()


def icon_crop(icons: np.ndarray, side: int, random: np.random.Generator) -> np.ndarray:
    """A crop with something in it, on a ground of any colour; or its alpha as grey, which goes through the same net."""
    icon = np.asarray(icons[random.integers(len(icons))])
    if side <= 128 and random.random() < 0.6:
        icon = np.rint(icon.reshape(128, 2, 128, 2, 4).mean((1, 3))).astype(np.uint8)
    room = len(icon) - side
    for _ in range(3):
        top, left = random.integers(room + 1, size=2)
        crop = icon[top : top + side, left : left + side]
        if crop[..., 3].std() > 2 or crop[..., :3].std() > 8:
            break
    kind = random.random()
    if kind < 0.12:
        return np.repeat(crop[..., 3:], 3, -1)
    ground = 255.0 if kind < 0.4 else 0.0 if kind < 0.55 else random.integers(256, size=3)
    alpha = crop[..., 3:].astype(np.float32) / 255
    return np.rint(np.minimum(crop[..., :3] + (1 - alpha) * ground, 255)).astype(np.uint8)


def photo_crop(photos: list[np.ndarray], side: int, random: np.random.Generator) -> np.ndarray:
    photo = photos[random.integers(len(photos))]
    least = side / min(photo.shape[:2])
    if least < 1:
        wide = min(int(side / random.uniform(max(least, 0.4), 1)), min(photo.shape[:2]))
        top, left = random.integers(photo.shape[0] - wide + 1), random.integers(photo.shape[1] - wide + 1)
        photo = photo[top : top + wide, left : left + wide]
    return np.asarray(Image.fromarray(photo).resize((side, side), Image.Resampling.LANCZOS))


def degrade(large: np.ndarray, scale: int, random: np.random.Generator) -> np.ndarray:
    way = list(FILTERS)[random.choice(len(FILTERS), p=SHARES)]
    small = reduce(large, scale, way)
    if random.random() < 0.2:
        noise = random.normal(0, random.uniform(0.5, 5), small.shape)
        small = np.rint(np.clip(small + noise, 0, 255)).astype(np.uint8)
    return as_jpeg(small, int(random.integers(40, 101))) if random.random() < 0.35 else small


def reduce(large: np.ndarray, scale: int, way: str) -> np.ndarray:
    height, width = large.shape[:2]
    return np.asarray(Image.fromarray(large).resize((width // scale, height // scale), FILTERS[way]))


def as_jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    kept = io.BytesIO()
    Image.fromarray(picture).save(kept, "JPEG", quality=quality)
    return np.asarray(Image.open(kept))


def to_tensor(pictures: np.ndarray) -> torch.Tensor:
    """uint8 [N, H, W, 3] -> float [N, 3, H, W] in 0..1."""
    return torch.from_numpy(pictures.astype(np.float32) / 255).permute(0, 3, 1, 2)


def ship(trainer: Trainer, folder: Path) -> None:
    """Write x2.onnx and x4.onnx, and check them against PyTorch."""
    network = trainer.finished()
    export.round_to_half(network)
    image = torch.rand(2, 3, 24, 20)
    for scale in SCALES:
        path, shipped = folder / f"x{scale}.onnx", Shipped(network, scale)
        free = {"image": {2: "height", 3: "width"}, "enlarged": {2: "large_height", 3: "large_width"}}
        export.trace(shipped, path, {"image": image}, ["enlarged"], free)
        for size in ((24, 20), (7, 33)):
            tried = torch.rand(2, 3, *size)
            with torch.no_grad():
                export.parity(path, {"image": tried.numpy()}, [shipped(tried)], 1e-4)


def trainer(config: Config, sliver: bool) -> Trainer:
    photos = [one.pixels for one in photographs.load(sliver)["train"]]
    return Trainer(config, large_icons.load(sliver)["train"], photos)
