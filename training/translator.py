"""Translator: one U-Net with a label for the target (pix2pix, Isola et al. 2017, arXiv 1611.07004).

It is trained with L1 and a PatchGAN, which sees what went in and what came out. Layers are scaled and shifted as the label says
(Perez et al. 2018, FiLM); nothing is normalised, so a picture in tiles is as the whole. The last layer lays the patterns of
`translator_programs.py`: how much of each stroke, of each hatching and of the paper is seen at each pixel.
"""

import dataclasses
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

import export
import run
import translator_data
import translator_programs
from translator_data import SIDE, over, to_tensor
from translator_programs import DIRECTIONS, HATCHES, LUMA, TILE, patterns

TARGETS = ("oil", "pencil", "icon", "colour", "shaded")
FROM_GREY = torch.tensor([0.0, 1.0, 0.0, 1.0, 0.0])  # targets whose input has no colours, whatever is given
KEEPS_LUMA = torch.tensor([0.0, 0.0, 0.0, 1.0, 0.0])
PRACTICE = ("oil", "oil", "pencil", "icon", "icon", "colour", "shaded", "shaded")  # a step's pictures, again and again
JUDGED = torch.tensor([0.004, 0.002, 0.03, 0.02, 0.008])  # how much the PatchGAN's opinion counts beside L1
VIVID = 1.4  # how much more saturated than the photographs the colours are that are learnt: their mean is paler than each
HEAD = 3 + DIRECTIONS + 2 * len(HATCHES) + 2


@dataclasses.dataclass(frozen=True)
class Config:
    widths: tuple = (16, 32, 64, 112, 160)
    judge: int = 32
    batch: int = 8
    steps: int = 5600
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
        self.start = Told(3, first)
        self.down = nn.ModuleList(Told(fine, coarse, stride=2) for fine, coarse in pairs)
        self.middle = nn.ModuleList(Residual(widths[-1], dilation) for dilation in (1, 2))
        self.narrow = nn.ModuleList(nn.Conv2d(coarse, fine, 1) for fine, coarse in pairs)
        self.up = nn.ModuleList(Told(2 * fine, fine) for fine, _ in pairs)
        self.head, self.keep = nn.Conv2d(first, HEAD, 3, padding=1), nn.Embedding(len(TARGETS), 1)
        with torch.no_grad():
            self.head.weight.mul_(0.1)
            self.head.bias.zero_()
            self.keep.weight.fill_(0.5)
        self.register_buffer("from_grey", FROM_GREY, persistent=False)
        self.register_buffer("keeps_luma", KEEPS_LUMA, persistent=False)

    def forward(self, image: torch.Tensor, target: torch.Tensor, pattern: torch.Tensor) -> torch.Tensor:
        image = seen(image, target, self.from_grey)
        values = self.start(image - 0.5, target)
        skips = []
        for down in self.down:
            skips.append(values)
            values = down(values, target)
        for block in self.middle:
            values = block(values, target)
        for skip, narrow, up in zip(skips[::-1], self.narrow[::-1], self.up[::-1], strict=True):
            values = up(torch.cat([F.interpolate(narrow(values), scale_factor=2.0), skip], 1), target)
        colours, strokes, amounts, edges, papers = self.head(values).float().split((3, DIRECTIONS, len(HATCHES), len(HATCHES), 2), 1)
        laid, hatched, paper = pattern.split((DIRECTIONS, len(HATCHES), 2), 1)
        detail = summed(strokes * laid) + summed(papers * paper) - summed(amounts * torch.sigmoid(8 * (edges - hatched)))
        painted = 0.5 + self.keep(target)[..., None, None] * 2 * (image - 0.5) + colours + detail
        lost = grey(image) - grey(painted)
        return painted + self.keeps_luma[target][:, None, None, None] * lost


def summed(planes: torch.Tensor, weights: torch.Tensor | None = None) -> torch.Tensor:
    """Over the channels, as a convolution: ONNX Runtime's sums depend on how many rows a batch has, in their last digit."""
    weights = torch.ones(planes.shape[1]) if weights is None else weights
    with torch.autocast("cpu", enabled=False):
        return F.conv2d(planes.float(), weights[None, :, None, None])


def grey(image: torch.Tensor) -> torch.Tensor:
    return summed(image, LUMA)


