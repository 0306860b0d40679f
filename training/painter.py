"""Painter: any photograph in any style, by one small net that a vector of style steers.

Ghiasi et al. 2017 (arXiv 1705.06830): a feed-forward painter (Johnson et al. 2016) whose instance norms take their
scale and shift from a vector; named styles have a vector each, learnt (Dumoulin et al. 2017), and the stylist reads
one off any picture, so both kinds mix. Paintings to learn from come from `style_programs.py`, one for each
photograph, so Gram matrices (Gatys et al. 2016) compare a painting with that of the same place; low frequencies and
what an ImageNet net sees are compared directly. Screens, grains and cells are given to it rather than left to be found.
"""

import dataclasses
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

import export
import paintings
import run
import style_programs
from loss_net import LossNet, gram

STYLES = [name for name in style_programs.STYLES if name not in ("stained-glass", "gouache")]
MARGIN = 16  # reflected around a picture, painted, and cut away, so that it has no frame
STRIDE = 8  # the coarsest layer's, which sides must be multiples of
# What a program does the same each time is learnt pixel by pixel; where strokes fall by chance only their blur is.
CERTAIN = {"ukiyo-e", "comic", "pixel-art", "pop-art", "blueprint", "watercolour", "charcoal"}
# How often a style is practised.
PRACTICE = dict.fromkeys(STYLES, 1.0) | dict.fromkeys(("oil", "swirl", "watercolour"), 1.4) | {"blueprint": 0.6}
CONTEXT = 8  # pixels around what is compared, so that padding doesn't show in it


LEVELS = (-1.2, -0.6, 0.0, 0.6, 1.2)  # where tones are cut, in deviations from the picture's mean
PLANES = 3 + 3 + 1 + len(LEVELS) + 2 + 3
TONES, DETAILS, BLOCKS = slice(0, 3), slice(3, 6), slice(PLANES - 3, PLANES)
# What a style's colours are not mixed from: flats from no tones, squares from nothing else.
WITHOUT = {name: (BLOCKS,) for name in STYLES} | {
    "ukiyo-e": (TONES, DETAILS, BLOCKS), "pop-art": (TONES, DETAILS, BLOCKS), "comic": (DETAILS, BLOCKS), "pixel-art": (slice(0, 6), slice(7, PLANES - 3)),
}  # fmt: skip
# Where every style starts from: blurred red, green and blue, and some of their details.
KEPT = torch.cat([0.6 * torch.eye(3), 0.4 * torch.eye(3), torch.zeros(3, PLANES - 6)], 1)


@dataclasses.dataclass(frozen=True)
class Config:
    vector: int = 48
    widths: tuple = (16, 32, 64, 72)
    dilations: tuple = (1, 2)
    crop: int = 112
    groups: int = 5  # styles a step
    each: int = 1  # pictures of each
    free: float = 0.15  # share of groups whose style is read off a picture
    style: float = 3.0
    seen: float = 0.6
    colour: float = 6.0
    noise: float = 0.06
    steps: int = 5000
    rate: float = 2e-3
    decay: float = 0.998
    seed: int = 0


