"""Translator: one U-Net with a label for the target (pix2pix, Isola et al. 2017, arXiv 1611.07004).

It is trained with L1 and a PatchGAN, which sees what went in and what came out. Layers are scaled and shifted as the label says
(Perez et al. 2018, FiLM); nothing is normalised, so a picture in tiles is as the whole. It is told which way edges run, and the
last layer lays the patterns of `translator_programs.py`: how much of strokes that way, of each hatching and of the paper is seen,
and where an icon is filled with the colours of the lines around.
"""

import dataclasses
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import export
import run
import translator_data
import translator_programs
from translator_data import SIDE, over, to_tensor
from translator_programs import DIRECTIONS, HATCHES, LUMA, TILE, patterns

TARGETS = ("oil", "pencil", "icon", "ink")
MIXES = torch.tensor([1.0, 1.0, 0.0, 1.0])  # whether colours may come up that aren't in the picture: icons have those of their pens
FROM_GREY = torch.tensor([0.0, 1.0, 0.0, 1.0])  # what is seen without its colours, whatever is given
PRACTICE = ("oil", "icon", "ink", "icon", "pencil", "icon", "ink", "icon")  # a step's pictures, again and again
WEIGHTS = torch.tensor([1.5, 1.0, 1.5, 1.0])
JUDGED = torch.tensor([0.006, 0.002, 0.03, 0.002])  # how much the PatchGAN's opinion counts beside L1
PENS = (4, 26)  # near and far: pixels over which the colours of lines spread
HEAD = 3 + 1 + 2 * len(HATCHES) + 2 + len(PENS)


@dataclasses.dataclass(frozen=True)
class Config:
    widths: tuple = (16, 32, 64, 112, 160)
    judge: int = 32
    batch: int = 8
    steps: int = 2800
    alone: int = 500  # steps before the PatchGAN has a say
    rate: float = 1e-3
    decay: float = 0.998
    seed: int = 0


