"""What the painter is told of each pixel: colours, tones, outlines, and the patterns that lie under it.

Some follow the photograph: colours smeared along its edges, lines that bend as its tones do, the colour of each cell's
middle. All of it is arithmetic that an ONNX graph can hold; a style's vector says what of it is used.
"""

from collections.abc import Iterator

import torch
from torch import nn
from torch.nn import functional as F

import patterns
from patterns import CELLS, GRID, SCREENS, TILE, UNIT, WAVES

LEVELS = (0.12, 0.27, 0.42, 0.58, 0.74)  # where tones are cut into flats
SMEARED = 5  # steps each way along a stroke, at half the size
# name: how many planes
GROUPS = {
    "colours": 3, "soft": 3, "wide": 3, "flow": 4, "whirl": 4, "tones": len(LEVELS), "outlines": 5, "carved": 2,
    "squares": 3, "flats": 3, **{name: 5 for name in CELLS}, "lines": len(WAVES), "screens": len(SCREENS), "grounds": 6, "grid": 2,
}  # fmt: skip
COMMON = ("lines", "screens", "grounds", "grid")  # the last ones: no photograph changes them
PLANES = sum(GROUPS.values())
GROUNDS = ("drift", "bloom", "grain", "tooth", "streak", "chalk")


def grey(image: torch.Tensor) -> torch.Tensor:
    return 0.299 * image[:, :1] + 0.587 * image[:, 1:2] + 0.114 * image[:, 2:]


def contrast(image: torch.Tensor) -> torch.Tensor:
    """[N, 2]: the mean brightness of a whole picture, and its deviation."""
    plane = grey(image)
    mean = plane.mean((1, 2, 3))
    return torch.stack([mean, (plane - mean[:, None, None, None]).square().mean((1, 2, 3)).sqrt()], 1)


def contrasted(image: torch.Tensor, measured: torch.Tensor) -> torch.Tensor:
    """Dark and bright spread to the whole range, as the style programs begin."""
    mean, deviation = measured[:, :1, None, None], measured[:, 1:, None, None]
    return (0.35 * image + 0.65 * (image - mean + 2 * deviation) / (4 * deviation).clamp(min=0.3)).clamp(0, 1)


