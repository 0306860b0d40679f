"""avatars-vae: a variational autoencoder of labelled avatars, 64x64 RGBA, whose labels are directions.

Kingma and Welling 2014, "Auto-Encoding Variational Bayes" (arXiv 1312.6114), with a prior that depends on the
labels (Khemakhem et al. 2020, "Variational Autoencoders and Nonlinear ICA", 1907.04809): a standard normal around
the sum of the labels' vectors. The latent given to the decoder is the distance from there, so "more smile" is the
vector from sad to happy. The likelihood of premultiplied colours is a Gaussian times a Laplacian of the picture's
pyramid: the one learns fast where everything goes, the other keeps edges where the one would smear them.

    make train MODEL=avatars-vae
    python training/train.py avatars-vae
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

import avatar_manifest
import export
from avatar_net import Generator, Painter, Reader, Shape, premultiplied, pyramid, straight, to_tensor
from run import Average, Batches

__all__ = ["Config", "Trainer", "measure", "paint", "ship"]


# Drawn latents are held nearer to the middle than the encoder's spread: there are no avatars between two hair cuts.
SCALE = 0.6


@dataclass(frozen=True)
class Config(Shape):
    batch: int = 32
    steps: int = 2500
    learning_rate: float = 2e-3
    average: float = 0.995
    noise: float = 0.25  # standard deviation of the likelihood, of colours in 0..1
    last_noise: float = 0.6  # the same at the end: details are learned first, then what the labels say is unlearned
    sharpness: float = 0.12  # what a difference of one in the pyramid costs, in nats
    rise: tuple[float, float] = (0.6, 0.7)  # between these shares of the steps the one becomes the other
    seed: int = 1


class Encoder(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.read = Reader(config, norm=True)
        self.mean = nn.Linear(config.features, config.latent)
        self.log_variance = nn.Linear(config.features, config.latent)

    def forward(self, pictures):
        """Straight pictures [N, 4, 64, 64] in 0..1 -> mean and log-variance, each [N, latent]."""
        return self.encode(premultiplied(pictures))

    def encode(self, pictures):
        h = self.read(pictures)
        return self.mean(h), self.log_variance(h)


class Trainer:
    def __init__(self, config: Config, pictures: np.ndarray, labels: np.ndarray):
        self.config = config
        torch.manual_seed(config.seed)
        self.both = nn.ModuleDict({"encoder": Encoder(config), "painter": Painter(config)})
        self.both.to(memory_format=torch.channels_last)
        self.optimiser = torch.optim.AdamW(self.both.parameters(), lr=config.learning_rate, betas=(0.9, 0.99), weight_decay=1e-4)
        self.average = Average(self.both, config.average)
        self.parts = {"both": self.both, "optimiser": self.optimiser, "average": self.average}
        self.pictures, self.labels = pictures, torch.from_numpy(labels)
        self.batches = Batches(len(labels), config.batch, config.seed)

    def step(self, step: int) -> dict[str, float]:
        config = self.config
        progress = step / config.steps
        cooled = 0.01 + 0.5 * (1 + math.cos(math.pi * progress))
        for group in self.optimiser.param_groups:
            group["lr"] = config.learning_rate * min(1, (step + 1) / 50, cooled)
        rows = self.batches(step)
        pictures, labels = to_tensor(self.pictures[rows]), self.labels[rows]
        encoder, painter = self.both["encoder"], self.both["painter"]
        with torch.autocast("cpu", torch.bfloat16):
            mean, log_variance = encoder.encode(pictures)
            mean, log_variance = mean.float(), log_variance.float().clamp(-10, 4)
            z = mean + torch.randn_like(mean) * (log_variance / 2).exp()
            painted = painter(z + painter.labels(labels)).float()
        error = (painted - pictures).square().sum() / len(rows)
        divergence = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum() / len(rows)
        begin, end = config.rise
        risen = min(1, max(0, (progress - begin) / (end - begin)))
        noise = config.noise * (config.last_noise / config.noise) ** risen
        edges = pyramid(painted - pictures) * pictures[0].numel()
        loss = error / (2 * noise**2) + config.sharpness * edges + divergence
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.both.parameters(), 2000.0)
        self.optimiser.step()
        self.average.update(self.both)
        return {"error dB": -10 * math.log10(error.item() / pictures[0].numel()), "divergence": divergence.item()}

    def finished(self) -> tuple[Encoder, Painter]:
        both = nn.ModuleDict({"encoder": Encoder(self.config), "painter": Painter(self.config)})
        both.load_state_dict(self.average.weights)
        return both["encoder"].eval(), both["painter"].eval()


def ship(trainer: Trainer, folder: Path) -> dict:
    """Write the graphs, check them against PyTorch, and return the manifest."""
    encoder, painter = trainer.finished()
    export.round_to_half(encoder)
    stored = avatar_manifest.halve(painter, trainer.labels[:256])
    manifest = avatar_manifest.ship(Generator(painter), folder, "decoder", trainer.labels[:16])
    pictures = straight(to_tensor(trainer.pictures[:16])).contiguous()
    with torch.no_grad():
        encoded = encoder(pictures)
    export.trace(encoder, folder / "encoder.onnx", {"image": pictures}, ["mean", "log_variance"])
    export.parity(folder / "encoder.onnx", {"image": pictures.numpy()}, list(encoded), 2e-2)
    manifest["graphs"]["encoder"] = {
        "file": "encoder.onnx",
        "inputs": {"image": "picture"},
        "outputs": {"mean": "mean", "log_variance": "log_variance"},
        "max_batch": 16,
    }
    return manifest | {
        "family": "vae",
        "title": "Avatars VAE",
        "summary": "Labelled avatars in three styles, 64×64 RGBA: a variational autoencoder with directions to edit along.",
        "latent": manifest["latent"] | {"scale": SCALE},
        "direction": avatar_manifest.directions(painter.labels),
        "stored": stored,
        "limits": ["Black hair tends to a dark purple, and pixel art is at times soft at the edges of long hair."],
    }


def paint(folder: Path, labels: np.ndarray, seed: int) -> np.ndarray:
    return avatar_manifest.paint(folder, labels, seed, SCALE)


def measure(folder: Path, pictures: np.ndarray, labels: np.ndarray) -> list[tuple[str, float, str]]:
    """How well held-out avatars survive being encoded and decoded (through the mean)."""
    images = straight(to_tensor(pictures)).contiguous().numpy()
    encoder, decoder = export.session(folder / "encoder.onnx"), export.session(folder / "decoder.onnx")
    decibels = []
    for rows in np.array_split(np.arange(len(labels)), max(1, len(labels) // 64)):
        mean, _ = encoder.run(None, {"image": images[rows]})
        (decoded,) = decoder.run(None, {"z": mean, **avatar_manifest.feed(labels[rows])})
        error = premultiplied(torch.from_numpy(decoded)) - premultiplied(torch.from_numpy(images[rows]))
        decibels.append(-10 * error.square().mean((1, 2, 3)).log10())
    return [("peak signal to noise of reconstructed unseen avatars", float(torch.cat(decibels).mean()), "dB")]
