"""digits-gan: a class-conditional GAN at 28x28 with a projection discriminator.

Goodfellow et al. 2014 (arXiv 1406.2661); the convolutional shape of DCGAN (Radford, Metz, Chintala 2015,
1511.06434); the class enters the discriminator as an inner product (Miyato and Koyama 2018, 1802.05637). The
loss compares each painted picture with a real one of the same class and both gradients are penalised, which
keeps all modes (relativistic pairing, R1 and R2: Huang et al. 2024, "The GAN is dead; long live the GAN!",
2501.05441). Since there are only some thousand pictures, real and painted ones alike are shifted and partly
covered before the discriminator sees them (DiffAugment, Zhao et al. 2020, 2006.10738).

What is exported is a pupil of the generator, an average over whose last steps teaches it to paint the same
pictures from the same latents (distillation, Hinton, Vinyals, Dean 2015, 1503.02531). Nearly all of the pupil's
weights are in dense layers, which a batch reads once for all its rows, and a light tail of sub-pixel
convolutions (Shi et al. 2016, 1609.05158) draws the strokes: a picture among sixteen costs half of what the
teacher's does. Trained against the discriminator by itself, such a network painted one picture for each class.

    make train MODEL=digits-gan
    python training/train.py digits-gan
"""

import math
from dataclasses import dataclass
from itertools import pairwise
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
    latent: int = 64
    embedding: int = 64
    width: int = 128  # channels at 7x7; halved at 14x14 and again at 28x28
    critic_width: int = 32  # channels at 28x28; doubled at each step down
    classes: int = 10
    batch: int = 64
    steps: int = 11000  # of both parts
    adversarial: int = 4000  # the steps of the first part; the rest are lessons
    generator_rate: float = 5e-4
    critic_rate: float = 5e-4
    penalty: float = 0.1  # weight of the gradient penalties
    penalty_every: int = 4  # steps between them; the weight is scaled up in turn
    average: float = 0.998
    shift: int = 3  # DiffAugment: pixels of translation
    cover: int = 8  # DiffAugment: side of the covered square
    pupil_hidden: tuple[int, ...] = (768, 1024)  # widths of the pupil's dense layers
    pupil_width: int = 64  # its channels at 7x7, and again at 14x14
    pupil_rate: float = 2e-3
    lesson: int = 64  # pictures in a lesson
    seed: int = 1


