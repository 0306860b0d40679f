"""What the translator learns to do to a photograph or an icon, as programs: oil paint, pencil, and outlines.

Each asks for nothing but what lies near a pixel and where that is on a tile of patterns, so a net with the same patterns can
learn it to the pixel, and a picture cut into tiles is painted as the whole would be. Paint is smoothed along the forms (line
integral convolution, Cabral and Leedom 1993) and laid in strokes of the nearest of eight directions.

    python training/translator_programs.py out.png photo.png     # what the programs make of it
"""

import sys
from functools import lru_cache

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

TILE = 128  # pixels after which the patterns repeat; sides and the corners of tiles are multiples of it
DIRECTIONS = 8  # of strokes, over half a turn
STROKE = (22, 6.5)  # length and width, pixels
# waves along a tile's width and height of each set of hatching
HATCHES = ((21, 25), (25, 21), (-17, 26))
PLANES = [*(f"stroke-{at}" for at in range(DIRECTIONS)), *(f"hatch-{at}" for at in range(len(HATCHES))), "grain", "tooth"]
FLOW = 3.5  # pixels over which the directions of edges are averaged
STROKE_ANGLES = torch.pi * torch.arange(DIRECTIONS) / DIRECTIONS
LUMA = torch.tensor([0.299, 0.587, 0.114])


# --- patterns


@lru_cache(maxsize=1)
def tile() -> torch.Tensor:
    """[PLANES, TILE, TILE]: strokes and papers of about unit deviation, hatching from 0 on a line to 1 between two."""
    random = np.random.default_rng(3)
    drift = smooth_noise(random, 14)
    planes = [strokes(np.pi * at / DIRECTIONS, random) for at in range(DIRECTIONS)]
    y, x = np.mgrid[:TILE, :TILE] / TILE
    for right, down in HATCHES:
        phase = x * right + y * down + 0.22 * drift
        planes.append(2 * np.abs(phase - np.rint(phase)))
    planes += [random.standard_normal((TILE, TILE)), smooth_noise(random, 0.9)]
    return torch.from_numpy(np.stack(planes)).float()


def smooth_noise(random: np.random.Generator, radius: float) -> np.ndarray:
    y, x = np.fft.fftfreq(TILE)[:, None] * 2 * np.pi, np.fft.fftfreq(TILE)[None] * 2 * np.pi
    found = np.fft.ifft2(np.fft.fft2(random.standard_normal((TILE, TILE))) * np.exp(-0.5 * (x**2 + y**2) * radius**2)).real
    return (found - found.mean()) / found.std()


def strokes(angle: float, random: np.random.Generator) -> np.ndarray:
    """A tile covered with brush strokes in one direction: each of its own tint, with bristles and a lit ridge."""
    y, x = np.mgrid[:TILE, :TILE].astype(np.float32)
    tint, height = np.zeros((TILE, TILE)), np.zeros((TILE, TILE))
    length, width = STROKE
    for _ in range(5 * TILE * TILE // int(length * width)):
        turned = angle + random.normal(0, 0.16)
        right, down = ((plane - random.uniform(0, TILE) + TILE / 2) % TILE - TILE / 2 for plane in (x, y))
        along = (right * np.cos(turned) + down * np.sin(turned)) / (length / 2 * random.uniform(0.8, 1.25))
        across = (down * np.cos(turned) - right * np.sin(turned)) / (width / 2 * random.uniform(0.75, 1.3))
        inside = np.abs(across) ** 2.5 + np.abs(along) ** 5 < 1
        bristles = np.interp(across, np.linspace(-1, 1, 7), random.standard_normal(7))
        tint[inside] = (random.standard_normal() + 0.35 * bristles)[inside]
        height[inside] = (1.2 * np.sqrt(np.clip(1 - across**2, 0, 1)) + 0.35 * bristles + 0.25 * along)[inside]
    lit = sum(np.roll(height, 1, axis) - np.roll(height, -1, axis) for axis in (0, 1))
    found = 0.75 * tint / tint.std() - 0.85 * lit / lit.std()
    return (found - found.mean()) / found.std()


def patterns(height: int, width: int, offset: tuple[int, int] = (0, 0)) -> torch.Tensor:
    """[PLANES, height, width], from `offset` on."""
    rows, columns = (torch.arange(side) + start for side, start in zip((height, width), offset, strict=True))
    return tile()[:, rows[:, None] % TILE, columns[None] % TILE]


# --- what the programs share: floats in 0..1, [N, C, H, W]


def blur(values: torch.Tensor, radius: float) -> torch.Tensor:
    reach = max(1, int(3 * radius))
    weights = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / radius) ** 2)
    channels = int(values.shape[1])  # a number also where the net is traced
    weights = (weights / weights.sum()).repeat(channels, 1, 1, 1)
    for kernel, pad in ((weights, (reach, reach, 0, 0)), (weights.transpose(2, 3), (0, 0, reach, reach))):
        values = F.conv2d(F.pad(values, pad, "replicate"), kernel, groups=channels)
    return values


