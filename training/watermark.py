"""Watermark: a pair of small networks, one of which hides bits in a picture that the other reads, in the manner of HiDDeN
(Zhu et al. 2018, arXiv 1807.09937), with carriers as in spread-spectrum marks (Cox et al. 1997).

Each bit has a carrier: a sum of cosines of at most ten cycles over the picture, in luma and both chromas. The encoder
asks the decoder what it would read from the picture as it is, and gives most strength to the bits that the picture
contradicts (informed embedding, Miller et al. 2004); a mask keeps the mark out of flat grounds, where an eye would see
it, and its power is limited. The decoder makes features of the picture in which the mark stands out, and finds by a
pilot, a carrier that is always there, which part of the picture it has been given: cosines can be evaluated over any part.

Codecs have no gradient, so what they did to a picture is added to it as a constant (Zhang et al. 2021, arXiv 2106.15817).
"""

import dataclasses
import math

import numpy as np
import torch
from torch import nn

import run
import watermark_attacks
from watermark_attacks import Seen

SIDE = 128  # what both networks see
CELLS = 32  # features a side
FOLD = SIDE // CELLS
# Luma, then the blue and the red difference, of JPEG.
TO_OPPONENT = ((0.299, 0.587, 0.114), (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312))
# How much an eye sees of each: more of luma where a picture is flat, of red and green more than of blue and yellow everywhere.
SEEN_ON_FLAT, SEEN_ANYWHERE = (16.0, 1.0, 12.0), (0.6, 1.0, 8.0)
FAINTEST = 181  # a larger picture's mark becomes no weaker: 39.9 dB, with 38.4 at 128
CUTS = np.arange(9) / 80  # of a side: how much may be gone at each edge
GAIN = 20.0
LIKELY, PLAIN = 32, 0.3  # windows of which the bits are read, and what their plainness counts beside the pilot


@dataclasses.dataclass(frozen=True)
class Config:
    bits: int = 127
    waves: int = 20
    features: int = 6
    width: int = 32
    decibels: float = 38.4
    visible: float = 1.0
    batch: int = 16
    steps: int = 3800
    rate: float = 2e-3
    decay: float = 0.998
    seed: int = 0


def windows() -> np.ndarray:
    """[N, 2]: the parts of a side that the decoder tries, from its first to its last end."""
    return np.array([(low, 1 - high) for low in CUTS for high in CUTS if low + high < 0.1001], np.float32)


def cosines(window: torch.Tensor, waves: int, places: int) -> torch.Tensor:
    """[..., 2] -> [..., waves, places]: each wave over a part of the side, orthonormal over the whole of it."""
    at = (torch.arange(places) + 0.5) / places
    at = window[..., :1] + (window[..., 1:] - window[..., :1]) * at
    number = torch.arange(waves)
    scale = torch.where(number == 0, 1.0, math.sqrt(2.0)) / math.sqrt(places)
    return torch.cos(math.pi * number[:, None] * at[..., None, :]) * scale[:, None]


WHOLE = torch.tensor([0.0, 1.0])


class Small(torch.autograd.Function):
    """A picture of any size at 128x128, each pixel the mean of what it covers; the tracer knows no such resizing."""

    @staticmethod
    def forward(context, image):
        return nn.functional.interpolate(image, size=(SIDE, SIDE), mode="bilinear", antialias=True)

    @staticmethod
    def symbolic(graph, image):
        none = graph.op("Constant", value_t=torch.tensor([], dtype=torch.float32))
        size = graph.op("Constant", value_t=torch.tensor([SIDE, SIDE]))
        small = graph.op(
            "Resize", image, none, none, size, antialias_i=1, axes_i=[2, 3], mode_s="linear", coordinate_transformation_mode_s="half_pixel"
        )
        small.setType(image.type().with_sizes([None, 3, SIDE, SIDE]))
        return small


class Block(nn.Module):
    def __init__(self, width: int, dilation: int):
        super().__init__()
        self.conv, self.bend, self.out = nn.Conv2d(width, width, 3, padding=dilation, dilation=dilation), nn.PReLU(width), nn.Conv2d(width, width, 1)
        with torch.no_grad():
            self.out.weight.mul_(0.3)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return values + self.out(self.bend(self.conv(values)))


def body(channels: int, width: int, dilations: tuple[int, ...]) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(channels, width, 3, padding=1), nn.PReLU(width), *(Block(width, far) for far in dilations))


