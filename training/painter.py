"""Painter: any photograph in any style, by one small net that a vector of style steers.

Ghiasi et al. 2017 (arXiv 1705.06830): a feed-forward painter (Johnson et al. 2016) whose instance norms take their
scale and shift from a vector. It has a number for each named style (Dumoulin et al. 2017), how much of that is wanted;
the stylist reads one off any picture, so both kinds mix.

Paintings to learn from come from `style_programs.py`. The painter is told what patterns lay under them
(`painter_planes.py`), so most styles are learnt pixel by pixel: first the best mixture of those planes, one over another,
then with the net what such a mixture can't say. Strokes fall by chance, and are learnt by Gram matrices (Gatys et al. 2016).
"""

import dataclasses
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

import paintings
import run
import style_programs
from loss_net import LossNet, gram
from painter_planes import COMMON, GROUPS, PLANES, Planes, contrast, contrasted, larger
from patterns import SCREENS, TILE

STYLES = list(style_programs.STYLES)
MARGIN = 16  # reflected around a picture, painted, and cut away, so that it has no frame
STRIDE = 8  # the largest square that a picture is averaged in, which sides must be multiples of
STROKES = {"oil", "swirl"}  # where they fall is chance: their blur, their texture and what an ImageNet net sees are compared
HARD = {"halftone", "watercolour", "ukiyo-e", "pop-art", "comic"}  # what no mixture of planes says well: practised more often
PIGMENTS = 12  # colours that a style sorts those of a picture into
SHARP = 40.0  # how hard it sorts
MIXED = PLANES + 3  # what a style mixes: the planes, and its flats of pigment
ONE = MIXED - 1  # the plane that is one everywhere
BODY = ("colours", "flow", "whirl")  # what forms are found from
CONTEXT = 8  # pixels around what is compared, so that padding doesn't show in it


@dataclasses.dataclass(frozen=True)
class Config:
    fine: int = 24
    widths: tuple = (32, 64)
    dilations: tuple = (1, 2, 4)
    crop: int = 128
    groups: int = 6  # crops a step
    style: float = 1.5
    seen: float = 0.6
    near: float = 6.0
    noise: float = 0.05
    steps: int = 5000
    rate: float = 2e-3
    decay: float = 0.998
    seed: int = 0