class Styled(nn.Module):
    """Convolution, instance norm, and a scale and shift that the style's vector gives."""

    def __init__(self, config: Config, inside: int, outside: int, kernel: int = 3, stride: int = 1, dilation: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(inside, outside, kernel, stride, dilation * (kernel // 2), dilation)
        self.norm = nn.InstanceNorm2d(outside)
        self.steer = nn.Linear(config.vector, 2 * outside)
        nn.init.normal_(self.steer.weight, std=0.3)  # vectors are of about unit length
        nn.init.zeros_(self.steer.bias)

    def forward(self, values: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
        scale, shift = self.steer(style)[..., None, None].chunk(2, 1)
        return self.norm(self.conv(values)) * (1 + scale) + shift


class Residual(nn.Module):
    def __init__(self, config: Config, width: int, dilation: int):
        super().__init__()
        self.first, self.second = Styled(config, width, width, dilation=dilation), Styled(config, width, width, dilation=dilation)

    def forward(self, values: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
        return values + self.second(F.relu(self.first(values, style)), style)


TILE = 96  # pixels after which the patterns repeat
LINES = ((12, 12), (12, -12), (17, 4), (4, 17), (0, 18), (18, 0), (17, 17), (17, -17))  # waves down and across a tile
GRAINS, CELLS = (0.8, 1.6, 3.5), (81, 36)


def patterns() -> torch.Tensor:
    """Screens, grains and cells [P, TILE, TILE] that repeat without a seam, each of unit deviation.

    A net finds lines and dots on its own only slowly; given them, it learns which to use, and how thick, and where.
    """
    random = np.random.default_rng(0)
    y, x = np.mgrid[:TILE, :TILE]
    found = [np.cos(2 * np.pi * (down * y + across * x) / TILE) for down, across in LINES]
    frequency = np.hypot(np.fft.fftfreq(TILE)[:, None], np.fft.fftfreq(TILE)[None]) * 2 * np.pi
    for size in GRAINS:
        noise = np.fft.fft2(random.standard_normal((TILE, TILE))) * np.exp(-0.5 * (frequency * size) ** 2)
        found.append(np.fft.ifft2(noise).real)
    for count in CELLS:
        side = round(count**0.5)
        grid = (np.mgrid[:side, :side].reshape(2, -1).T + 0.5 + random.uniform(-0.3, 0.3, (count, 2))) * TILE / side
        apart = np.abs(np.stack([y, x], -1)[:, :, None] - grid)
        distance = np.hypot(*np.moveaxis(np.minimum(apart, TILE - apart), -1, 0))
        nearest = np.sort(distance, -1)
        found += [np.minimum(nearest[..., 1] - nearest[..., 0], 6), random.standard_normal(count)[distance.argmin(-1)]]
    planes = np.stack(found)
    planes = (planes - planes.mean((1, 2), keepdims=True)) / planes.std((1, 2), keepdims=True)
    return torch.from_numpy(planes.astype(np.float32))


class Painter(nn.Module):
    """Down to a quarter of the size for forms, to an eighth for what strokes have in common, and up again."""

    def __init__(self, config: Config):
        super().__init__()
        fine, middle, coarse, deep = config.widths
        self.down = nn.ModuleList([Styled(config, 3, fine, 9), Styled(config, fine, middle, stride=2), Styled(config, middle, coarse, stride=2)])
        self.form = Residual(config, coarse, 1)
        self.sink = Styled(config, coarse, deep, stride=2)
        self.blocks = nn.ModuleList(Residual(config, deep, dilation) for dilation in config.dilations)
        self.rise = Styled(config, deep, coarse)
        self.up = nn.ModuleList([Styled(config, coarse, middle), Styled(config, middle, fine)])
        self.last = nn.Conv2d(fine, 3, 9, padding=4)
        self.register_buffer("patterns", patterns())
        self.weave = nn.Linear(config.vector, fine * len(self.patterns))
        nn.init.normal_(self.weave.weight, std=0.15)
        self.colours = nn.Linear(config.vector, 3 * PLANES)
        nn.init.normal_(self.colours.weight, std=0.1)

    def forward(self, image: torch.Tensor, style: torch.Tensor, shift: tuple[int, int] = (0, 0)) -> torch.Tensor:
        """Sides are multiples of `STRIDE`; `shift` moves the patterns."""
        values, kept = image - 0.5, []
        for layer in self.down:
            values = F.relu(layer(values, style))
            kept.append(values)
        values = self.form(values, style)
        deep = F.relu(self.sink(values, style))
        for block in self.blocks:
            deep = block(deep, style)
        values = F.relu(values + self.rise(larger(deep), style))
        values = F.relu(self.up[0](larger(values), style) + kept[1])
        # Tones and a pattern in one sum, then what is above zero: so a screen prints, and so a pencil hatches.
        values = F.relu(self.up[1](larger(values), style) + kept[0] + self.woven(image, style, shift))
        # What comes through of the photograph's tones, flats and outlines, in which colours, is a matter of style.
        mixed = (KEPT + self.colours(style).unflatten(1, (3, PLANES))) @ plain_planes(image).flatten(2)
        return 0.5 + self.last(values) + mixed.unflatten(2, image.shape[2:])

    def woven(self, image: torch.Tensor, style: torch.Tensor, shift: tuple[int, int]) -> torch.Tensor:
        rows = (torch.arange(image.shape[2], device=image.device) + shift[0]) % TILE
        columns = (torch.arange(image.shape[3], device=image.device) + shift[1]) % TILE
        planes = self.patterns[:, rows][:, :, columns].flatten(1)
        weights = self.weave(style).unflatten(1, (-1, len(self.patterns)))
        return (weights @ planes).unflatten(2, image.shape[2:])


def plain_planes(image: torch.Tensor) -> torch.Tensor:
    """Blurred colours, their details, a constant, tones cut into flats, outlines of two widths, and squares: [N, PLANES, H, W]."""
    blurred = mean_of(image, 5)
    grey = 0.3 * image[:, :1] + 0.59 * image[:, 1:2] + 0.11 * image[:, 2:]
    soft = mean_of(mean_of(grey, 5), 3)
    off = soft - soft.mean((2, 3), keepdim=True)
    tone = off * (off.square().mean((2, 3), keepdim=True) + 1e-5).rsqrt()
    flats = torch.cat([torch.sigmoid(12 * (tone - level)) for level in LEVELS], 1)
    fine = mean_of(grey, 3)
    outlines = [((mean_of(sharp, size) - sharp) * 25 - 0.25).clamp(0, 1) for sharp, size in ((fine, 5), (soft, 9))]
    blocks = F.interpolate(F.avg_pool2d(image, STRIDE), scale_factor=float(STRIDE)) - 0.5
    return torch.cat([blurred - 0.5, image - blurred, torch.ones_like(grey), flats, *outlines, blocks], 1)


def mean_of(values: torch.Tensor, size: int) -> torch.Tensor:
    return F.avg_pool2d(values, size, 1, size // 2, count_include_pad=False)


def larger(values: torch.Tensor) -> torch.Tensor:
    return F.interpolate(values, scale_factor=2.0)


class Stylist(nn.Module):
    """A picture of any size -> a vector, from the means and deviations of its features."""

    def __init__(self, config: Config):
        super().__init__()
        widths = (3, 16, 32, 48, 64)
        self.layers = nn.ModuleList(nn.Conv2d(a, b, 3, 2, 1) for a, b in zip(widths, widths[1:], strict=False))
        self.read = nn.Sequential(nn.Linear(2 * sum(widths), 128), nn.ReLU(), nn.Linear(128, config.vector))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        values, found = image - 0.5, []
        for layer in (None, *self.layers):
            values = values if layer is None else F.relu(layer(values))
            mean = values.mean((2, 3))
            deviation = ((values - mean[..., None, None]).square().mean((2, 3)) + 1e-5).sqrt()
            found += [mean, deviation]
        return self.read(torch.cat(found, 1))


class Network(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.painter, self.stylist = Painter(config), Stylist(config)
        self.table = nn.Parameter(torch.randn(len(STYLES), config.vector) / config.vector**0.5)


class Trainer:
    def __init__(self, config: Config, pairs: dict[str, list[paintings.Pair]]):
        torch.manual_seed(config.seed)
        self.config, self.pairs = config, pairs
        self.network = Network(config)
        self.eyes = LossNet().eval().requires_grad_(False)
        self.average = run.Average(self.network, config.decay)
        rest = [one for name, one in self.network.named_parameters() if name != "table"]
        self.optimiser = torch.optim.Adam([{"params": rest}, {"params": [self.network.table]}], config.rate, betas=(0.9, 0.99))
        self.parts = {"network": self.network, "average": self.average, "optimiser": self.optimiser}
        chances = np.array([PRACTICE[style] for style in STYLES])
        self.chances = chances / chances.sum()
        self.lay_palettes()

    @torch.no_grad()
    def lay_palettes(self, styles: list[str] = STYLES, count: int = 16) -> None:
        """Give each style the colours that come nearest to its paintings, by least squares over the planes that it mixes."""
        network = self.network.painter
        wanted = KEPT + network.colours(self.network.table).unflatten(1, (3, PLANES))
        for style in styles:
            random, number = np.random.default_rng(0), STYLES.index(style)
            crops = [crop(pair, self.config.crop, random, style == "pixel-art") for pair in self.pairs[style][:count]]
            photos, painted = (to_tensor(np.stack(side)) for side in zip(*crops, strict=True))
            planes = plain_planes(photos).transpose(0, 1).flatten(1)
            used = torch.ones(PLANES, dtype=torch.bool)
            for part in WITHOUT[style]:
                used[part] = False
            goal = (painted - 0.5).transpose(0, 1).flatten(1)
            square = planes[used] @ planes[used].T + 1e-3 * planes.shape[1] * torch.eye(int(used.sum()))
            wanted[number] = 0.0
            wanted[number][:, used] = torch.linalg.solve(square, planes[used] @ goal.T).T
        # There are more numbers in a vector than styles, so one linear map gives each of them its own.
        change = (wanted - KEPT).flatten(1) - network.colours.bias
        network.colours.weight.copy_((torch.linalg.pinv(self.network.table) @ change).T)

    def step(self, step: int) -> dict[str, float]:
        config = self.config
        rate = config.rate * min(1.0, (step + 1) / 100, 0.03 + 2.2 * (1 - step / config.steps))
        for group, factor in zip(self.optimiser.param_groups, (1, 2), strict=True):
            group["lr"] = rate * factor
        random = np.random.default_rng((config.seed, step))
        photos, targets, numbers, named = self.batch(random)
        disturbed = photos + torch.randn_like(photos[:, :1]) * config.noise * torch.rand(len(photos), 1, 1, 1)
        style = torch.where(named[:, None], self.network.table[numbers], self.network.stylist(targets))
        with torch.autocast("cpu", torch.bfloat16):
            painted = self.network.painter(disturbed, style, tuple(random.integers(TILE, size=2).tolist()))
        painted = inner(painted.float())
        terms = self.losses(painted, inner(photos), inner(targets), numbers, named)
        loss = sum(terms.values())
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 2.0)
        self.optimiser.step()
        self.average.update(self.network)
        return {name: value.item() for name, value in terms.items()}

    def batch(self, random: np.random.Generator) -> tuple[torch.Tensor, ...]:
        """Photographs, what shall become of them, the numbers of their styles, and whether it is asked for by its name.

        Else the style is read off the target, another picture: its colours count, its places don't.
        """
        config, wide = self.config, self.config.crop + 2 * CONTEXT
        photos, targets, numbers, named = [], [], [], []
        for number in random.choice(len(STYLES), config.groups, replace=False, p=self.chances):
            pairs, aligned = self.pairs[STYLES[number]], STYLES[number] == "pixel-art"
            free = random.random() < config.free
            model = recolour(random)(crop(pairs[random.integers(len(pairs))], wide, random, aligned)[1]) if free else None
            for _ in range(config.each):
                photo, painted = crop(pairs[random.integers(len(pairs))], wide, random, aligned)
                photos.append(photo)
                targets.append(model if free else painted)
                numbers.append(number)
                named.append(not free)
        return to_tensor(np.stack(photos)), to_tensor(np.stack(targets)), torch.tensor(numbers), torch.tensor(named)

    def losses(
        self, painted: torch.Tensor, photos: torch.Tensor, targets: torch.Tensor, numbers: torch.Tensor, named: torch.Tensor
    ) -> dict[str, torch.Tensor]:
        config, count = self.config, self.config.groups
        clamped = painted.clamp(0, 1)
        seen = self.eyes(clamped)
        with torch.no_grad():
            wanted, plain = self.eyes(targets), self.eyes(photos)
        style = 0.0
        for features, goal, start in zip(seen, wanted, plain, strict=True):
            size = goal.square().mean().sqrt()
            # The mean over a style's pictures, in units of how far the photographs themselves are from it.
            mine, theirs, before = (gram(values / size).unflatten(0, (count, -1)).mean(1) for values in (features, goal, start))
            far = (before - theirs).square().mean((1, 2)).clamp(min=1e-3)
            style = style + ((mine - theirs).square().mean((1, 2)) / far + 1e-6).sqrt().mean() / len(seen)
        # What a style is read off shows something else: the photograph says what shall be seen.
        wanted = [torch.where(named[:, None, None, None], goal, start) for goal, start in zip(wanted, plain, strict=True)]
        shape = 0.5 * match(seen[2], wanted[2]) + match(seen[3], wanted[3])
        certain = torch.tensor([1.0 if STYLES[number] in CERTAIN else 0.35 for number in numbers.tolist()])
        near, blurred = apart(painted, targets), apart(F.avg_pool2d(painted, 8), F.avg_pool2d(targets, 8))
        colour = (named * (certain * near + 0.7 * blurred)).mean()
        outside = (painted - clamped).square().mean()
        return {"style": config.style * style, "seen": config.seen * shape, "colour": config.colour * colour, "outside": 10 * outside}

    def finished(self) -> Network:
        network = Network(self.config)
        network.load_state_dict(self.average.weights)
        return network.eval()


def inner(pictures: torch.Tensor) -> torch.Tensor:
    return pictures[..., CONTEXT:-CONTEXT, CONTEXT:-CONTEXT]


def apart(found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    return (found - wanted).abs().mean((1, 2, 3))


def match(found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    return (F.instance_norm(found) - F.instance_norm(wanted)).square().mean()


def crop(pair: paintings.Pair, side: int, random: np.random.Generator, aligned: bool) -> paintings.Pair:
    """The same square of both, mirrored or not; on the grid of eight pixels where the painting has one."""
    height, width = pair[0].shape[:2]
    top, left = random.integers(height - side + 1), random.integers(width - side + 1)
    if aligned:
        top, left = top // 8 * 8, left // 8 * 8
    mirrored = slice(None, None, -1) if random.random() < 0.5 else slice(None)
    return tuple(picture[top : top + side, left : left + side][:, mirrored] for picture in pair)


def recolour(random: np.random.Generator):
    """Other colours for a style that no name stands for: channels in another order, turned round, or mixed."""
    order = random.permutation(3)
    turned = random.random(3) < 0.25
    mixed = np.eye(3) + random.normal(0, 0.18, (3, 3))

    def apply(picture: np.ndarray) -> np.ndarray:
        values = picture[..., order].astype(np.float32) / 255
        values = np.where(turned, 1 - values, values)
        return np.rint(np.clip((values - 0.5) @ mixed + 0.5, 0, 1) * 255).astype(np.uint8)

    return apply if random.random() < 0.7 else lambda picture: picture


def to_tensor(pictures: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(pictures.astype(np.float32) / 255).permute(0, 3, 1, 2)


class Shipped(nn.Module):
    """The painter for a picture of any size: reflected around, so that it has no frame, and cut back."""

    def __init__(self, painter: Painter):
        super().__init__()
        self.painter = painter

    def forward(self, image: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
        height, width = image.shape[2], image.shape[3]
        spare = STRIDE - 1
        padded = F.pad(image, (MARGIN, MARGIN + spare, MARGIN, MARGIN + spare), "reflect")
        padded = padded[..., : (height + 2 * MARGIN + spare) // STRIDE * STRIDE, : (width + 2 * MARGIN + spare) // STRIDE * STRIDE]
        found = self.painter(padded, style)
        return found[..., MARGIN : MARGIN + height, MARGIN : MARGIN + width].clamp(0, 1)


def ship(trainer: Trainer, folder: Path) -> np.ndarray:
    """Write painter.onnx and stylist.onnx, check them against PyTorch, and return the named styles' vectors."""
    network = trainer.finished()
    export.round_to_half(network)
    painter, stylist = Shipped(network.painter).eval(), network.stylist
    image, style = torch.rand(2, 3, 50, 61), network.table[:2].detach()
    free = {"image": {2: "height", 3: "width"}, "painted": {2: "height", 3: "width"}}
    export.trace(painter, folder / "painter.onnx", {"image": image, "style": style}, ["painted"], free)
    export.trace(stylist, folder / "stylist.onnx", {"image": image}, ["style"], {"image": {2: "height", 3: "width"}})
    for size in ((50, 61), (128, 96), (33, 40)):
        image = torch.rand(2, 3, *size)
        with torch.no_grad():
            export.parity(folder / "painter.onnx", {"image": image.numpy(), "style": style.numpy()}, [painter(image, style)], 4e-3)
            export.parity(folder / "stylist.onnx", {"image": image.numpy()}, [stylist(image)], 4e-3)
    return network.table.detach().numpy()


def look(trainer: Trainer, photo: np.ndarray, path: Path, noise: float = 0.03, shorter: int = 288) -> None:
    """A sheet of one photograph in every style."""
    network = trainer.finished()
    small = paintings.resized(photo, shorter)
    image = to_tensor(small[None])
    image = image + noise * torch.randn(1, 1, *image.shape[2:], generator=torch.Generator().manual_seed(0))
    found = [small]
    with torch.no_grad():
        for vector in network.table:
            painted = Shipped(network.painter)(image, vector[None])[0].permute(1, 2, 0).numpy()
            found.append(style_programs.to_bytes(painted))
    found += [np.full_like(small, 255)] * (-len(found) % 5)
    rows = [np.concatenate(found[at : at + 5], 1) for at in range(0, len(found), 5)]
    Image.fromarray(np.concatenate(rows)).save(path)
