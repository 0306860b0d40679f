"""What lies under a painting: paper, hatching, screens and cells, the same for programs and for the painter.

A net finds lines and dots on its own only slowly, and never where a program laid them. Given them, it learns which a style
uses, how thick, and where. Some are waves of the place alone; the others are tiles that repeat without a seam, in bytes.
"""

from functools import lru_cache

import numpy as np

TILE = 192  # pixels after which tiles repeat
UNIT = 32  # a byte's steps in one deviation

# name: angle of the lines in radians, pixels from one to the next, how far they shake
WAVES = {
    "pencil-1": (0.7, 3.9, 0.25), "pencil-2": (0.85, 3.7, 0.25), "pencil-3": (-0.5, 4.1, 0.25),
    "ink-1": (0.785, 5.0, 0.12), "ink-2": (-0.785, 5.0, 0.12), "ink-3": (0.1, 5.0, 0.12), "ink-4": (1.5, 5.0, 0.12),
    "shade": (0.785, 5.0, 0.0), "draught": (0.785, 6.0, 0.0),
}  # fmt: skip
# name: angle of a screen's rows in degrees, pixels between its dots
SCREENS = {"cyan": (15, 6.1), "magenta": (75, 6.1), "yellow": (0, 6.1), "black": (45, 6.1), "pop": (45, 6.0)}
# name: cells along a tile's side, how far their centres are off the grid
CELLS = {"tesserae": (20, 0.24), "panes": (12, 0.42), "large-dots": (28, 0.3), "small-dots": (38, 0.3)}
GRID = 16


@lru_cache(maxsize=1)
def tiles() -> dict[str, np.ndarray]:
    """int8 [TILE, TILE]: noises of unit deviation in steps of 1/UNIT, and what is known of each pixel's cell."""
    random = np.random.default_rng(0)
    found = {
        "drift": smooth_noise(random, 18, 18, 0), "bloom": smooth_noise(random, 5, 5, 0), "grain": random.standard_normal((TILE, TILE)),
        "tooth": smooth_noise(random, 0.9, 0.9, 0), "streak": smooth_noise(random, 3.5, 0.6, np.pi / 4),
        "chalk": smooth_noise(random, 5.0, 1.0, 0.9), "bristle": smooth_noise(random, 1.6, 1.6, 0),
    }  # fmt: skip
    # Along the level lines of smooth noise, which close into whirls; as twice the angle, which has no sign.
    hills = smooth_noise(random, 20, 20, 0)
    down = np.roll(hills, -1, 0) - np.roll(hills, 1, 0)
    right = np.roll(hills, -1, 1) - np.roll(hills, 1, 1)
    turn = 2 * np.arctan2(right, -down)
    found |= {"whirl-cos": np.cos(turn), "whirl-sin": np.sin(turn)}
    found = {name: to_byte(plane * UNIT) for name, plane in found.items()}
    for name, (count, jitter) in CELLS.items():
        down, right, border, tint = cells(random, count, jitter)
        found |= {f"{name}-down": to_byte(down), f"{name}-right": to_byte(right), f"{name}-border": to_byte(border * UNIT / 4), f"{name}-tint": to_byte(tint * UNIT)}
    return found


def to_byte(plane: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(plane), -127, 127).astype(np.int8)


def smooth_noise(random: np.random.Generator, along: float, across: float, angle: float) -> np.ndarray:
    """Noise blurred by a Gaussian that is `along` wide in the direction of `angle` and `across` in the other."""
    y, x = np.fft.fftfreq(TILE)[:, None] * 2 * np.pi, np.fft.fftfreq(TILE)[None] * 2 * np.pi
    onward, aside = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    weight = np.exp(-0.5 * ((onward * along) ** 2 + (aside * across) ** 2))
    found = np.fft.ifft2(np.fft.fft2(random.standard_normal((TILE, TILE))) * weight).real
    return (found - found.mean()) / found.std()


def cells(random: np.random.Generator, count: int, jitter: float) -> tuple[np.ndarray, ...]:
    """Rows and columns from each pixel to its cell's centre, distance to the next cell, and a number of the cell's own."""
    row, column = np.mgrid[:count, :count].reshape(2, -1)
    off = random.uniform(-jitter, jitter, (2, count * count))
    centres = np.stack([row + 0.5 + off[0], column + 0.5 + 0.5 * (row % 2) - 0.25 + off[1]], -1) * TILE / count
    number = random.standard_normal(count * count)
    found = []
    for y in range(TILE):
        apart = centres - np.stack([np.full(TILE, y), np.arange(TILE)], -1)[:, None]
        apart = apart - TILE * np.rint(apart / TILE)
        distance = np.hypot(apart[..., 0], apart[..., 1])
        two = np.argsort(distance, -1)[:, :2]
        near = two[:, :1]
        first, second = np.take_along_axis(distance, two, -1).T
        found.append([np.take_along_axis(apart[..., axis], near, -1)[:, 0] for axis in (0, 1)] + [(second - first) / 2, number[near[:, 0]]])
    return tuple(np.stack(rows) for rows in zip(*found, strict=True))


class Ground:
    """The patterns under a picture of one shape, for programs in NumPy."""

    def __init__(self, shape: tuple[int, int], offset: tuple[int, int] = (0, 0)):
        self.shape = shape
        self.rows, self.columns = np.arange(shape[0]) + offset[0], np.arange(shape[1]) + offset[1]
        self.y, self.x = self.rows[:, None].astype(np.float32), self.columns[None].astype(np.float32)

    def tile(self, name: str) -> np.ndarray:
        """Noise of unit deviation; a border in pixels is `4 * tile`."""
        return self.bytes(name).astype(np.float32) / UNIT

    def bytes(self, name: str) -> np.ndarray:
        return tiles()[name][np.ix_(self.rows % TILE, self.columns % TILE)]

    def lines(self, name: str) -> np.ndarray:
        """0..1: distance from the nearest of parallel, slightly shaking lines, 1 halfway between two."""
        angle, pitch, shake = WAVES[name]
        phase = (self.x * np.sin(angle) + self.y * np.cos(angle)) / pitch + shake * self.tile("drift")
        return 2 * np.abs(phase - np.rint(phase))

    def screen(self, name: str) -> np.ndarray:
        """Distance from the nearest dot's middle, in pixels."""
        degrees, pitch = SCREENS[name]
        angle = np.deg2rad(degrees)
        u, v = (self.x * np.cos(angle) + self.y * np.sin(angle)) / pitch, (self.y * np.cos(angle) - self.x * np.sin(angle)) / pitch
        return np.hypot(u - np.rint(u), v - np.rint(v)) * pitch

    def grid(self) -> np.ndarray:
        return ((self.rows % GRID == 0)[:, None] | (self.columns % GRID == 0)[None]).astype(np.float32)

    def at_centres(self, picture: np.ndarray, cells: str) -> np.ndarray:
        """What the picture shows at the middle of each pixel's cell."""
        y, x = np.mgrid[: self.shape[0], : self.shape[1]]
        down = np.clip(y + self.bytes(f"{cells}-down"), 0, self.shape[0] - 1)
        right = np.clip(x + self.bytes(f"{cells}-right"), 0, self.shape[1] - 1)
        return picture[down, right]
