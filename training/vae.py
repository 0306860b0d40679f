"""digits-vae: a class-conditional convolutional variational autoencoder at 28x28.

Kingma and Welling 2014, "Auto-Encoding Variational Bayes" (arXiv 1312.6114); the class is given to both sides as
in Sohn, Lee and Yan 2015 (NeurIPS, "Learning Structured Output Representation"), so that the latent is left to
carry style. The likelihood is Bernoulli on grey values, and the divergence term warms up over the first tenth.

    make train MODEL=digits-vae
    python training/train.py digits-vae
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import export
import sheet
from run import Average, Batches


@dataclass(frozen=True)
class Config:
    latent: int = 20
    width: int = 48  # channels at 14x14; doubled at 7x7
    hidden: int = 256
    classes: int = 10
    batch: int = 64
    steps: int = 6000
    learning_rate: float = 1.5e-3
    average: float = 0.998
    beta: float = 1.0  # weight of the divergence against the reconstruction
    seed: int = 1


class Encoder(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        width = config.width
        self.body = nn.Sequential(
            nn.Conv2d(1, width // 2, 3, padding=1), nn.SiLU(),
            nn.Conv2d(width // 2, width, 4, stride=2, padding=1), nn.SiLU(),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1), nn.SiLU(),
        )  # fmt: skip
        self.embedding = nn.Embedding(config.classes, config.hidden)
        self.hidden = nn.Linear(2 * width * 7 * 7, config.hidden)
        self.mean = nn.Linear(config.hidden, config.latent)
        self.log_variance = nn.Linear(config.hidden, config.latent)

    def forward(self, pictures, y):
        """Pictures [N, 1, 28, 28] in 0..1 and classes [N] -> mean and log-variance, each [N, latent]."""
        h = F.silu(self.hidden(self.body(pictures).flatten(1)) + self.embedding(y))
        return self.mean(h), self.log_variance(h)


class Decoder(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        width = config.width
        self.width = 2 * width
        self.embedding = nn.Embedding(config.classes, config.hidden)
        self.latent = nn.Linear(config.latent, config.hidden)
        self.hidden = nn.Linear(config.hidden, 2 * width * 7 * 7)
        self.body = nn.Sequential(
            nn.Conv2d(2 * width, 2 * width, 3, padding=1), nn.SiLU(),
            nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1), nn.SiLU(),
            nn.ConvTranspose2d(width, width // 2, 4, stride=2, padding=1), nn.SiLU(),
            nn.Conv2d(width // 2, 1, 3, padding=1),
        )  # fmt: skip

    def logits(self, z, y):
        h = F.silu(self.latent(z) + self.embedding(y))
        return self.body(F.silu(self.hidden(h)).view(-1, self.width, 7, 7))

    def forward(self, z, y):
        """Latents [N, latent] and classes [N] -> pictures [N, 1, 28, 28] in 0..1."""
        return torch.sigmoid(self.logits(z, y))


class Trainer:
    def __init__(self, config: Config, pictures: np.ndarray, labels: np.ndarray):
        self.config = config
        torch.manual_seed(config.seed)
        self.encoder, self.decoder = Encoder(config), Decoder(config)
        self.both = nn.ModuleDict({"encoder": self.encoder, "decoder": self.decoder})
        self.both.to(memory_format=torch.channels_last)
        self.optimiser = torch.optim.AdamW(self.both.parameters(), lr=config.learning_rate)
        self.average = Average(self.both, config.average)
        self.parts = {"both": self.both, "optimiser": self.optimiser, "average": self.average}
        self.pictures = torch.from_numpy(pictures)[:, None].float() / 255
        self.labels = torch.from_numpy(labels)
        self.batches = Batches(len(labels), config.batch, config.seed)

    def step(self, step: int) -> dict[str, float]:
        config = self.config
        progress = step / config.steps
        for group in self.optimiser.param_groups:
            group["lr"] = config.learning_rate * min(1, (step + 1) / 100, 0.01 + 0.5 * (1 + math.cos(math.pi * progress)))
        rows = self.batches(step)
        pictures, labels = self.pictures[rows], self.labels[rows]
        with torch.autocast("cpu", torch.bfloat16):
            mean, log_variance = self.encoder(pictures, labels)
            mean, log_variance = mean.float(), log_variance.float()
            z = mean + torch.randn_like(mean) * (log_variance / 2).exp()
            logits = self.decoder.logits(z, labels)
        reconstruction = F.binary_cross_entropy_with_logits(logits.float(), pictures, reduction="sum") / len(rows)
        divergence = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum() / len(rows)
        loss = reconstruction + config.beta * min(1, 10 * progress) * divergence
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.both.parameters(), 100.0)
        self.optimiser.step()
        self.average.update(self.both)
        return {"reconstruction": reconstruction.item(), "divergence": divergence.item()}

    def finished(self) -> tuple[Encoder, Decoder]:
        both = nn.ModuleDict({"encoder": Encoder(self.config), "decoder": Decoder(self.config)})
        both.load_state_dict(self.average.weights)
        return both["encoder"].eval(), both["decoder"].eval()


def ship(trainer: Trainer, folder: Path) -> dict:
    """Write the graphs, check them against PyTorch, and return the manifest."""
    config = trainer.config
    encoder, decoder = trainer.finished()
    export.round_to_half(encoder, decoder)
    pictures, y = trainer.pictures[:16], trainer.labels[:16]
    z = torch.randn(16, config.latent)
    with torch.no_grad():
        encoded, decoded = encoder(pictures, y), decoder(z, y)
    export.trace(encoder, folder / "encoder.onnx", {"image": pictures, "y": y}, ["mean", "log_variance"])
    export.trace(decoder, folder / "decoder.onnx", {"z": z, "y": y}, ["image"])
    export.parity(folder / "encoder.onnx", {"image": pictures.numpy(), "y": y.numpy()}, list(encoded), 1e-3)
    export.parity(folder / "decoder.onnx", {"z": z.numpy(), "y": y.numpy()}, [decoded], 1e-4)
    z, y = torch.randn(500, config.latent).numpy(), np.arange(500) % config.classes
    real = {"image": trainer.pictures[:500].numpy(), "y": trainer.labels[:500].numpy()}
    stored = {
        f"pictures {export.INT8}": export.shrink(folder / "decoder.onnx", {"z": z, "y": y}, span=1),
        f"latents {export.INT8}": export.shrink(folder / "encoder.onnx", real, span=float(np.ptp(encoded[0].numpy()))),
    }
    return {
        "schema": 1,
        "family": "vae",
        "title": "Digits VAE",
        "summary": "Handwritten digits, 28×28, grey: a class-conditional variational autoencoder, both halves.",
        "picture": {"layout": "nchw", "range": "0..1", "width": 28, "height": 28, "channels": 1},
        "latent": {"shape": [config.latent], "distribution": "normal"},
        "stored": stored,
        "graphs": {
            "encoder": {
                "file": "encoder.onnx",
                "inputs": {"image": "picture", "y": "class.digit"},
                "outputs": {"mean": "mean", "log_variance": "log_variance"},
                "max_batch": 16,
            },
            "decoder": {
                "file": "decoder.onnx",
                "inputs": {"z": "latent", "y": "class.digit"},
                "outputs": {"image": "picture"},
                "max_batch": 16,
            },
        },
    }


def paint(folder: Path, labels: np.ndarray, seed: int) -> np.ndarray:
    """Pictures uint8 [N, 28, 28] from latents drawn for the shipped decoder."""
    run = export.session(folder / "decoder.onnx")
    noise = torch.Generator().manual_seed(seed)
    parts = []
    for part in np.array_split(labels, max(1, len(labels) // 64)):
        z = torch.randn(len(part), run.get_inputs()[0].shape[1], generator=noise)
        parts.append(run.run(None, {"z": z.numpy(), "y": part})[0])
    return sheet.to_grey(np.concatenate(parts), 0, 1)


def measure(folder: Path, pictures: np.ndarray, labels: np.ndarray) -> list[tuple[str, float, str]]:
    """How well held-out digits survive being encoded and decoded (through the mean)."""
    images = pictures[:, None].astype(np.float32) / 255
    encoder, decoder = export.session(folder / "encoder.onnx"), export.session(folder / "decoder.onnx")
    mean, log_variance = encoder.run(None, {"image": images, "y": labels})
    (decoded,) = decoder.run(None, {"z": mean, "y": labels})
    error = ((decoded - images) ** 2).mean((1, 2, 3))
    divergence = 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance).sum(1)
    return [
        ("peak signal to noise of reconstructed held-out digits", float((-10 * np.log10(error)).mean()), "dB"),
        ("information in the latent of a held-out digit", float(divergence.mean() / np.log(2)), "bits"),
    ]