class Steered(nn.Module):
    """Convolution, then a scale and shift that the style's vector gives; between them the whole picture's norm, or none."""

    def __init__(self, config: Config, inside: int, outside: int, kernel: int = 3, stride: int = 1, dilation: int = 1, norm: bool = True):
        super().__init__()
        self.conv = nn.Conv2d(inside, outside, kernel, stride, dilation * (kernel // 2), dilation)
        self.norm = nn.InstanceNorm2d(outside) if norm else nn.Identity()
        self.steer = nn.Linear(len(STYLES), 2 * outside)
        nn.init.normal_(self.steer.weight, std=0.3)
        nn.init.zeros_(self.steer.bias)

    def forward(self, values: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
        scale, shift = self.steer(style)[..., None, None].chunk(2, 1)
        return self.norm(self.conv(values)) * (1 + scale) + shift


class Residual(nn.Module):
    def __init__(self, config: Config, width: int, dilation: int):
        super().__init__()
        self.first, self.second = Steered(config, width, width, dilation=dilation), Steered(config, width, width, dilation=dilation)

    def forward(self, values: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
        return values + self.second(F.relu(self.first(values, style)), style)


class Painter(nn.Module):
    """Forms are found at a quarter of the size; at the whole size they meet the planes, mixed as the style says."""

    def __init__(self, config: Config):
        super().__init__()
        half, quarter = config.widths
        self.planes, self.fine = Planes(), config.fine
        self.down = Steered(config, sum(GROUPS[name] for name in BODY), half, 5, 2)
        self.deeper = Steered(config, half, quarter, stride=2)
        self.blocks = nn.ModuleList(Residual(config, quarter, dilation) for dilation in config.dilations)
        self.rise, self.last_form = Steered(config, quarter, half), nn.Conv2d(half, config.fine, 3, padding=1)
        self.weave = nn.Linear(len(STYLES), (config.fine + 9) * MIXED)
        nn.init.normal_(self.weave.weight, std=0.15)
        nn.init.zeros_(self.weave.bias)
        self.sort, self.pigments = nn.Linear(len(STYLES), 4 * PIGMENTS), nn.Linear(len(STYLES), 3 * PIGMENTS)
        self.touch = Steered(config, config.fine, config.fine, norm=False)
        self.ink = nn.Linear(len(STYLES), 6 * config.fine)
        nn.init.zeros_(self.ink.weight)
        nn.init.zeros_(self.ink.bias)

    def forward(
        self, image: torch.Tensor, style: torch.Tensor, offset: tuple[int, int] = (0, 0), measured: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Sides are multiples of `STRIDE`; patterns begin at `offset`; a part of a picture is told the whole one's contrast."""
        picture = contrasted(image, contrast(image) if measured is None else measured)
        *forms, own, common = self.mixed(picture, style, offset, BODY)
        weights = self.weave(style).unflatten(1, (-1, MIXED))
        woven = weights[:, :, : own.shape[1]] @ own.flatten(2) + weights[:, :, own.shape[1] :] @ common.flatten(2)
        woven = woven.unflatten(2, image.shape[2:])
        half = F.relu(self.down(torch.cat(forms, 1), style))
        values = F.relu(self.deeper(half, style))
        for block in self.blocks:
            values = block(values, style)
        values = self.last_form(F.relu(self.rise(larger(values), style) + half))
        # Tones and a pattern in one sum, then what is above zero: so a screen prints, and so a pencil hatches.
        values = F.relu(woven[:, : self.fine] + larger(values))
        values = F.relu(self.touch(values, style))
        inked = (self.ink(style).unflatten(1, (6, -1)) @ values.flatten(2)).unflatten(2, image.shape[2:])
        return laid_over(*woven[:, self.fine :].split(3, 1), *inked.split(3, 1))

    def mixed(self, picture: torch.Tensor, style: torch.Tensor, offset: tuple[int, int], first: tuple[str, ...] = ()) -> list[torch.Tensor]:
        """The groups of planes that are asked for; all that follow the photograph; and those that are the same under each."""
        groups = dict(self.planes(picture, offset))
        own = [self.in_pigments(groups["flats"], style), *(planes for name, planes in groups.items() if name not in COMMON)]
        return [*(groups[name] for name in first), torch.cat(own, 1), torch.cat([groups[name] for name in COMMON], 1)]

    def in_pigments(self, flats: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
        """Each colour becomes that one of the style's pigments whose linear score is largest, or nearly: [N, 3, H, W]."""
        with torch.autocast("cpu", enabled=False):  # sorting is for exact numbers
            scores = self.sort(style).unflatten(1, (PIGMENTS, 4))
            nearest = torch.softmax(SHARP * (scores[..., :3] @ flats.flatten(2) + scores[..., 3:]), 1)
            return (self.pigments(style).unflatten(1, (3, PIGMENTS)) @ nearest).unflatten(2, flats.shape[2:])


def first_mixture(style: str, start: torch.Tensor) -> torch.Tensor:
    """Where the search for a style's mixture begins: a little brighter below than above, or the dots of a screen."""
    below, above, cover = start.clone(), start.clone(), torch.zeros(3, MIXED)
    if style == "halftone":  # paper, and ink of one colour for each channel in dots as wide as it is dark
        below, above = torch.zeros(3, MIXED), torch.zeros(3, MIXED)
        below[:, ONE], above[:, ONE] = 0.45, -0.45
        for channel, screen in enumerate(("cyan", "magenta", "yellow")):
            cover[channel, ONE], cover[channel, place("soft") + channel] = 3 * (2.4 - 2), -3 * 3.2
            cover[channel, place("screens") + list(SCREENS).index(screen)] = -3 * 4
    elif style == "pop-art":  # dark dots in the middle tones
        above = 0.45 * start
        above[:, ONE] -= 0.275
        cover[:, ONE], cover[:, place("screens") + list(SCREENS).index("pop")] = 6 * (2.3 - 2) - 8, -6 * 4
        cover[:, place("tones") + 1 : place("tones") + 3], cover[:, place("tones") + 3 : place("tones") + 5] = 4, -4
    else:
        below[:, ONE] += 0.2
        above[:, ONE] -= 0.2
    return torch.cat([below, above, cover])


def place(group: str) -> int:
    """Where a group's planes begin among those that are mixed."""
    names = list(GROUPS)
    return 3 + sum(GROUPS[name] for name in names[: names.index(group)])


def laid_over(below, above, cover, more_cover=0.0, change=0.0):
    """Two mixtures of colours, one over the other where it covers: stones and grout, paper and ink, a ground and its dots."""
    return 0.5 + below + torch.sigmoid(cover + more_cover) * (above - below) + change


class Trainer:
    def __init__(self, config: Config, pairs: dict[str, list[paintings.Pair]]):
        torch.manual_seed(config.seed)
        self.config, self.pairs = config, pairs
        self.contrasts = [contrast(to_tensor(photo[None])) for photo, _ in pairs[STYLES[0]]]  # every style paints the same photographs
        self.network, self.vectors = Painter(config), torch.eye(len(STYLES))
        self.eyes = LossNet().eval().requires_grad_(False)
        self.average = run.Average(self.network, config.decay)
        self.optimiser = torch.optim.Adam(self.network.parameters(), config.rate, betas=(0.9, 0.995))
        self.parts = {"network": self.network, "average": self.average, "optimiser": self.optimiser}
        self.measure_styles()

    def lay_mixtures(self, count: int = 10, rounds: int = 300, styles: list[str] = STYLES) -> None:
        """Give each style its pigments, and of all mixtures of planes, one over the other, those nearest to its paintings."""
        painter = self.network
        pigments, sorting = self.palettes()
        with torch.no_grad():
            for layer, wanted in ((painter.sort, sorting.flatten(1)), (painter.pigments, pigments.transpose(1, 2).flatten(1))):
                layer.weight.copy_(wanted.T)
                layer.bias.zero_()
        for number in map(STYLES.index, styles):
            with torch.no_grad():
                planes, goal = self.all_planes(number, count)
                products = planes @ planes.T / planes.shape[1] + 1e-3 * torch.eye(MIXED)
                start = torch.linalg.solve(products, planes @ (goal - 0.5).T / planes.shape[1]).T
            mixture = first_mixture(STYLES[number], start).requires_grad_()
            optimiser = torch.optim.Adam([mixture], 0.05, betas=(0.9, 0.99))
            for round_ in range(rounds):
                optimiser.param_groups[0]["lr"] = 0.05 * (1 - round_ / rounds)
                loss = (laid_over(*(mixture @ planes).split(3)) - goal).abs().mean()
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
            with torch.no_grad():
                painter.weave.weight.unflatten(0, (-1, MIXED))[painter.fine :, :, number] = mixture

    def all_planes(self, number: int, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        """[MIXED, pixels] of some photographs and [3, pixels] of their paintings in a style."""
        found = []
        for at in range(count):
            photos, targets, measured, offset = self.crops(np.random.default_rng(at), [number])
            planes = self.network.mixed(contrasted(photos, measured), self.vectors[number : number + 1], offset)
            found.append([torch.cat([one.flatten(2) for one in planes], 1)[0], targets.flatten(2)[0]])
        return tuple(torch.cat(side, 1) for side in zip(*found, strict=True))

    def palettes(self) -> tuple[torch.Tensor, torch.Tensor]:
        """[styles, PIGMENTS, 3] around zero and [styles, PIGMENTS, 4]: colours, and how one is chosen among them.

        A program's own palette, or means of the colours that its paintings show.
        """
        pigments, sorting = [], []
        for style in STYLES:
            if style in style_programs.PALETTES:
                palette, saturation, weight = style_programs.PALETTES[style]
            else:
                palette, saturation, weight = self.common_colours(style), 1.0, (1.0, 1.0)
            pigments.append(np.resize(palette, (PIGMENTS, 3)) - 0.5)
            sorting.append(np.resize(style_programs.palette_scores(palette, saturation, weight), (PIGMENTS, 4)))
        return tuple(torch.from_numpy(np.stack(one)).float() for one in (pigments, sorting))

    def common_colours(self, style: str) -> np.ndarray:
        painted = np.concatenate([picture[::9, ::9].reshape(-1, 3) for _, picture in self.pairs[style][::6]]).astype(np.float32) / 255
        palette = painted[np.random.default_rng(0).choice(len(painted), PIGMENTS, replace=False)]
        for _ in range(6):
            nearest = np.square(painted[:, None] - palette).sum(2).argmin(1)
            palette = np.stack([painted[nearest == at].mean(0) if (nearest == at).any() else palette[at] for at in range(PIGMENTS)])
        return palette

    @torch.no_grad()
    def measure_styles(self, count: int = 8) -> None:
        """How large each tap's features are, and how far a style's Gram matrices are from the photographs'."""
        self.far, seen = torch.zeros(len(STYLES), 5), []
        for number in range(len(STYLES)):
            crops = [self.crops(np.random.default_rng(at), [number]) for at in range(count)]
            seen.append([self.eyes(torch.cat([crop[side] for crop in crops])) for side in (0, 1)])
        self.sizes = [torch.stack([one[0][tap].square().mean() for one in seen]).mean().sqrt() for tap in range(5)]
        for number, (plain, painted) in enumerate(seen):
            for tap, size in enumerate(self.sizes):
                before, goal = (gram(values[tap] / size).mean(0) for values in (plain, painted))
                self.far[number, tap] = (before - goal).square().mean().clamp(min=1e-3)

    def step(self, step: int) -> dict[str, float]:
        config = self.config
        rate = config.rate * min(1.0, (step + 1) / 100, 0.02 + 1.5 * (1 - step / config.steps))
        self.optimiser.param_groups[0]["lr"] = rate
        random = np.random.default_rng((config.seed, step))
        numbers = self.drawn(random, step)
        photos, targets, measured, offset = self.crops(random, numbers)
        disturbed = photos + torch.randn_like(photos[:, :1]) * config.noise * torch.rand(len(photos), 1, 1, 1)
        with torch.autocast("cpu", torch.bfloat16):
            painted = self.network(disturbed, self.vectors[numbers], offset, measured)
        terms = self.losses(inner(painted.float()), inner(targets), numbers)
        loss = sum(terms.values())
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 2.0)
        self.optimiser.step()
        self.average.update(self.network)
        return {name: value.item() for name, value in terms.items()}

    def drawn(self, random: np.random.Generator, step: int) -> list[int]:
        """The numbers of the styles of one step: two crops of one with strokes, the rest of others."""
        strokes = sorted(STROKES)
        stroke = STYLES.index(strokes[step % len(strokes)])
        others = [number for number, style in enumerate(STYLES) if style not in STROKES]
        chances = np.array([3.0 if STYLES[number] in HARD else 1.0 for number in others])
        return [stroke, stroke, *random.choice(others, self.config.groups - 2, replace=False, p=chances / chances.sum()).tolist()]

    def crops(self, random: np.random.Generator, numbers: list[int]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, tuple[int, int]]:
        """Photographs, what shall become of them, the contrast of the whole ones, and where the patterns under them begin."""
        side, pairs = self.config.crop + 2 * CONTEXT, self.pairs[STYLES[0]]
        room = min(min(photo.shape[:2]) for photo, _ in pairs) - side
        offset = tuple((random.integers(min(room, TILE - 1) // STRIDE + 1, size=2) * STRIDE).tolist())
        photos, targets, measured = [], [], []
        for number in numbers:
            at = int(random.integers(len(pairs)))
            photo, painted = self.pairs[STYLES[number]][at]
            top, left = (
                start + TILE * int(random.integers((length - side - start) // TILE + 1)) for start, length in zip(offset, photo.shape[:2], strict=True)
            )
            photos.append(photo[top : top + side, left : left + side])
            targets.append(painted[top : top + side, left : left + side])
            measured.append(self.contrasts[at])
        return to_tensor(np.stack(photos)), to_tensor(np.stack(targets)), torch.cat(measured), offset

    def losses(self, painted: torch.Tensor, targets: torch.Tensor, numbers: list[int]) -> dict[str, torch.Tensor]:
        config = self.config
        clamped = painted.clamp(0, 1)
        seen = self.eyes(clamped)
        with torch.no_grad():
            wanted = self.eyes(targets)
        chance = torch.tensor([float(STYLES[number] in STROKES) for number in numbers])
        weigh = (1 + chance) / len(numbers)
        style = 0.0
        for features, goal, size, far in zip(seen, wanted, self.sizes, self.far[numbers].T, strict=True):
            mine, theirs = gram(features / size), gram(goal / size)
            # Two crops of one style count as one larger: by chance, one alone lacks a colour.
            mine, theirs = (torch.cat([grams[:2].mean(0, keepdim=True).expand(2, -1, -1), grams[2:]]) for grams in (mine, theirs))
            style = style + (weigh * ((mine - theirs).square().mean((1, 2)) / far + 1e-6).sqrt()).sum() / len(seen)
        shape = 0.5 * match(seen[2], wanted[2]) + match(seen[3], wanted[3])
        near, blurred = apart(painted, targets), apart(F.avg_pool2d(painted, 8), F.avg_pool2d(targets, 8))
        colour = (torch.where(chance > 0, 0.15 * near + 0.7 * blurred, near)).mean()
        outside = (painted - clamped).square().mean()
        return {"style": config.style * style, "seen": config.seen * shape, "colour": config.near * colour, "outside": 10 * outside}

    def finished(self) -> Painter:
        network = Painter(self.config)
        network.load_state_dict(self.average.weights)
        return network.eval()


def inner(pictures: torch.Tensor) -> torch.Tensor:
    return pictures[..., CONTEXT:-CONTEXT, CONTEXT:-CONTEXT]


def apart(found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    return (found - wanted).abs().mean((1, 2, 3))


def match(found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    return (F.instance_norm(found) - F.instance_norm(wanted)).square().mean()


def to_tensor(pictures: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(pictures.astype(np.float32) / 255).permute(0, 3, 1, 2)


def framed(painter: Painter, image: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
    """A painting of any size: the picture reflected around, painted, and cut back."""
    height, width = image.shape[2], image.shape[3]
    spare = STRIDE - 1
    padded = F.pad(image, (MARGIN, MARGIN + spare, MARGIN, MARGIN + spare), "reflect")
    padded = padded[..., : (height + 2 * MARGIN + spare) // STRIDE * STRIDE, : (width + 2 * MARGIN + spare) // STRIDE * STRIDE]
    found = painter(padded, style, measured=contrast(image))
    return found[..., MARGIN : MARGIN + height, MARGIN : MARGIN + width].clamp(0, 1)


def look(trainer: Trainer, photo: np.ndarray, path: Path, noise: float = 0.03, shorter: int = 288) -> None:
    """A sheet of one photograph in every style."""
    network = trainer.finished()
    small = paintings.resized(photo, shorter)
    image = to_tensor(small[None])
    image = image + noise * torch.randn(1, 1, *image.shape[2:], generator=torch.Generator().manual_seed(0))
    found = [small]
    with torch.no_grad():
        for vector in trainer.vectors:
            painted = framed(network, image, vector[None])[0].permute(1, 2, 0).numpy()
            found.append(style_programs.to_bytes(painted))
    found += [np.full_like(small, 255)] * (-len(found) % 5)
    rows = [np.concatenate(found[at : at + 5], 1) for at in range(0, len(found), 5)]
    Image.fromarray(np.concatenate(rows)).save(path)