def grey(picture: torch.Tensor) -> torch.Tensor:
    return (picture * LUMA[:, None, None]).sum(1, keepdim=True)


def slopes(plane: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(down, right)"""
    tall, wide = F.pad(plane, (0, 0, 1, 1), "replicate"), F.pad(plane, (1, 1, 0, 0), "replicate")
    return (tall[:, :, 2:] - tall[:, :, :-2]) / 2, (wide[..., 2:] - wide[..., :-2]) / 2


def along_edges(plane: torch.Tensor, radius: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosine and sine of twice the angle of the edge that passes nearest; where none does, strokes slant."""
    down, right = slopes(blur(plane, 1.0))
    cos, sin = blur(down * down - right * right, radius) + 4e-6, blur(-2 * down * right, radius) - 6e-6
    size = (cos.square() + sin.square()).sqrt() + 1e-9
    return cos / size, sin / size


def nearest_strokes(cos2: torch.Tensor, sin2: torch.Tensor) -> torch.Tensor:
    """[N, DIRECTIONS, H, W]: 1 for the strokes that lie along an edge, or shares of two; their sum is 1."""
    nearness = cos2 * (2 * STROKE_ANGLES).cos()[:, None, None] + sin2 * (2 * STROKE_ANGLES).sin()[:, None, None]
    return torch.softmax(14 * nearness, 1)


def smoothed_along(picture: torch.Tensor, cos2: torch.Tensor, sin2: torch.Tensor, reach: int) -> torch.Tensor:
    """The mean along the line through each pixel that follows the angles, `reach` pixels each way."""
    _, _, height, width = picture.shape
    angle = 0.5 * torch.atan2(sin2, cos2)
    flow = torch.cat([angle.cos(), angle.sin()], 1)  # right, down
    y, x = torch.meshgrid(torch.arange(height).float(), torch.arange(width).float(), indexing="ij")
    here = torch.stack([x, y])[None].expand(len(picture), -1, -1, -1)
    scale = torch.tensor([2 / max(width - 1, 1), 2 / max(height - 1, 1)])[:, None, None]
    read = lambda values, at, mode: F.grid_sample(values, (at * scale - 1).permute(0, 2, 3, 1), mode, "border", align_corners=True)  # noqa: E731
    total, weight = picture.clone(), 1.0
    for sign in (1, -1):
        at, onward = here, sign * flow
        for step in range(reach):
            at = at + onward
            found = read(flow, at, "nearest")
            onward = found * torch.where((found * onward).sum(1, keepdim=True) < 0, -1.0, 1.0)
            share = float(np.exp(-0.5 * (2 * (step + 1) / reach) ** 2))
            total, weight = total + share * read(picture, at, "bilinear"), weight + share
    return total / weight


# --- the programs


def oil(photo: torch.Tensor, pattern: torch.Tensor) -> torch.Tensor:
    """Saturated paint, drawn out along the forms, in strokes that catch the light."""
    plain = grey(photo)
    picture = plain + (photo - plain) * 1.45
    picture = picture + 0.5 * (blur(picture, 1.0) - blur(picture, 10.0))
    cos2, sin2 = along_edges(plain, FLOW)
    drawn = smoothed_along(blur(picture, 1.2), cos2, sin2, 9)
    drawn = drawn + 0.9 * (drawn - blur(drawn, 2.0))  # paint has edges
    drawn = smoothed_along(drawn, cos2, sin2, 5)
    laid = nearest_strokes(cos2, sin2) * pattern[:, :DIRECTIONS]
    return (drawn * 1.04 + 0.065 * laid.sum(1, keepdim=True)).clamp(0, 1)


def outlines(plane: torch.Tensor, radius: float) -> torch.Tensor:
    """0..1: how strongly a dark line passes, by a difference of Gaussians."""
    return (-(blur(plane, radius) - blur(plane, 1.6 * radius)) * 26 - 0.3).clamp(0, 1)


def pencil(photo: torch.Tensor, pattern: torch.Tensor) -> torch.Tensor:
    """Graphite: outlines, three sets of hatching where it is dark, and the paper's tooth."""
    plane = grey(photo)
    plane = (plane + 0.6 * (blur(plane, 0.8) - blur(plane, 12.0)) + 0.05).clamp(0, 1)
    soft = blur(plane, 1.2)
    hatch, (grain, tooth) = pattern[:, DIRECTIONS:-2], pattern[:, -2:, None].unbind(1)
    found = 0.97 - 0.3 * (0.8 - soft).clamp(0, 1)
    for at, level in enumerate((0.8, 0.55, 0.32)):
        dark = ((level - soft) * 2.4).clamp(0, 1)
        found = found - 0.24 * dark.sqrt() * ((dark * 0.95 - hatch[:, at : at + 1]) * 2.2 + 0.1).clamp(0, 1)
    line = (outlines(plane, 1.0) + 0.9 * outlines(plane, 2.2)).clamp(0, 1) * (0.9 + 0.1 * grain).clamp(0, 1)
    found = torch.minimum(found, 1 - 0.82 * line) + 0.012 * grain + 0.02 * tooth * (1.1 - found)
    return (found * torch.tensor([1.0, 0.988, 0.965])[:, None, None]).clamp(0, 1)


def ink(photo: torch.Tensor, pattern: torch.Tensor) -> torch.Tensor:
    """A brush pen: black outlines and shadows on white, and nothing between."""
    plane = grey(photo)
    plane = (plane + 0.6 * (blur(plane, 0.8) - blur(plane, 12.0))).clamp(0, 1)
    shadow = ((0.2 - blur(plane, 1.5)) * 10).clamp(0, 1)
    line = torch.maximum((1.4 * outlines(plane, 1.0) + 1.4 * outlines(plane, 2.2)).clamp(0, 1), shadow)
    return (1 - 0.95 * line).expand(-1, 3, -1, -1)


def drawn_edges(picture: torch.Tensor, radius: float = 0.7, least: float = 0.045) -> torch.Tensor:
    """Black lines on white wherever colours meet, about as a pen would draw them: [N, 1, H, W]."""
    down, right = slopes(blur(picture, radius))
    size = (down.square() + right.square()).sum(1, keepdim=True).sqrt()
    return 1 - ((size - least) * 14).clamp(0, 1)


PHOTO_PROGRAMS = {"oil": oil, "pencil": pencil, "ink": ink}


if __name__ == "__main__":
    torch.set_num_threads(1)
    image = Image.open(sys.argv[2]).convert("RGB")
    photo = torch.from_numpy(np.asarray(image).astype(np.float32) / 255).permute(2, 0, 1)[None]
    pattern = patterns(*photo.shape[2:])[None]
    found = [photo, *(program(photo, pattern) for program in PHOTO_PROGRAMS.values()), drawn_edges(photo).expand(-1, 3, -1, -1)]
    sheet = torch.cat(found, 3)[0].permute(1, 2, 0)
    Image.fromarray((sheet * 255).round().byte().numpy()).save(sys.argv[1])