def seen(image: torch.Tensor, target: torch.Tensor, from_grey: torch.Tensor) -> torch.Tensor:
    """Without its colours, where they are to be found anew."""
    return image + from_grey[target][:, None, None, None] * (grey(image) - image)


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
        given = seen(image, target, FROM_GREY)
        with torch.autocast("cpu", torch.bfloat16):
            painted = self.network(image.contiguous(memory_format=torch.channels_last), target, pattern)
        difference = painted - wanted
        # What has many likely colours gets their mean by squares, and by L1 their median, which is grey.
        guessed = torch.tensor([name == "colour" for name in names])
        apart = torch.where(guessed, 6 * difference.square().mean((1, 2, 3)), difference.abs().mean((1, 2, 3)))
        edges = difference.diff(dim=2).abs().mean((1, 2, 3)) + difference.diff(dim=3).abs().mean((1, 2, 3))
        loss = (apart + 0.4 * edges).mean()
        found = {name: apart[[at for at, one in enumerate(names) if one == name]].mean().item() for name in dict.fromkeys(names)}
        if step >= config.alone:
            share = min(1.0, (step - config.alone + 1) / 500)
            with torch.autocast("cpu", torch.bfloat16):
                opinion = self.judge(given, painted.clamp(0, 1), target)
            loss = loss + share * (JUDGED[target] * (opinion - 1).square().mean((1, 2, 3))).mean()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.average.update(self.network)
        if step >= config.alone - 200:
            found["judge"] = self.judged(given, painted.detach().clamp(0, 1), wanted, target)
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
        if name == "icon":
            icon = flipped(self.drawing(random, noto=0.35), random)
            wanted = over(moved(icon, random), 255)
            return outlined(wanted, random, coloured=random.random() < 0.35), wanted, anywhere
        if name == "colour":
            scene = self.scene(random) if random.random() < 0.8 else over(moved(self.drawing(random, noto=0.4, shaded=0.6), random), ground(random))
            return scene, vivid(scene), anywhere
        at, below = random.integers(len(self.icons.flat)), ground(random)
        both = flipped(np.concatenate([self.icons.flat[at], self.icons.shaded[at]], -1), random)
        both = moved(both, random)
        order = random.permutation(3) if random.random() < 0.3 else np.arange(3)  # icons of any colour are shaded alike
        return over(both[..., :4], below)[..., order], over(both[..., 4:], below)[..., order], anywhere

    def painted(self, name: str, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, tuple[int, int]]:
        one = self.photos[random.integers(len(self.photos))]
        top, left = (int(random.integers(side - SIDE + 1)) for side in one.photo.shape[:2])
        part = np.s_[top : top + SIDE, left : left + SIDE]
        return one.photo[part], one.by[name][part], (top, left)

    def scene(self, random: np.random.Generator) -> np.ndarray:
        """A large part of a photograph: colours follow from what is seen."""
        photo = self.photos[random.integers(len(self.photos))].photo
        side = int(random.integers(SIDE, min(photo.shape[:2]) + 1))
        top, left = (int(random.integers(length - side + 1)) for length in photo.shape[:2])
        part = Image.fromarray(photo[top : top + side, left : left + side]).resize((SIDE, SIDE), Image.Resampling.BOX)
        return flipped(np.asarray(part), random)

    def drawing(self, random: np.random.Generator, noto: float, shaded: float = 0.0) -> np.ndarray:
        chance = random.random()
        style = self.icons.noto if chance < noto else self.icons.shaded if chance < noto + shaded else self.icons.flat
        return style[random.integers(len(style))]


def flipped(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return picture[:, :: random.choice((-1, 1))]


def moved(icon: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Somewhat smaller, half the time, and anywhere."""
    if random.random() < 0.5:
        return icon
    side = int(random.integers(SIDE // 2, SIDE))
    layers = [np.asarray(Image.fromarray(np.ascontiguousarray(icon[..., at : at + 4]), "RGBa").resize((side, side), Image.Resampling.BOX)) for at in range(0, icon.shape[-1], 4)]
    found, (top, left) = np.zeros_like(icon), random.integers(SIDE - side + 1, size=2)
    found[top : top + side, left : left + side] = np.concatenate(layers, -1)
    return found


def ground(random: np.random.Generator) -> np.ndarray | float:
    """What lies under an icon: mostly white."""
    chance = random.random()
    return 255.0 if chance < 0.7 else 0.0 if chance < 0.78 else random.integers(256, size=3)


def outlined(picture: np.ndarray, random: np.random.Generator, coloured: bool = False) -> np.ndarray:
    """As a pen would draw it, now thin, now bold; or with pens of the colours within."""
    lines = translator_programs.drawn_edges(to_tensor(picture[None]), float(random.uniform(0.5, 1.1)), float(random.uniform(0.02, 0.06)))
    paper = lines[0, 0, ..., None].numpy()
    return np.rint(255 * paper + (1 - paper) * (picture if coloured else 0.0)).astype(np.uint8) + np.zeros((1, 1, 3), np.uint8)


def vivid(picture: np.ndarray) -> np.ndarray:
    plain = picture @ LUMA.numpy()
    return np.rint(np.clip(plain[..., None] + VIVID * (picture - plain[..., None]), 0, 255)).astype(np.uint8)


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
