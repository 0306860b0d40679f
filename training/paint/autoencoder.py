"""64x64 RGBA pictures to 8x8x16 latents and back.

Residual convolutions without normalisation, most of them on coarse grids, where a CPU affords them: pixels are
folded into channels by four at the entrance and unfolded at the exit. A light KL term and noise on the latents
keep the space smooth enough for a generator to miss by a little.
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import run

CHANNELS = 16
GRID = 8


@dataclass(frozen=True)
class Config:
    width: int = 96
    deep: int = 224
    batch: int = 16
    steps: int = 1200
    rate: float = 1.5e-3
    noise: float = 0.1
    kl: float = 1e-4
    seed: int = 0


class Block(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.second.weight)

    def forward(self, x):
        return x + self.second(F.silu(self.first(F.silu(x))))


class Autoencoder(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        width, deep = config.width, config.deep
        self.encoder = nn.Sequential(
            nn.PixelUnshuffle(4), nn.Conv2d(64, width, 3, padding=1), Block(width), Block(width),
            nn.PixelUnshuffle(2), nn.Conv2d(4 * width, deep, 1), Block(deep), Block(deep),
            nn.Conv2d(deep, 2 * CHANNELS, 1),
        )  # fmt: skip
        self.decoder = nn.Sequential(
            nn.Conv2d(CHANNELS, deep, 3, padding=1), Block(deep), Block(deep), Block(deep),
            nn.Conv2d(deep, 4 * width, 1), nn.PixelShuffle(2), Block(width), Block(width), Block(width),
            nn.Conv2d(width, 4 * 40, 1), nn.PixelShuffle(2), Block(40),
            nn.SiLU(), nn.Conv2d(40, 16, 3, padding=1), nn.PixelShuffle(2),
        )  # fmt: skip

    def encode(self, pictures):
        mean, log_variance = self.encoder(pictures).float().chunk(2, 1)
        return mean, log_variance.clamp(-12, 4)


class Trainer:
    def __init__(self, config: Config, pictures: np.ndarray):
        torch.manual_seed(config.seed)
        self.config, self.pictures = config, pictures
        self.network = Autoencoder(config).to(memory_format=torch.channels_last)
        self.average = run.Average(self.network, 0.995)
        self.optimiser = torch.optim.AdamW(self.network.parameters(), lr=config.rate, betas=(0.9, 0.98), weight_decay=0.01)
        self.batches = run.Batches(len(pictures), config.batch, config.seed)
        self.parts = {"network": self.network, "average": self.average, "optimiser": self.optimiser}

    def step(self, step: int) -> dict[str, float]:
        config = self.config
        pace(self.optimiser, config.rate, step, config.steps)
        random = np.random.default_rng((config.seed, step))
        real = to_network(varied(self.pictures[self.batches(step)], random))
        with torch.autocast("cpu", torch.bfloat16):
            mean, log_variance = self.network.encode(real)
            latent = mean + (0.5 * log_variance).exp() * torch.randn_like(mean)
            latent = latent + config.noise * torch.rand(len(latent), 1, 1, 1) * torch.randn_like(latent)
            painted = self.network.decoder(latent.contiguous(memory_format=torch.channels_last)).float()
        loss = distance(painted, real)
        kl = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).mean()
        self.optimiser.zero_grad(set_to_none=True)
        (loss + config.kl * kl).backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.average.update(self.network)
        error = ((painted.clamp(-1, 1) - real) ** 2).mean() / 4
        return {"loss": loss.item(), "kl": kl.item(), "dB": -10 * torch.log10(error).item()}


def pace(optimiser: torch.optim.Optimizer, rate: float, step: int, steps: int, warm: int = 100, cool: float = 0.3) -> None:
    """Sets the learning rate: up over `warm` steps, level, and down to nothing over the last part."""
    left = cooling(step, steps, cool)
    for group in optimiser.param_groups:
        group["lr"] = rate * group.get("scale", 1.0) * min((step + 1) / warm, left)


def cooling(step: int, steps: int, cool: float = 0.3) -> float:
    """1, and down to nothing over the last part of a run."""
    return min(1.0, max(0.0, (steps - step) / (cool * steps)))


def distance(painted, real):
    """Smooth L1 at three sizes: edges are right only if the differences of neighbours are."""
    loss = 0.0
    for _ in range(3):
        loss = loss + F.smooth_l1_loss(painted, real, beta=0.05)
        for axis in (2, 3):
            loss = loss + 0.5 * F.smooth_l1_loss(painted.diff(dim=axis), real.diff(dim=axis), beta=0.05)
        painted, real = F.avg_pool2d(painted, 2), F.avg_pool2d(real, 2)
    return loss


def varied(pictures: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Mirrored, recoloured by a swap of channels, or shrunk, so that latents serve more than the icons as they are."""
    pictures = pictures.copy()
    for at in range(len(pictures)):
        one = pictures[at]
        if random.random() < 0.5:
            one = one[:, ::-1]
        if random.random() < 0.4:
            one = one[..., [*random.permutation(3), 3]]
        if random.random() < 0.1:
            half = one.reshape(32, 2, 32, 2, 4).mean((1, 3))
            top, left = random.integers(0, 33, 2)
            one = np.zeros_like(one)
            one[top : top + 32, left : left + 32] = half
        pictures[at] = one
    return pictures


def to_network(pictures: np.ndarray) -> torch.Tensor:
    """uint8 [N, 64, 64, 4] -> float [N, 4, 64, 64] in -1..1, channels last in memory."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)


def to_pictures(tensor: torch.Tensor) -> np.ndarray:
    """float [N, 4, 64, 64] in -1..1 -> uint8 [N, 64, 64, 4], no colour above its alpha."""
    values = ((tensor.detach().float().clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()
    return np.minimum(values, values[..., 3:])


@torch.no_grad()
def encode(network: Autoencoder, pictures: np.ndarray) -> torch.Tensor:
    """Mean latents [N, 16, 8, 8] of uint8 pictures."""
    found = []
    for start in range(0, len(pictures), 64):
        with torch.autocast("cpu", torch.bfloat16):
            found.append(network.encode(to_network(pictures[start : start + 64]))[0])
    return torch.cat(found)


def load(model: str) -> Autoencoder:
    """The averaged network of a run's checkpoint."""
    saved = torch.load(run.run_dir(model) / "checkpoint.pt", weights_only=True)
    network = Autoencoder(Config(**saved["config"]))
    network.load_state_dict(saved["parts"]["average"]["weights"])
    return network.eval().requires_grad_(False).to(memory_format=torch.channels_last)
