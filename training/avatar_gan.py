"""avatars-gan: a labelled GAN of avatars, 64x64 RGBA, with its discriminator.

Goodfellow et al. 2014 (arXiv 1406.2661), with the losses of gan.py: a painted picture is compared with a real one
of the same labels and both gradients are penalised (Huang et al. 2024, 2501.05441); real and painted ones alike are
shifted and partly covered (DiffAugment, Zhao et al. 2020, 2006.10738). The labels enter the discriminator as an
inner product (Miyato and Koyama 2018, 1802.05637), one vector for each label, summed. The generator starts as that
of avatars-cnn, so what is left to the adversary is what an error of pixels blurs; the discriminator learns alone at
first. A classifier of real pictures, that of avatars-cnn, tells beside it which labels don't show (as the auxiliary
classifier of Odena et al. 2017, 1610.09585, but apart from the adversary).

    make train MODEL=avatars-gan        # after avatars-vae and avatars-cnn
    python training/train.py avatars-gan
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import avatar_manifest
import export
from avatar_manifest import paint
from avatar_net import Generator, Labels, Namer, Painter, Reader, Shape, begin, premultiplied, straight, to_tensor
from run import Average, Batches, saved

__all__ = ["Config", "Trainer", "paint", "ship"]


@dataclass(frozen=True)
class Config(Shape):
    start: str = ""  # the model whose painter is the start
    batch: int = 32
    steps: int = 2500
    alone: int = 60  # steps in which the discriminator learns alone
    generator_rate: float = 1e-4
    critic_rate: float = 3e-4
    penalty: float = 0.05  # weight of the gradient penalties
    penalty_every: int = 4
    naming: float = 0.3  # weight of the labels that can't be read
    average: float = 0.995
    shift: int = 4
    cover: int = 16
    seed: int = 1


class Discriminator(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.read = Reader(config, norm=False)
        self.labels = Labels(config.features, 1.0)
        self.score = nn.Linear(config.features, 1)

    def forward(self, pictures, *labels):
        """Straight pictures and one label for each axis -> scores [N]; higher is more like a real one."""
        return self.judge(premultiplied(pictures), torch.stack(labels, 1))

    def judge(self, pictures, labels):
        features = self.read(pictures)
        return self.score(features)[:, 0] + (features * self.labels(labels)).sum(1) / features.shape[1] ** 0.5


def augment(pictures: torch.Tensor, config: Config) -> torch.Tensor:
    """Shift each picture and cover a square of it with nothing; differentiable, another draw for each picture."""
    count, _, height, width = pictures.shape
    pad = config.shift
    padded = F.pad(pictures, (pad, pad, pad, pad)).permute(0, 2, 3, 1)
    down = torch.randint(0, 2 * pad + 1, (count, 1, 1)) + torch.arange(height)[None, :, None]
    across = torch.randint(0, 2 * pad + 1, (count, 1, 1)) + torch.arange(width)[None, None, :]
    shifted = padded[torch.arange(count)[:, None, None], down, across].permute(0, 3, 1, 2)
    top, left = torch.randint(-config.cover, height, (2, count, 1, 1))
    rows, columns = torch.arange(height)[None, :, None], torch.arange(width)[None, None, :]
    inside = (rows >= top) & (rows < top + config.cover) & (columns >= left) & (columns < left + config.cover)
    return shifted.masked_fill(inside[:, None], 0.0)


class Trainer:
    def __init__(self, config: Config, pictures: np.ndarray, labels: np.ndarray):
        self.config = config
        torch.manual_seed(config.seed)
        self.painter = begin(Painter(config), config.start).to(memory_format=torch.channels_last)
        self.critic = Discriminator(config).to(memory_format=torch.channels_last)
        self.namer = Namer().to(memory_format=torch.channels_last).requires_grad_(False)
        if config.start:
            self.namer.load_state_dict(saved(config.start)["namer"])
        adam = {"betas": (0.0, 0.99)}
        self.improve = torch.optim.Adam(self.painter.parameters(), lr=config.generator_rate, **adam)
        self.learn = torch.optim.Adam(self.critic.parameters(), lr=config.critic_rate, **adam)
        self.average = Average(self.painter, config.average)
        self.parts = {
            "painter": self.painter, "critic": self.critic, "namer": self.namer,
            "improve": self.improve, "learn": self.learn, "average": self.average,
        }  # fmt: skip
        self.pictures, self.labels = pictures, torch.from_numpy(labels)
        self.batches = Batches(len(labels), config.batch, config.seed)

    def step(self, step: int) -> dict[str, float]:
        config = self.config
        fade = max(0.02, min(1.0, 2 * (1 - step / config.steps)))  # the second half cools down
        self.improve.param_groups[0]["lr"] = config.generator_rate * fade
        self.learn.param_groups[0]["lr"] = config.critic_rate * fade
        rows = self.batches(step)
        real, labels = to_tensor(self.pictures[rows]), self.labels[rows]
        count, alone = len(rows), step < config.alone

        z = torch.randn(count, config.latent)
        with torch.autocast("cpu", torch.bfloat16), torch.set_grad_enabled(not alone):
            fake = self.painter(z + self.painter.labels(labels)).float()
        both, twice = torch.cat([augment(real, config), augment(fake.detach(), config)]), labels.repeat(2, 1)
        penalised = step % config.penalty_every == 0
        with torch.autocast("cpu", torch.bfloat16, enabled=not penalised):
            scores = self.critic.judge(both.requires_grad_(penalised), twice).float()
        critic_loss = F.softplus(scores[count:] - scores[:count]).mean()
        loss = critic_loss
        if penalised:
            (slopes,) = torch.autograd.grad(scores.sum(), both, create_graph=True)
            loss = loss + config.penalty * config.penalty_every / 2 * slopes.square().sum() / count
        self.learn.zero_grad()
        loss.backward()
        self.learn.step()
        if alone:
            return {"critic": critic_loss.item(), "generator": 0.0, "unnamed": 0.0}

        self.critic.requires_grad_(False)
        with torch.autocast("cpu", torch.bfloat16):
            scores = self.critic.judge(torch.cat([augment(real, config), augment(fake, config)]), twice).float()
            unnamed = self.namer.loss(fake, labels)
        generator_loss = F.softplus(scores[:count] - scores[count:]).mean()
        self.improve.zero_grad()
        (generator_loss + config.naming * unnamed).backward()
        self.improve.step()
        self.critic.requires_grad_(True)
        self.average.update(self.painter)
        return {"critic": critic_loss.item(), "generator": generator_loss.item(), "unnamed": unnamed.item()}

    def finished(self) -> tuple[Painter, Discriminator]:
        painter, critic = Painter(self.config), Discriminator(self.config)
        painter.load_state_dict(self.average.weights)
        critic.load_state_dict(self.critic.state_dict())
        return painter.eval(), critic.eval()


def ship(trainer: Trainer, folder: Path) -> dict:
    """Write the graphs, check them against PyTorch, and return the manifest."""
    painter, critic = trainer.finished()
    export.round_to_half(critic)
    stored = avatar_manifest.halve(painter, trainer.labels[:256])
    manifest = avatar_manifest.ship(Generator(painter), folder, "generator", trainer.labels[:16])
    labels = avatar_manifest.feed(trainer.labels[:16].numpy())
    pictures = straight(to_tensor(trainer.pictures[:16])).contiguous()
    with torch.no_grad():
        scores = critic(pictures, *(torch.from_numpy(value) for value in labels.values()))
    inputs = {"image": pictures} | {name: torch.from_numpy(value) for name, value in labels.items()}
    export.trace(critic, folder / "discriminator.onnx", inputs, ["score"])
    export.parity(folder / "discriminator.onnx", {"image": pictures.numpy(), **labels}, [scores], 1e-2)
    manifest["graphs"]["discriminator"] = {
        "file": "discriminator.onnx",
        "inputs": {"image": "picture"} | {name: f"class.{name}" for name in labels},
        "outputs": {"score": "score"},
        "max_batch": 16,
    }
    return manifest | {
        "family": "gan",
        "title": "Avatars GAN",
        "summary": "Labelled avatars in three styles, 64×64 RGBA: a GAN with its discriminator.",
        "direction": avatar_manifest.directions(painter.labels),
        "stored": stored,
        "limits": ["Black hair tends to a dark blue, a faint weave lies over some colours, and lines are at times broken."],
    }
