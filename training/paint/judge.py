"""A picture-text scorer that knows nothing of the painter, to measure it by.

A small convolutional network learns to put an icon where a public sentence encoder puts its English name; it sees a
third art style and every concept, also those that the painter never saw. The painter is never trained against it.
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import run
from digits import cache_dir
from paint import autoencoder, captions, icons, words

NAME = "emoji-judge"
DISTRACTORS = 99


@dataclass(frozen=True)
class Config:
    width: int = 40
    batch: int = 96
    steps: int = 1500
    rate: float = 2e-3
    seed: int = 0


class Judge(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        width = config.width
        self.features = nn.Sequential(
            nn.PixelUnshuffle(2), nn.Conv2d(12, width, 3, padding=1), autoencoder.Block(width),
            nn.PixelUnshuffle(2), nn.Conv2d(4 * width, 2 * width, 1), autoencoder.Block(2 * width),
            nn.PixelUnshuffle(2), nn.Conv2d(8 * width, 4 * width, 1), autoencoder.Block(4 * width), autoencoder.Block(4 * width),
            nn.PixelUnshuffle(4), nn.SiLU(), nn.Conv2d(64 * width, 256, 1), nn.SiLU(), nn.Flatten(), nn.Linear(1024, 256),
        )  # fmt: skip
        self.project = nn.Linear(256, words.TEACHER_WIDTH)

    def forward(self, pictures):
        """RGB on white in -1..1 -> unit vectors among the sentences'."""
        return F.normalize(self.project(F.silu(self.features(pictures))).float(), dim=-1)


class Trainer:
    def __init__(self, config: Config):
        torch.manual_seed(config.seed)
        self.config = config
        painted, third = icons.load(), icons.load(icons.JUDGES_STYLE)
        self.pictures = np.concatenate([painted.pictures, third.pictures])
        self.concepts = sorted({*painted.concepts, *third.concepts})
        self.sentences = names(self.concepts)
        place = {concept: at for at, concept in enumerate(self.concepts)}
        self.of = torch.tensor([place[concept] for concept in painted.concepts + third.concepts])
        self.network = Judge(config).to(memory_format=torch.channels_last)
        self.average = run.Average(self.network, 0.99)
        self.optimiser = torch.optim.AdamW(self.network.parameters(), lr=config.rate, betas=(0.9, 0.98), weight_decay=0.05)
        self.batches = run.Batches(len(self.pictures), config.batch, config.seed)
        self.parts = {"network": self.network, "average": self.average, "optimiser": self.optimiser}

    def step(self, step: int) -> dict[str, float]:
        autoencoder.pace(self.optimiser, self.config.rate, step, self.config.steps)
        drawn = self.batches(step)
        random = np.random.default_rng((self.config.seed, step))
        pictures = torch.stack([roughened(on_white(self.pictures[at]), random) for at in drawn])
        with torch.autocast("cpu", torch.bfloat16):
            found = self.network(pictures.contiguous(memory_format=torch.channels_last))
        aims = self.sentences[self.of[drawn]]
        likeness = found @ aims.T / 0.05
        same = (self.of[drawn][:, None] == self.of[drawn]) & ~torch.eye(len(drawn), dtype=torch.bool)
        likeness = likeness.masked_fill(same, -1e4)
        right = torch.arange(len(drawn))
        loss = F.cross_entropy(likeness, right) + F.cross_entropy(likeness.T, right)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        self.average.update(self.network)
        return {"loss": loss.item(), "right": (likeness.argmax(1) == right).float().mean().item()}


def names(concepts: list[str]) -> torch.Tensor:
    """Where the sentence encoder puts the concepts' English names."""
    cached = cache_dir() / f"emoji-names-{len(concepts)}.pt"
    if not cached.exists():
        spoken = [one["en"].name for one in captions.load(concepts)]
        torch.save(words.Teacher()(spoken), cached)
    return torch.load(cached, weights_only=True)


def on_white(picture: np.ndarray) -> torch.Tensor:
    """uint8 [64, 64, 4] with premultiplied alpha -> RGB in -1..1."""
    return torch.from_numpy(icons.over_white(picture)).permute(2, 0, 1).float() / 127.5 - 1


def roughened(picture: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Moved a little, perhaps blurred, perhaps noisy: a judge of painted pictures must forgive brushwork."""
    across, down = random.integers(-4, 5, 2)
    picture = torch.roll(picture, (int(down), int(across)), (1, 2))
    if random.random() < 0.4:
        small = F.interpolate(picture[None], scale_factor=float(random.uniform(0.35, 0.8)), mode="area")
        picture = F.interpolate(small, size=picture.shape[1:], mode="bilinear")[0]
    if random.random() < 0.4:
        picture = picture + float(random.uniform(0, 0.15)) * torch.from_numpy(random.standard_normal(picture.shape, np.float32))
    return picture


class Scorer:
    """The trained judge with its concepts."""

    def __init__(self):
        saved = torch.load(run.run_dir(NAME) / "checkpoint.pt", weights_only=True)
        self.network = Judge(Config(**saved["config"])).eval()
        self.network.load_state_dict(saved["parts"]["average"]["weights"])
        painted, third = icons.load(), icons.load(icons.JUDGES_STYLE)
        self.concepts = sorted({*painted.concepts, *third.concepts})
        self.sentences = names(self.concepts)
        self.place = {concept: at for at, concept in enumerate(self.concepts)}

    @torch.no_grad()
    def see(self, pictures: np.ndarray) -> tuple[torch.Tensor, np.ndarray]:
        """Premultiplied RGBA pictures -> their vectors among the sentences', and their features."""
        batch = torch.stack([on_white(one) for one in pictures])
        features = self.network.features(batch)
        return F.normalize(self.network.project(F.silu(features)), dim=-1), features.numpy().astype(np.float64)

    def right(self, pictures: np.ndarray, concepts: list[str], seed: int = 0) -> np.ndarray:
        """Whether each picture is nearer to its concept's name than to those of 99 others."""
        found, _ = self.see(pictures)
        random = np.random.default_rng(seed)
        verdicts = []
        for vector, concept in zip(found, concepts, strict=True):
            own = self.place[concept]
            others = random.choice(np.delete(np.arange(len(self.concepts)), own), DISTRACTORS, replace=False)
            verdicts.append(bool(vector @ self.sentences[own] > (self.sentences[others] @ vector).max()))
        return np.array(verdicts)


def frechet(features: np.ndarray, others: np.ndarray) -> float:
    """Fréchet distance between two clouds of features, each taken as a normal distribution."""
    means = features.mean(0) - others.mean(0)
    first, second = np.cov(features, rowvar=False), np.cov(others, rowvar=False)
    values, vectors = np.linalg.eigh(first)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    cross = np.sqrt(np.linalg.eigvalsh(root @ second @ root).clip(0)).sum()
    return float(means @ means + np.trace(first) + np.trace(second) - 2 * cross)