class Told(nn.Module):
    """Convolution, then a scale and shift for each channel that the label gives."""

    def __init__(self, inside: int, outside: int, kernel: int = 3, stride: int = 1, dilation: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(inside, outside, kernel, stride, dilation * (kernel // 2), dilation)
        self.steer = nn.Embedding(len(TARGETS), 2 * outside)
        nn.init.normal_(self.steer.weight, std=0.15)

    def forward(self, values: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        scale, shift = self.steer(target)[..., None, None].chunk(2, 1)
        return F.leaky_relu(self.conv(values) * (1 + scale) + shift, 0.1)


class Residual(nn.Module):
    def __init__(self, width: int, dilation: int):
        super().__init__()
        self.first, self.second = Told(width, width, dilation=dilation), nn.Conv2d(width, width, 3, padding=1)
        with torch.no_grad():
            self.second.weight.mul_(0.1)

    def forward(self, values: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return values + self.second(self.first(values, target))


class Translator(nn.Module):
    """Sides are multiples of 16, and `pattern` holds the patterns' planes at each pixel."""

    def __init__(self, config: Config):
        super().__init__()
        first, *_ = widths = config.widths
        pairs = list(zip(widths, widths[1:], strict=False))
        self.start = Told(5, first)
        self.down = nn.ModuleList(Told(fine, coarse, stride=2) for fine, coarse in pairs)
        self.middle = nn.ModuleList(Residual(widths[-1], dilation) for dilation in (1, 2))
        self.narrow = nn.ModuleList(nn.Conv2d(coarse, fine, 1) for fine, coarse in pairs)
        self.up = nn.ModuleList(Told(2 * fine, fine) for fine, _ in pairs)
        self.head, self.keep = nn.Conv2d(first, HEAD, 3, padding=1), nn.Embedding(len(TARGETS), 1)
        with torch.no_grad():
            self.head.weight.mul_(0.1)
            self.head.bias.zero_()
            self.keep.weight.fill_(0.5)

    def forward(self, image: torch.Tensor, target: torch.Tensor, pattern: torch.Tensor) -> torch.Tensor:
        image = image + FROM_GREY[target][:, None, None, None] * (summed(image, LUMA) - image)
        ways = directions(image)
        laid, hatched, paper = pattern.split((DIRECTIONS, len(HATCHES), 2), 1)
        values = self.start(torch.cat([image - 0.5, *ways], 1), target)
        skips = []
        for down in self.down:
            skips.append(values)
            values = down(values, target)
        for block in self.middle:
            values = block(values, target)
        for skip, narrow, up in zip(skips[::-1], self.narrow[::-1], self.up[::-1], strict=True):
            values = up(torch.cat([F.interpolate(narrow(values), scale_factor=2.0), skip], 1), target)
        colours, strokes, amounts, edges, papers, fills = self.head(values).float().split((3, 1, len(HATCHES), len(HATCHES), 2, len(PENS)), 1)
        detail = strokes * summed(translator_programs.nearest_strokes(*ways) * laid) + summed(papers * paper)
        detail = detail - summed(amounts * torch.sigmoid(8 * (edges - hatched)))
        colours = MIXES[target][:, None, None, None] * colours
        filled = sum(fill * pen for fill, pen in zip(fills.split(1, 1), spread(image), strict=True))
        return 0.5 + self.keep(target)[..., None, None] * 2 * (image - 0.5) + colours + detail - filled


def directions(image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosine and sine of twice the angle of edges, as `translator_programs.oil` finds them."""
    with torch.autocast("cpu", enabled=False):
        return translator_programs.along_edges(summed(image, LUMA), translator_programs.FLOW)


def spread(image: torch.Tensor) -> list[torch.Tensor]:
    """What lines take from white, carried over to what lies near them: a mean, in which a line counts as it is strong."""
    with torch.autocast("cpu", enabled=False):
        ink = 1 - image
        strong = ink.amax(1, keepdim=True)
        lines = torch.cat([ink, strong, strong.square()], 1)
        near = translator_programs.blur(lines, PENS[0])
        far = translator_programs.blur(F.avg_pool2d(lines, 4), PENS[1] / 4)
        far = F.interpolate(far, scale_factor=4.0, mode="bilinear", align_corners=False)
        return [one[:, :3] * one[:, 4:] / (one[:, 3:4] + 1e-4).square() for one in (near, far)]


def summed(planes: torch.Tensor, weights: torch.Tensor | None = None) -> torch.Tensor:
    """Over the channels, as a convolution: ONNX Runtime's sums depend on how many rows a batch has, in their last digit."""
    weights = torch.ones(planes.shape[1]) if weights is None else weights
    with torch.autocast("cpu", enabled=False):
        return F.conv2d(planes.float(), weights[None, :, None, None])


class PatchGan(nn.Module):
    """Which patches of a translation are real, given what was translated and into what."""

    def __init__(self, width: int):
        super().__init__()
        widths = (6, width, 2 * width, 4 * width)
        norm = nn.utils.parametrizations.spectral_norm
        self.layers = nn.ModuleList(norm(nn.Conv2d(inside, outside, 4, 2, 1)) for inside, outside in zip(widths, widths[1:], strict=False))
        self.steer = nn.ModuleList(nn.Embedding(len(TARGETS), outside) for outside in widths[1:])
        self.last = norm(nn.Conv2d(widths[-1], 1, 3, padding=1))

    def forward(self, image: torch.Tensor, painted: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        values = torch.cat([image, painted], 1) - 0.5
        for layer, steer in zip(self.layers, self.steer, strict=True):
            values = F.leaky_relu(layer(values) + steer(target)[..., None, None], 0.2)
        return self.last(values).float()


class Trainer:
    def __init__(self, config: Config, icons: translator_data.Icons, photos: list[translator_data.Painted]):
        torch.manual_seed(config.seed)
        self.config, self.lessons = config, Lessons(icons, photos)
        self.network = Translator(config).to(memory_format=torch.channels_last)
        self.judge = PatchGan(config.judge).to(memory_format=torch.channels_last)
        self.average = run.Average(self.network, config.decay)
        self.optimiser = torch.optim.Adam(self.network.parameters(), config.rate, betas=(0.8, 0.99))
        self.judges_optimiser = torch.optim.Adam(self.judge.parameters(), 4e-4, betas=(0.5, 0.99))
        self.parts = {
            "network": self.network, "judge": self.judge, "average": self.average,
            "optimiser": self.optimiser, "judges_optimiser": self.judges_optimiser,
        }  # fmt: skip

    def step(self, step: int) -> dict[str, float]:
        config = self.config
        left = 1 - step / config.steps
        self.optimiser.param_groups[0]["lr"] = config.rate * min(1.0, (step + 1) / 100, 0.02 + left * 1.6)
        self.judges_optimiser.param_groups[0]["lr"] = 4e-4 * min(1.0, 0.02 + left * 1.6)
        random = np.random.default_rng((config.seed, step))
        names = [PRACTICE[(step * config.batch + at) % len(PRACTICE)] for at in range(config.batch)]
        image, wanted, pattern = self.lessons.batch(names, random)
        target = torch.tensor([TARGETS.index(name) for name in names])
        with torch.autocast("cpu", torch.bfloat16):
            painted = self.network(image.contiguous(memory_format=torch.channels_last), target, pattern)
        difference = painted - wanted
        apart = difference.abs().mean((1, 2, 3))
        edges = difference.diff(dim=2).abs().mean((1, 2, 3)) + difference.diff(dim=3).abs().mean((1, 2, 3))
        loss = (WEIGHTS[target] * (apart + 0.4 * edges)).mean()
        found = {name: apart[[at for at, one in enumerate(names) if one == name]].mean().item() for name in dict.fromkeys(names)}
        if step >= config.alone:
            share = min(1.0, (step - config.alone + 1) / 500)
            with torch.autocast("cpu", torch.bfloat16):
                opinion = self.judge(image, painted.clamp(0, 1), target)
            loss = loss + share * (JUDGED[target] * (opinion - 1).square().mean((1, 2, 3))).mean()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.average.update(self.network)
        if step >= config.alone - 200:
            found["judge"] = self.judged(image, painted.detach().clamp(0, 1), wanted, target)
        return found

    def judged(self, given: torch.Tensor, painted: torch.Tensor, wanted: torch.Tensor, target: torch.Tensor) -> float:
        with torch.autocast("cpu", torch.bfloat16):
            real, false = self.judge(torch.cat([given, given]), torch.cat([wanted, painted]), torch.cat([target, target])).chunk(2)
        loss = ((real - 1).square().mean() + false.square().mean()) / 2
        self.judges_optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.judges_optimiser.step()
        return loss.item()

    def finished(self) -> Translator:
        network = Translator(self.config)
        network.load_state_dict(self.average.weights)
        return network.eval()


class Lessons:
    """Crops of what is given and what is wanted, with the patterns that lie under them."""

    def __init__(self, icons: translator_data.Icons, photos: list[translator_data.Painted]):
        self.icons, self.photos = icons, photos

    def batch(self, names: list[str], random: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        pairs = [self.pair(name, random) for name in names]
        image, wanted, offsets = zip(*pairs, strict=True)
        pattern = torch.stack([patterns(SIDE, SIDE, offset) for offset in offsets])
        return to_tensor(np.stack(image)), to_tensor(np.stack(wanted)), pattern

    def pair(self, name: str, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, tuple[int, int]]:
        anywhere = tuple(random.integers(TILE, size=2).tolist())
        if name in translator_programs.PHOTO_PROGRAMS:
            return self.painted(name, random)
        wanted = sheet([over(flipped(self.drawing(random), random), 255.0) for _ in range(4 if random.random() < 0.6 else 1)])
        return outlined(wanted, random, coloured=True), wanted, anywhere

    def painted(self, name: str, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, tuple[int, int]]:
        one = self.photos[random.integers(len(self.photos))]
        top, left = (int(random.integers(side - SIDE + 1)) for side in one.photo.shape[:2])
        part = np.s_[top : top + SIDE, left : left + SIDE]
        return one.photo[part], one.by[name][part], (top, left)

    def drawing(self, random: np.random.Generator) -> np.ndarray:
        style = self.icons.noto if random.random() < 0.35 else self.icons.flat
        return style[random.integers(len(style))]


def flipped(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return picture[:, :: random.choice((-1, 1))]


def sheet(pictures: list[np.ndarray]) -> np.ndarray:
    """One picture as it is, or four at half the size."""
    if len(pictures) == 1:
        return pictures[0]
    small = [np.rint(one.reshape(SIDE // 2, 2, SIDE // 2, 2, 3).mean((1, 3))).astype(np.uint8) for one in pictures]
    return np.concatenate([np.concatenate(small[:2], 1), np.concatenate(small[2:], 1)])


def outlined(picture: np.ndarray, random: np.random.Generator, coloured: bool = False) -> np.ndarray:
    """As a black pen would draw it, now thin, now bold; or felt pens of the colours within."""
    radius = random.uniform(0.9, 1.7) if coloured else random.uniform(0.5, 1.1)
    lines = translator_programs.drawn_edges(to_tensor(picture[None]), float(radius), float(random.uniform(0.02, 0.06)))
    paper = lines[0, 0, ..., None].numpy()
    return np.rint(255 * paper + (1 - paper) * (picture if coloured else 0.0)).astype(np.uint8) + np.zeros((1, 1, 3), np.uint8)


class Shipped(nn.Module):
    """With the patterns, which begin at the picture's corner, and the values that a picture can have."""

    def __init__(self, network: Translator):
        super().__init__()
        self.network = network
        self.register_buffer("tile", translator_programs.tile()[None].half().float())

    def forward(self, image: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        pattern = self.tile.repeat(1, 1, image.shape[2] // TILE, image.shape[3] // TILE)
        return self.network(image, target, pattern).clamp(0, 1)


def ship(trainer: Trainer, folder: Path) -> None:
    """Write translator.onnx and check it against PyTorch."""
    network = trainer.finished()
    export.round_to_half(network)
    shipped, path = Shipped(network).eval(), folder / "translator.onnx"
    free = {"image": {2: "height", 3: "width"}, "translated": {2: "height", 3: "width"}}
    image, target = torch.rand(2, 3, 2 * TILE, TILE), torch.tensor([0, 1])
    export.trace(shipped, path, {"image": image, "target": target}, ["translated"], free)
    for height, width in ((TILE, TILE), (TILE, 3 * TILE)):
        image, target = torch.rand(len(TARGETS), 3, height, width), torch.arange(len(TARGETS))
        with torch.no_grad():
            export.parity(path, {"image": image.numpy(), "target": target.numpy()}, [shipped(image, target)], 1e-3)


def trainer(config: Config, sliver: bool) -> Trainer:
    return Trainer(config, translator_data.load_icons(sliver)["train"], translator_data.load_photos(sliver))