def mean_of(values: torch.Tensor, size: int) -> torch.Tensor:
    """Of a square of odd size, as two sums of lines."""
    height, width = values.shape[2:]
    padded = F.pad(values, (size // 2,) * 4, "replicate")
    down = sum(padded[..., at : at + height, :] for at in range(size))
    return sum(down[..., at : at + width] for at in range(size)) / size**2


def smooth(values: torch.Tensor, size: int) -> torch.Tensor:
    """Twice the mean of a square: near to a Gaussian."""
    return mean_of(mean_of(values, size), size)


def flat(picture: torch.Tensor) -> torch.Tensor:
    """The calmest of the four squares that meet at a pixel: what is inside turns flat, and edges stay (Kuwahara et al. 1976)."""
    height, width = picture.shape[2:]
    plane = grey(picture)
    means = mean_of(torch.cat([picture, plane, plane.square()], 1), 5)
    squares = F.pad(torch.cat([means[:, :3], means[:, 4:] - means[:, 3:4].square()], 1), (2, 2, 2, 2), "replicate")
    best = squares[..., :height, :width]
    for down, right in ((0, 4), (4, 0), (4, 4)):
        other = squares[..., down : down + height, right : right + width]
        best = torch.where(other[:, 3:] < best[:, 3:], other, best)
    return best[:, :3]


def larger(values: torch.Tensor) -> torch.Tensor:
    return F.interpolate(values, scale_factor=2.0)


class Planes(nn.Module):
    def __init__(self):
        super().__init__()
        for name, plane in patterns.tiles().items():
            self.register_buffer(name.replace("-", "_"), torch.from_numpy(plane), persistent=False)

    def forward(self, picture: torch.Tensor, offset: tuple[int, int] = (0, 0)) -> Iterator[tuple[str, torch.Tensor]]:
        """Names and planes [N or 1, count, H, W] in the order of GROUPS, of a contrasted picture."""
        rows, columns = (torch.arange(picture.shape[axis], device=picture.device) + offset[axis - 2] for axis in (2, 3))
        y, x = rows.float()[:, None], columns.float()[None]
        plane = grey(picture)
        soft, wide = mean_of(picture, 3), smooth(picture, 5)
        yield "colours", picture - 0.5
        yield "soft", soft - 0.5
        yield "wide", wide - 0.5
        yield from self.smeared(soft, rows, columns)
        flats = smooth(flat(flat(picture)), 3)
        yield "tones", torch.cat([torch.sigmoid(40 * (grey(flats) - level)) for level in LEVELS], 1)
        fine, middle, broad = mean_of(plane, 3), smooth(plane, 3), smooth(plane, 5)
        broadest = smooth(plane, 9)
        apart = [middle - fine, broad - middle, broadest - broad]
        yield "outlines", torch.cat([(gain * one - 0.25).clamp(0, 1) for gain, one in ((30, apart[0]), (28, apart[1]), (18, apart[2]), (-30, apart[0]), (-28, apart[1]))], 1)
        phase = (y * 0.8 + x * 0.35) / 5.2 + 8.3 * smooth(plane, 9) + 0.25 * self.tile("drift", rows, columns)
        yield "carved", torch.cat([triangle(phase), torch.cos(6.2831853 * phase)], 1)
        yield "squares", F.interpolate(F.avg_pool2d(picture, 8), scale_factor=8.0) - 0.5
        yield "flats", flats - 0.5
        for name, size in zip(CELLS, (5, 7, 5, 3), strict=True):
            centre = self.at_centres(mean_of(picture, size), name, rows, columns) - 0.5
            border, tint = (self.tile(f"{name}-{what}", rows, columns) for what in ("border", "tint"))
            if name.endswith("dots"):
                down, right = (UNIT * self.tile(f"{name}-{what}", rows, columns) for what in ("down", "right"))
                border = (down.square() + right.square()).sqrt() / 4
            yield name, torch.cat([centre, *(each_of(picture, one) for one in (border - 0.5, tint))], 1)
        drift = self.tile("drift", rows, columns)[0, 0]
        lines = [triangle((x * sine(angle) + y * cosine(angle)) / pitch + shake * drift) for angle, pitch, shake in WAVES.values()]
        yield "lines", torch.stack(lines)[None] - 0.5
        yield "screens", torch.stack([dots(x, y, *screen) for screen in SCREENS.values()])[None] / 4 - 0.5
        yield "grounds", torch.cat([self.tile(name, rows, columns) for name in GROUNDS], 1)
        grid = torch.maximum((rows % GRID == 0).float()[:, None], (columns % GRID == 0).float()[None])
        yield "grid", torch.stack([grid, torch.ones_like(grid)])[None]

    def tile(self, name: str, rows: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
        """[1, 1, H, W] in units of a deviation."""
        return self.whole(name, rows, columns).float()[None, None] / UNIT

    def whole(self, name: str, rows: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
        return getattr(self, name.replace("-", "_"))[rows % TILE][:, columns % TILE]

    def at_centres(self, picture: torch.Tensor, cells: str, rows: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
        height, width = picture.shape[2:]
        down, right = (self.whole(f"{cells}-{what}", rows, columns).long() for what in ("down", "right"))
        y = (torch.arange(height, device=picture.device)[:, None] + down).clamp(0, height - 1)
        x = (torch.arange(width, device=picture.device)[None] + right).clamp(0, width - 1)
        return picture.flatten(2)[:, :, (y * width + x).flatten()].unflatten(2, (height, width))

    def smeared(self, soft: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor) -> Iterator[tuple[str, torch.Tensor]]:
        """Colours and bristles dragged along the edges of things, and along those and whirls (Cabral and Leedom 1993)."""
        half = F.avg_pool2d(soft, 2)
        plane = grey(half)
        padded = F.pad(plane, (1, 1, 1, 1), "replicate")
        down = (padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]) / 2
        right = (padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]) / 2
        # Twice the angle of the edge that passes nearest, weighed by how strong it is.
        cos, sin = smooth(down * down - right * right, 5), smooth(-2 * down * right, 5)
        size = (cos.square() + sin.square() + 1e-10).sqrt()
        strength = (smooth((down.square() + right.square() + 1e-10).sqrt(), 3) * 8).clamp(0, 1)
        cos, sin = cos / size, sin / size
        few = rows[::2], columns[::2]
        whirl = self.tile("whirl-cos", *few), self.tile("whirl-sin", *few)
        bristle = each_of(half, self.tile("bristle", *few))
        carried = torch.cat([half - 0.5, bristle], 1)
        for name, least in (("flow", 0.75), ("whirl", 0.1)):
            weight = torch.maximum(strength, torch.full_like(strength, least))
            yield name, larger(drag(carried, weight * cos + (1 - weight) * whirl[0], weight * sin + (1 - weight) * whirl[1]))


def each_of(pictures: torch.Tensor, plane: torch.Tensor) -> torch.Tensor:
    """The same plane for each picture; by arithmetic, since a graph would keep the count that it was traced with."""
    return plane + 0.0 * pictures[:, :1]


def drag(carried: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """The mean along the line through each pixel that follows a field, given as twice its angle."""
    height, width = carried.shape[2:]
    size = (cos.square() + sin.square() + 1e-10).sqrt()
    cos, sin = cos / size, sin / size
    right = ((1 + cos).clamp(min=0) / 2).sqrt()
    down = torch.where(sin < 0, -1.0, 1.0) * ((1 - cos).clamp(min=0) / 2).sqrt()
    field = torch.cat([down, right], 1).flatten(2)
    flat, total = carried.flatten(2), carried.flatten(2)
    rows = torch.arange(height, device=carried.device).float()[:, None].expand(height, width).flatten()
    columns = torch.arange(width, device=carried.device).float()[None].expand(height, width).flatten()
    for sign in (1.0, -1.0):
        heading = sign * field
        y, x = rows + heading[:, 0], columns + heading[:, 1]
        for step in range(SMEARED):
            at = (y.round().clamp(0, height - 1) * width + x.round().clamp(0, width - 1)).long()[:, None]
            total = total + flat.gather(2, at.expand(-1, flat.shape[1], -1))
            if step + 1 < SMEARED:
                there = field.gather(2, at.expand(-1, 2, -1))
                heading = torch.where((there * heading).sum(1, keepdim=True) < 0, -there, there)
                y, x = y + 1.2 * heading[:, 0], x + 1.2 * heading[:, 1]
    found = (total / (2 * SMEARED + 1)).unflatten(2, (height, width))
    return torch.cat([found[:, :-1], 2 * found[:, -1:]], 1)


def triangle(phase: torch.Tensor) -> torch.Tensor:
    return 2 * (phase - phase.round()).abs()


def dots(x: torch.Tensor, y: torch.Tensor, degrees: float, pitch: float) -> torch.Tensor:
    """Distance from the nearest dot's middle."""
    angle = degrees * 0.017453292519943295
    u, v = (x * cosine(angle) + y * sine(angle)) / pitch, (y * cosine(angle) - x * sine(angle)) / pitch
    return ((u - u.round()).square() + (v - v.round()).square() + 1e-12).sqrt() * pitch


def sine(angle: float) -> float:
    return float(torch.sin(torch.tensor(angle, dtype=torch.float64)))


def cosine(angle: float) -> float:
    return float(torch.cos(torch.tensor(angle, dtype=torch.float64)))