class Generator(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        width = config.width
        self.embedding = nn.Embedding(config.classes, config.embedding)
        self.project = nn.Linear(config.latent + config.embedding, width * 7 * 7, bias=False)
        self.norm = nn.BatchNorm2d(width)
        self.body = nn.Sequential(
            *grow(width, width, double=False), *grow(width, width // 2), *grow(width // 2, width // 4)
        )
        self.paint = nn.Conv2d(width // 4, 1, 3, padding=1)

    def forward(self, z, y):
        """Latents [N, latent] and classes [N] -> pictures [N, 1, 28, 28] in -1..1."""
        h = self.project(torch.cat([z, self.embedding(y)], 1)).view(-1, self.norm.num_features, 7, 7)
        return torch.tanh(self.paint(self.body(F.relu(self.norm(h)))))


def grow(inputs: int, outputs: int, double: bool = True) -> list[nn.Module]:
    if double:
        layer = nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1, bias=False)
    else:
        layer = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
    return [layer, nn.BatchNorm2d(outputs), nn.ReLU()]


class Pupil(nn.Module):
    """What the generator does, at a cost that rows share."""

    def __init__(self, config: Config):
        super().__init__()
        width = config.pupil_width
        widths = (config.latent + config.embedding, *config.pupil_hidden, width * 7 * 7)
        self.embedding = nn.Embedding(config.classes, config.embedding)
        self.trunk = nn.Sequential(*(layer for pair in pairwise(widths) for layer in dense(*pair)))
        self.tail = nn.Sequential(
            nn.Unflatten(1, (width, 7, 7)),
            *grow(width, 2 * width, double=False), nn.PixelShuffle(2),
            *grow(width // 2, width, double=False), nn.Conv2d(width, 4, 3, padding=1), nn.PixelShuffle(2),
        )  # fmt: skip

    def forward(self, z, y):
        """As the generator's."""
        return torch.tanh(self.tail(self.trunk(torch.cat([z, self.embedding(y)], 1))))


def dense(inputs: int, outputs: int) -> list[nn.Module]:
    return [nn.Linear(inputs, outputs, bias=False), nn.BatchNorm1d(outputs), nn.ReLU()]


class Discriminator(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        width = config.critic_width
        self.body = nn.Sequential(
            *shrink(1, width, kernel=3, stride=1),
            *shrink(width, 2 * width, kernel=4, stride=2),
            *shrink(2 * width, 4 * width, kernel=4, stride=2),
            *shrink(4 * width, 8 * width, kernel=3, stride=2),
        )
        self.features = nn.Sequential(nn.Linear(8 * width * 4 * 4, 8 * width), nn.LeakyReLU(0.2))
        self.score = nn.Linear(8 * width, 1)
        self.embedding = nn.Embedding(config.classes, 8 * width)

    def forward(self, pictures, y):
        """Pictures [N, 1, 28, 28] in -1..1 and classes [N] -> scores [N]; higher is more like a real one."""
        features = self.features(self.body(pictures).flatten(1))
        return self.score(features)[:, 0] + (features * self.embedding(y)).sum(1) / features.shape[1] ** 0.5


def shrink(inputs: int, outputs: int, kernel: int, stride: int) -> list[nn.Module]:
    return [nn.Conv2d(inputs, outputs, kernel, stride, padding=1), nn.LeakyReLU(0.2)]


def augment(pictures: torch.Tensor, config: Config) -> torch.Tensor:
    """Shift each picture and cover a square of it; differentiable, another draw for each picture."""
    count, _, height, width = pictures.shape
    pad = config.shift
    padded = F.pad(pictures, (pad, pad, pad, pad), value=-1.0)
    down = torch.randint(0, 2 * pad + 1, (count, 1, 1)) + torch.arange(height)[None, :, None]
    across = torch.randint(0, 2 * pad + 1, (count, 1, 1)) + torch.arange(width)[None, None, :]
    shifted = padded[torch.arange(count)[:, None, None], 0, down, across][:, None]
    top, left = torch.randint(-config.cover, height, (2, count, 1, 1))
    rows, columns = torch.arange(height)[None, :, None], torch.arange(width)[None, None, :]
    inside = (rows >= top) & (rows < top + config.cover) & (columns >= left) & (columns < left + config.cover)
    return shifted.masked_fill(inside[:, None], -1.0)


class Trainer:
    def __init__(self, config: Config, pictures: np.ndarray, labels: np.ndarray):
        self.config = config
        torch.manual_seed(config.seed)
        self.generator = Generator(config).to(memory_format=torch.channels_last)
        self.critic = Discriminator(config).to(memory_format=torch.channels_last)
        adam = {"betas": (0.0, 0.99)}
        self.paint = torch.optim.Adam(self.generator.parameters(), lr=config.generator_rate, **adam)
        self.judge = torch.optim.Adam(self.critic.parameters(), lr=config.critic_rate, **adam)
        self.average = Average(self.generator, config.average)
        self.pupil = Pupil(config).to(memory_format=torch.channels_last)
        self.study = torch.optim.Adam(self.pupil.parameters(), lr=config.pupil_rate)
        self.pupil_average = Average(self.pupil, config.average)
        self.parts = {
            "generator": self.generator, "critic": self.critic,
            "paint": self.paint, "judge": self.judge, "average": self.average,
            "pupil": self.pupil, "study": self.study, "pupil_average": self.pupil_average,
        }  # fmt: skip
        self.adversarial = min(config.adversarial, config.steps // 2)
        self.teacher = None
        self.pictures = torch.from_numpy(pictures)[:, None].float() / 127.5 - 1
        self.labels = torch.from_numpy(labels)
        self.batches = Batches(len(labels), config.batch, config.seed)

    def step(self, step: int) -> dict[str, float]:
        if step < self.adversarial:
            return self.contest(step)
        return self.teach(step - self.adversarial)

    def teach(self, lesson: int) -> dict[str, float]:
        """The pupil paints what the averaged generator paints."""
        config = self.config
        if self.teacher is None:
            self.teacher = self.contestants()[0].to(memory_format=torch.channels_last)
        done = lesson / (config.steps - self.adversarial)
        for group in self.study.param_groups:
            group["lr"] = config.pupil_rate * (0.01 + 0.495 * (1 + math.cos(math.pi * done))) * min(1, (lesson + 1) / 100)
        z, y = torch.randn(config.lesson, config.latent), torch.randint(config.classes, (config.lesson,))
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            wanted = self.teacher(z, y)
        with torch.autocast("cpu", torch.bfloat16):
            painted = self.pupil(z, y)
        loss = (painted.float() - wanted.float()).abs().mean()
        self.study.zero_grad()
        loss.backward()
        self.study.step()
        self.pupil_average.update(self.pupil)
        return {"pupil": loss.item()}

    def contest(self, step: int) -> dict[str, float]:
        """Both networks take a step against each other."""
        config = self.config
        fade = min(1.0, 2 * (1 - step / self.adversarial))  # the second half cools down
        for optimiser, rate in ((self.paint, config.generator_rate), (self.judge, config.critic_rate)):
            optimiser.param_groups[0]["lr"] = rate * max(fade, 0.02)
        rows = self.batches(step)
        real, labels = self.pictures[rows], self.labels[rows]
        count = len(rows)

        z = torch.randn(count, config.latent)
        with torch.autocast("cpu", torch.bfloat16):
            fake = self.generator(z, labels).float()
        both, twice = torch.cat([augment(real, config), augment(fake.detach(), config)]), labels.repeat(2)
        penalised = step % config.penalty_every == 0
        with torch.autocast("cpu", torch.bfloat16, enabled=not penalised):
            scores = self.critic(both.requires_grad_(penalised), twice).float()
        critic_loss = F.softplus(scores[count:] - scores[:count]).mean()
        loss = critic_loss
        if penalised:
            (slopes,) = torch.autograd.grad(scores.sum(), both, create_graph=True)
            weight = config.penalty * config.penalty_every / 2
            loss = loss + weight * slopes.square().sum() / count
        self.judge.zero_grad()
        loss.backward()
        self.judge.step()

        self.critic.requires_grad_(False)
        with torch.autocast("cpu", torch.bfloat16):
            scores = self.critic(torch.cat([augment(real, config), augment(fake, config)]), twice).float()
        generator_loss = F.softplus(scores[:count] - scores[count:]).mean()
        self.paint.zero_grad()
        generator_loss.backward()
        self.paint.step()
        self.critic.requires_grad_(True)
        self.average.update(self.generator)
        return {"critic": critic_loss.item(), "generator": generator_loss.item()}

    def finished(self) -> tuple[Pupil, Discriminator]:
        pupil = Pupil(self.config)
        pupil.load_state_dict(self.pupil_average.weights)
        return pupil.eval(), self.contestants()[1]

    def contestants(self) -> tuple[Generator, Discriminator]:
        generator, critic = Generator(self.config), Discriminator(self.config)
        generator.load_state_dict(self.average.weights)
        critic.load_state_dict(self.critic.state_dict())
        return generator.eval(), critic.eval()


def ship(trainer: Trainer, folder: Path) -> dict:
    """Write the graphs, check them against PyTorch, and return the manifest."""
    config = trainer.config
    generator, critic = trainer.finished()
    export.round_to_half(generator, critic)
    z, y = torch.randn(16, config.latent), torch.arange(16) % config.classes
    with torch.no_grad():
        pictures = generator(z, y)
        scores = critic(pictures, y)
    export.trace(generator, folder / "generator.onnx", {"z": z, "y": y}, ["image"])
    export.trace(critic, folder / "discriminator.onnx", {"image": pictures, "y": y}, ["score"])
    # The tracer folds normalisation into weights that are then stored as float16: half a grey level of 255.
    export.parity(folder / "generator.onnx", {"z": z.numpy(), "y": y.numpy()}, [pictures], 4e-3)
    export.parity(folder / "discriminator.onnx", {"image": pictures.numpy(), "y": y.numpy()}, [scores], 1e-3)
    z, y = torch.randn(500, config.latent).numpy(), np.arange(500) % config.classes
    (painted,) = export.session(folder / "generator.onnx").run(None, {"z": z, "y": y})
    stored = {
        f"pictures {export.INT8}": export.shrink(folder / "generator.onnx", {"z": z, "y": y}, span=2),
        f"scores {export.INT8}": export.shrink(folder / "discriminator.onnx", {"image": painted, "y": y}, span=float(np.ptp(scores.numpy()))),
    }
    return {
        "schema": 1,
        "family": "gan",
        "title": "Digits GAN",
        "summary": "Handwritten digits, 28×28, grey: a class-conditional GAN with its discriminator.",
        "picture": {"layout": "nchw", "range": "-1..1", "width": 28, "height": 28, "channels": 1},
        "latent": {"shape": [config.latent], "distribution": "normal"},
        "stored": stored,
        "graphs": {
            "generator": {
                "file": "generator.onnx",
                "inputs": {"z": "latent", "y": "class.digit"},
                "outputs": {"image": "picture"},
                "max_batch": 64,
            },
            "discriminator": {
                "file": "discriminator.onnx",
                "inputs": {"image": "picture", "y": "class.digit"},
                "outputs": {"score": "score"},
                "max_batch": 16,
            },
        },
    }


def paint(folder: Path, labels: np.ndarray, seed: int) -> np.ndarray:
    """Pictures uint8 [N, 28, 28] from the shipped graph."""
    run = export.session(folder / "generator.onnx")
    noise = torch.Generator().manual_seed(seed)
    parts = []
    for part in np.array_split(labels, max(1, len(labels) // 64)):
        z = torch.randn(len(part), run.get_inputs()[0].shape[1], generator=noise)
        parts.append(run.run(None, {"z": z.numpy(), "y": part})[0])
    return sheet.to_grey(np.concatenate(parts), -1, 1)