class Decoder(nn.Module):
    def __init__(self, config: Config, carriers: torch.Tensor):
        super().__init__()
        self.config = config
        self.body = body(3 * FOLD**2, config.width, (1, 2, 4))
        self.head = nn.Conv2d(config.width, config.features, 1)
        templates = torch.randn(config.bits + 1, config.features, config.waves, config.waves) * 0.01
        templates[:, :3] = 3 * carriers
        self.templates = nn.Parameter(templates)
        self.offset = nn.Parameter(torch.zeros(config.bits))
        with torch.no_grad():
            self.head.weight[:3].mul_(0.1)
        self.register_buffer("opponent", torch.tensor(TO_OPPONENT)[:, :, None, None], persistent=False)
        tried = torch.from_numpy(windows())
        self.register_buffer("tried", cosines(tried, config.waves, CELLS), persistent=False)
        self.register_buffer("whole", cosines(WHOLE, config.waves, CELLS), persistent=False)
        bonus = torch.zeros(len(tried), len(tried))
        bonus[0, 0] = 1.0
        self.register_buffer("bonus", bonus.flatten(), persistent=False)

    def features(self, small: torch.Tensor) -> torch.Tensor:
        """[B, 3, 128, 128] -> [B, features, 32, 32]: what is left of a picture without its own shapes."""
        plain = nn.functional.avg_pool2d(nn.functional.conv2d(small, self.opponent), FOLD)
        plain = GAIN * (plain - nn.functional.avg_pool2d(plain, 7, 1, 3, count_include_pad=False))
        with torch.autocast("cpu", torch.bfloat16, enabled=self.training):
            learnt = self.head(self.body(nn.functional.pixel_unshuffle(small - 0.5, FOLD))).float()
        return torch.tanh(torch.cat([learnt[:, :3] + plain, learnt[:, 3:]], 1))

    def spectrum(self, features: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
        """The features' share of each pair of waves; `rows` and `columns` are cosines over the part that is seen."""
        return rows[..., None, :, :] @ features @ columns.transpose(-1, -2)[..., None, :, :]

    def read(self, spectrum: torch.Tensor) -> torch.Tensor:
        """[B, bits + 1]: the logits, and last the pilot's score."""
        found = spectrum.flatten(1) @ self.templates.flatten(1).T
        return torch.cat([found[:, :-1] + self.offset, found[:, -1:]], 1)

    def pilot(self, features: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
        """[B, tries]: the pilot's score in each part; cosines are [B, tries, waves, cells]."""
        seen = torch.einsum("bcyx,bhwx->bhcyw", features, columns)
        seen = torch.einsum("bhcyw,cvw->bhyv", seen, self.templates[-1])
        return torch.einsum("bhyv,bhvy->bh", seen, rows)

    def search(self, features: torch.Tensor) -> torch.Tensor:
        """[B, windows * windows]: the pilot's score in every pair of a column's and a row's window, by shared products."""
        channels, waves, tries = self.config.features, self.config.waves, len(self.tried)
        columns = self.tried.permute(2, 0, 1).reshape(CELLS, tries * waves)
        seen = (features.reshape(-1, channels * CELLS, CELLS) @ columns).reshape(-1, channels, CELLS, tries, waves)
        seen = seen.permute(0, 3, 2, 1, 4).reshape(-1, tries * CELLS, channels * waves)
        seen = seen @ self.templates[-1].permute(0, 2, 1).reshape(channels * waves, waves)
        rows = self.tried.permute(2, 1, 0).reshape(CELLS * waves, tries)
        return (seen.reshape(-1, tries, CELLS * waves) @ rows).reshape(-1, tries * tries) + self.bonus

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """[B, 3, H, W] -> [B, bits]"""
        features = self.features(Small.apply(image))
        scores, best = self.search(features).topk(LIKELY, 1)
        column, row = torch.div(best, len(self.tried), rounding_mode="floor"), best % len(self.tried)
        seen = self.spectrum(features[:, None], self.tried[row], self.tried[column]).flatten(2)
        logits = seen @ self.templates[:-1].flatten(1).T + self.offset
        # The pilot alone is often off by a little: where the bits are plain, too, is the right place.
        plain = logits.abs() @ torch.full((self.config.bits, 1), PLAIN)
        place = (scores + plain[..., 0]).argmax(1)
        return logits.gather(1, place[:, None, None].expand(-1, 1, self.config.bits))[:, 0]


class Encoder(nn.Module):
    def __init__(self, config: Config, carriers: torch.Tensor, decoder: Decoder):
        super().__init__()
        self.config = config
        self.decoder = [decoder]  # not a part: its weights are learnt with it
        self.carriers = nn.Parameter(carriers.clone())
        self.strength = nn.Sequential(nn.Linear(1, 16), nn.GELU(), nn.Linear(16, 1))
        self.body = body(6 * FOLD**2, config.width, (1, 2))
        self.mask, self.extra = nn.Conv2d(config.width, 3, 1), nn.Conv2d(config.width, 3, 1)
        self.pilot = nn.Parameter(torch.tensor(3.5))
        with torch.no_grad():
            for part in (self.mask, self.extra):
                part.weight.mul_(0.1)
                part.bias.zero_()
            self.strength[2].bias.fill_(0.5)
        self.register_buffer("waves", cosines(WHOLE, config.waves, SIDE), persistent=False)
        self.register_buffer("to_rgb", torch.linalg.inv(torch.tensor(TO_OPPONENT))[:, :, None, None], persistent=False)

    def residual(self, small: torch.Tensor, bits: torch.Tensor, limit: torch.Tensor | float) -> tuple[torch.Tensor, torch.Tensor]:
        """What is added to a picture of 128x128, of a power of at most `limit`; and the same as luma and chromas."""
        decoder = self.decoder[0]
        signs = torch.cat([2 * bits - 1, torch.ones_like(bits[:, :1])], 1)
        with torch.no_grad():
            read = decoder.read(decoder.spectrum(decoder.features(small), decoder.whole, decoder.whole))
        strengths = nn.functional.softplus(self.strength((0.25 * signs * read)[..., None])[..., 0]) * signs
        strengths = torch.cat([strengths[:, :-1], strengths[:, -1:] * self.pilot], 1)
        mark = (strengths @ self.carriers.flatten(1)).unflatten(1, (3, self.config.waves, self.config.waves))
        mark = self.waves.T @ mark @ self.waves
        with torch.autocast("cpu", torch.bfloat16, enabled=self.training):
            seen = self.body(nn.functional.pixel_unshuffle(torch.cat([small - 0.5, 8 * mark], 1), FOLD)).float()
        shape = large(torch.cat([nn.functional.softplus(self.mask(seen) + 0.5), 0.05 * self.extra(seen)], 1))
        opponent = mark * shape[:, :3] + shape[:, 3:]
        residual = nn.functional.conv2d(opponent, self.to_rgb)
        power = residual.square().mean((1, 2, 3), keepdim=True)
        scale = torch.rsqrt(torch.clamp(power / limit, min=1.0))
        return residual * scale, opponent * scale

    def forward(self, image: torch.Tensor, bits: torch.Tensor) -> torch.Tensor:
        residual, _ = self.residual(Small.apply(image), bits, most_power(self.config.decibels, image))
        return (image + nn.functional.interpolate(residual, size=image.shape[-2:], mode="bilinear")).clamp(0, 1)


def most_power(decibels: float, image: torch.Tensor) -> torch.Tensor:
    """Of a mark on a picture of this size: the larger it is, the less befalls it, and the wider and so plainer are the waves."""
    height, width = torch._shape_as_tensor(image)[2:].float().unbind()
    side = (height * width).sqrt().clamp(SIDE, FAINTEST)
    return 10 ** (-decibels / 10) * SIDE / side


def large(cells: torch.Tensor) -> torch.Tensor:
    return nn.functional.interpolate(cells, size=(SIDE, SIDE), mode="bilinear")


def first_carriers(config: Config) -> torch.Tensor:
    """[bits + 1, 3, waves, waves]: orthogonal, by chance, of middle frequencies, more in blue and yellow than in luma."""
    number = torch.arange(config.waves).float()
    radius = (number[:, None] ** 2 + number**2).sqrt()
    band = ((radius - 2) / 4).clamp(0, 1) * ((config.waves - radius) / 4).clamp(0.0, 1)
    weights = band * torch.tensor([0.6, 1.0, 0.6])[:, None, None]
    drawn = torch.randn(config.bits + 1, *weights.shape, generator=torch.Generator().manual_seed(config.seed))
    basis, _ = torch.linalg.qr((drawn * weights).flatten(1).T)
    return basis.T.unflatten(1, weights.shape).contiguous()


def pair(config: Config) -> tuple[Encoder, Decoder]:
    torch.manual_seed(config.seed)
    carriers = first_carriers(config)
    decoder = Decoder(config, carriers)
    return Encoder(config, carriers, decoder), decoder


class Trainer:
    def __init__(self, config: Config, pictures: dict[int, np.ndarray]):
        self.config, self.pictures = config, pictures
        self.encoder, self.decoder = pair(config)
        self.both = nn.ModuleDict({"encoder": self.encoder, "decoder": self.decoder})
        self.average = run.Average(self.both, config.decay)
        self.optimiser = torch.optim.Adam(self.both.parameters(), config.rate, betas=(0.9, 0.99))
        self.parts = {"both": self.both, "average": self.average, "optimiser": self.optimiser}

    def step(self, step: int) -> dict[str, float]:
        config, random = self.config, np.random.default_rng((self.config.seed, step))
        left = 1 - step / config.steps
        self.optimiser.param_groups[0]["lr"] = config.rate * min(1.0, (step + 1) / 100, 0.02 + left * 1.6)
        side = 256 if random.random() < 0.1 else SIDE
        images = self.images(side, random)
        bits = torch.from_numpy(random.integers(2, size=(len(images), config.bits)).astype(np.float32))
        decibels = min(config.decibels, 33 + step / 250)
        hardness = min(1.0, step / 800)
        with torch.no_grad():
            small = Small.apply(images)
        residual, opponent = self.encoder.residual(small, bits, most_power(decibels, images))
        residual = nn.functional.interpolate(residual, size=images.shape[-2:], mode="bilinear") if side != SIDE else residual
        marked = images + residual
        marked = marked + (marked.clamp(0, 1) - marked).detach()
        seen = watermark_attacks.batch(marked, random, hardness)
        loss, told = self.judged(seen, bits, random)
        sight = visibility(small, opponent)
        loss = loss + config.visible * min(1.0, step / 1000) * sight
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.both.parameters(), 1.0)
        self.optimiser.step()
        self.average.update(self.both)
        return told | {"sight": sight.item(), "dB": -10 * residual.detach().square().mean((1, 2, 3)).clamp(min=1e-6).log10().mean().item()}

    def images(self, side: int, random: np.random.Generator) -> torch.Tensor:
        drawn = self.pictures[side]
        chosen = drawn[np.sort(random.choice(len(drawn), min(self.config.batch, len(drawn)), replace=False))]
        chosen = np.rot90(chosen, random.integers(4), (1, 2))[:, :, :: random.choice((-1, 1))]
        return torch.from_numpy(np.ascontiguousarray(chosen)).permute(0, 3, 1, 2).contiguous().float() / 255

    def judged(self, seen: Seen, bits: torch.Tensor, random: np.random.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        config, decoder = self.config, self.decoder
        features = decoder.features(seen.small)
        jitter = torch.from_numpy(random.uniform(-0.006, 0.006, seen.rows.shape).astype(np.float32))
        jitter = jitter * torch.from_numpy((random.random((len(bits), 1)) < 0.7).astype(np.float32))
        rows, columns = (cosines(where + jitter, config.waves, CELLS) for where in (seen.rows, seen.columns))
        logits = decoder.read(decoder.spectrum(features, rows, columns))[:, :-1]
        loss = nn.functional.binary_cross_entropy_with_logits(logits, bits)
        # Which part it is: the true one against others, near and far.
        rows, columns = (with_others(where, random) for where in (seen.rows, seen.columns))
        scores = decoder.pilot(features, cosines(rows, config.waves, CELLS), cosines(columns, config.waves, CELLS))
        place = nn.functional.cross_entropy(scores, torch.zeros(len(bits), dtype=torch.long))
        with torch.no_grad():
            right = ((logits > 0) == (bits > 0.5)).float().mean(1)
            plain = torch.tensor([name == "none" for name in seen.names])
            told = {"loss": loss.item(), "place": place.item(), "right": 100 * right.mean().item()}
            told["found"] = 100 * (scores.argmax(1) == 0).float().mean().item()
            told["lossless"] = 100 * (right[plain].mean() if plain.any() else right.mean()).item()
        return loss + 0.2 * place, told

    def finished(self) -> tuple[Encoder, Decoder]:
        encoder, decoder = pair(self.config)
        nn.ModuleDict({"encoder": encoder, "decoder": decoder}).load_state_dict(self.average.weights)
        return encoder.eval(), decoder.eval()


def with_others(where: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """[B, 2] -> [B, 24, 2]: the true window first, then eight that are near and others that are anywhere."""
    near = where[:, None] + torch.from_numpy(random.choice((-1, 1), (len(where), 8, 2)) * random.uniform(0.012, 0.03, (len(where), 8, 2))).float()
    any_of = torch.from_numpy(windows()[random.integers(len(windows()), size=(len(where), 15))])
    return torch.cat([where[:, None], near, any_of], 1)


def visibility(small: torch.Tensor, opponent: torch.Tensor) -> torch.Tensor:
    """How much of a mark an eye would see: its power, weighed by colour and place, in hundreds of levels of 255, squared."""
    luma = nn.functional.conv2d(255 * small, torch.tensor(TO_OPPONENT)[:1, :, None, None])
    first, second = (nn.functional.avg_pool2d(nn.functional.avg_pool2d(one, FOLD), 3, 1, 1, count_include_pad=False) for one in (luma, luma.square()))
    flat = 1 / (1 + (second - first.square()).clamp(min=0) / 16)
    power = nn.functional.avg_pool2d((255 * opponent).square(), FOLD)
    on_flat, anywhere = (torch.tensor(seen)[:, None, None] for seen in (SEEN_ON_FLAT, SEEN_ANYWHERE))
    return ((flat * on_flat + anywhere) * power).mean() * 0.01
