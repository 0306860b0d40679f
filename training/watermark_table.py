"""What the watermark survives, by the graphs as they ship: the attack table of docs/watermark.md.

    python training/watermark_table.py                # measures watermark/ and prints the table
    python training/watermark_table.py --quick FOLDER  # a few pictures of 128 pixels, no search for false marks

Pictures are those that nothing here learns from. A message is recovered where the code finds a word and it is the one that
was hidden; an unmarked picture is called marked where it finds any.
"""

import argparse
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from PIL import Image

import export
import run
import upscaler_release
import watermark_attacks as attacks
import watermark_code as code
import watermark_data
from run import say

ROOT = Path(__file__).parent.parent
KINDS = ("photograph", "painting", "icon on white", "icon on a colour", "made here", "digits", "bare ground")
MADE, TILE = ("emoji-diffusion", "avatars-gan", "avatars-vae"), 64
COUNTS = {128: 60, 256: 24, 512: 10}  # pictures of each kind
UNMARKED = 6000

Attack = Callable[[torch.Tensor, np.random.Generator], torch.Tensor]


def _saved(kind: str, quality: int) -> Attack:
    return lambda picture, random: attacks.saved(picture, kind, quality=quality)


def _scaled(factor: float) -> Attack:
    return lambda picture, random: attacks.rounded(attacks.scaled(picture, factor, "bicubic"))


def _cropped(share: float) -> Attack:
    return lambda picture, random: attacks.rounded(attacks.cropped(picture, random, share)[0])


def _coloured(**changes: float) -> Attack:
    return lambda picture, random: attacks.rounded(attacks.coloured(picture, **changes))


def _resaved(picture: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    return attacks.saved(attacks.saved(attacks.saved(picture, "JPEG", quality=85), "WEBP", quality=80), "JPEG", quality=75)


# The first are what is promised; those after BEYOND show where it ends.
ATTACKS: dict[str, Attack] = {
    "none (PNG)": lambda picture, random: attacks.rounded(picture),
    "JPEG 90": _saved("JPEG", 90),
    "JPEG 70": _saved("JPEG", 70),
    "WebP 80": _saved("WEBP", 80),
    "WebP 70": _saved("WEBP", 70),
    "JPEG 85, WebP 80, JPEG 75": _resaved,
    "resized to 0.5": _scaled(0.5),
    "resized to 0.75": _scaled(0.75),
    "resized to 1.5": _scaled(1.5),
    "resized to 2": _scaled(2.0),
    "crop, 10 % of the area": _cropped(0.0513),
    "crop, each side 10 % shorter": _cropped(0.1),
    "screenshot: ×1.25, noise 2, gamma 1.05, JPEG 85": lambda picture, random: attacks.screenshot(picture, random, 1.25, 2, 1.05, 85),
    "noise, 4 of 255": lambda picture, random: attacks.rounded(attacks.noisy(picture, random, 4)),
    "brightness +5 %": _coloured(brightness=1.05),
    "brightness +10 %": _coloured(brightness=1.1),
    "brightness −10 %": _coloured(brightness=0.9),
    "contrast −10 %": _coloured(contrast=0.9),
    "saturation −20 %": _coloured(saturation=0.8),
    "gamma 1.1": _coloured(gamma=1.1),
    "JPEG 50": _saved("JPEG", 50),
    "WebP 50": _saved("WEBP", 50),
    "crop, each side 10 % shorter, then JPEG 70": lambda picture, random: attacks.saved(attacks.cropped(picture, random, 0.1)[0], "JPEG", quality=70),
    "resized to 0.5, then JPEG 70": lambda picture, random: attacks.saved(attacks.scaled(picture, 0.5, "bicubic"), "JPEG", quality=70),
    "grey": _coloured(saturation=0.0),
}
BEYOND = "JPEG 50"
# The short table: what a line of it is called, and of which attacks it tells the mean.
SHORT = {
    "JPEG 70": ("JPEG 70",),
    "WebP 80": ("WebP 80",),
    "WebP 70": ("WebP 70",),
    "saved three times: JPEG 85, WebP 80, JPEG 75": ("JPEG 85, WebP 80, JPEG 75",),
    "resized to 0.5, 0.75, 1.5 or 2": ("resized to 0.5", "resized to 0.75", "resized to 1.5", "resized to 2"),
    "a crop of 10 % of the area": ("crop, 10 % of the area",),
    "a screenshot: enlarged, noise, gamma, JPEG 85": ("screenshot: ×1.25, noise 2, gamma 1.05, JPEG 85",),
    "noise, 4 of 255": ("noise, 4 of 255",),
    "darker, less contrast, less saturation, gamma": ("brightness −10 %", "contrast −10 %", "saturation −20 %", "gamma 1.1"),
    "5 % or 10 % brighter": ("brightness +5 %", "brightness +10 %"),
    "made grey": ("grey",),
}


@dataclass(frozen=True)
class Row:
    """Shares in percent, by kind of picture."""

    attack: str
    side: int
    right: dict[str, float]
    recovered: dict[str, float]


def pictures(drawn: watermark_data.Pictures, kind: str, side: int, count: int, random: np.random.Generator) -> np.ndarray:
    """uint8 [count, side, side, 3]"""
    found = []
    for at in range(count):
        if kind == "photograph":
            found.append(watermark_data.cropped(drawn.photos[at % len(drawn.photos)], side, random))
        elif kind == "painting":
            found.append(watermark_data.cropped(drawn.paintings[at % len(drawn.paintings)], side, random))
        elif kind == "digits":
            found.append(watermark_data.row_of_digits(drawn.digits, side, random))
        elif kind == "made here":
            made = made_here()
            found.append(watermark_data.resized(made[at % len(made)], side))
        elif kind == "bare ground":
            found.append(watermark_data.ground(side, random))
        else:
            ground = np.full((side, side, 3), 255 if kind == "icon on white" else random.integers(256, size=3), np.uint8)
            found.append(watermark_data.on_ground(np.asarray(drawn.icons[at * 37 % len(drawn.icons)]), side, ground, random))
    return np.stack(found)


@functools.cache
def made_here() -> list[np.ndarray]:
    """What models here painted, over white, enlarged by the upscaler to 256x256; one of each in turn."""
    enlarger, sheets = export.session(ROOT / "onnx/upscaler/x4.onnx"), []
    for model in MADE:
        sheet = Image.new("RGBA", (10 * TILE, 2 * TILE), "white")
        sheet.alpha_composite(Image.open(ROOT / f"onnx/{model}/samples.png").convert("RGBA").crop((0, 0, *sheet.size)))
        pixels = np.asarray(sheet.convert("RGB"))
        sheets.append([pixels[top : top + TILE, left : left + TILE] for top in (0, TILE) for left in range(0, 10 * TILE, TILE)])
    return [upscaler_release.enlarge(enlarger, one, 4) for row in zip(*sheets, strict=True) for one in row]


class Pair:
    """The graphs of a folder, on pictures uint8 [N, H, W, 3]."""

    def __init__(self, folder: Path):
        self.encoder, self.decoder = (export.session(folder / f"{name}.onnx") for name in ("encoder", "decoder"))

    def mark(self, pictures: np.ndarray, bits: np.ndarray) -> np.ndarray:
        (found,) = self.encoder.run(None, {"image": as_values(pictures), "bits": bits.astype(np.float32)})
        return np.rint(found.transpose(0, 2, 3, 1) * 255).astype(np.uint8)

    def read(self, pictures: np.ndarray) -> np.ndarray:
        return read(self.decoder, as_values(pictures))


def read(session: onnxruntime.InferenceSession, values: np.ndarray) -> np.ndarray:
    """bool [N, 127]"""
    return session.run(None, {"image": values})[0] > 0


def as_values(pictures: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(pictures.transpose(0, 3, 1, 2)).astype(np.float32) / 255


def table(pair: Pair, drawn: watermark_data.Pictures, counts: dict[int, int]) -> tuple[list[Row], dict[tuple[int, str], float]]:
    """The rows, and the decibels of the marked pictures by side and kind."""
    rows, decibels = [], {}
    for side, count in counts.items():
        right: dict[str, dict[str, float]] = {name: {} for name in ATTACKS}
        recovered: dict[str, dict[str, float]] = {name: {} for name in ATTACKS}
        for kind in KINDS:
            random = np.random.default_rng(side)
            plain = pictures(drawn, kind, side, count, random)
            payloads = [int(one) for one in random.integers(1 << code.PAYLOAD, size=count)]
            bits = np.array([code.encode(payload) for payload in payloads])
            marked = pair.mark(plain, bits)
            decibels[side, kind] = float(np.mean([psnr(*both) for both in zip(marked, plain, strict=True)]))
            tensors = torch.from_numpy(as_values(marked))
            for name, attack in ATTACKS.items():
                after = [attack(picture, random).numpy() for picture in tensors]
                found = np.concatenate([read(pair.decoder, one[None]) for one in after])  # crops differ in size
                right[name][kind] = 100 * float((found == bits).mean())
                answers = [code.decode(one) for one in found]
                recovered[name][kind] = 100 * float(np.mean([answer is not None and answer[0] == payload for answer, payload in zip(answers, payloads, strict=True)]))
        rows += [Row(name, side, right[name], recovered[name]) for name in ATTACKS]
    return rows, decibels


def psnr(found: np.ndarray, wanted: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / max(np.square(found.astype(np.float32) - wanted).mean(), 0.01)))


def unmarked(drawn: watermark_data.Pictures, count: int) -> Iterator[np.ndarray]:
    """Batches of pictures without a mark: every kind and side, bare white and black first, and parts of large ones."""
    yield np.stack([np.full((128, 128, 3), level, np.uint8) for level in range(256)])
    random = np.random.default_rng(7)
    for at in range((count - 256) // 64 + 1):
        yield pictures(drawn, KINDS[at % len(KINDS)], int(random.choice((128, 160, 256))), 64, random)


def false_marks(pair: Pair, drawn: watermark_data.Pictures, count: int) -> tuple[int, int, float]:
    """(pictures without a mark that were called marked, pictures, share of different readings)"""
    called = total = 0
    readings = set()
    for batch in unmarked(drawn, count):
        for bits in pair.read(batch):
            called += code.decode(bits) is not None
            total += 1
            readings.add(bits.tobytes())
    return called, total, len(readings) / total


def markdown(rows: list[Row], decibels: dict[tuple[int, str], float]) -> str:
    lines = []
    for side in dict.fromkeys(row.side for row in rows):
        lines += [f"### {side}×{side} pixels", "", "| attack | " + " | ".join(KINDS) + " |", "| --- |" + " --- |" * len(KINDS)]
        lines.append("| **peak signal to noise, dB** | " + " | ".join(f"{decibels[side, kind]:.1f}" for kind in KINDS) + " |")
        for row in rows:
            if row.side == side:
                if row.attack == BEYOND:
                    lines.append("| *beyond what is promised:* |" + " |" * len(KINDS))
                lines.append(f"| {row.attack} | " + " | ".join(f"{row.right[kind]:.1f} · {row.recovered[kind]:.0f}" for kind in KINDS) + " |")
        lines.append("")
    return "\n".join(lines)


def short(rows: list[Row], decibels: dict[tuple[int, str], float]) -> str:
    """What is promised, and what isn't kept, in few lines: the mean over all kinds of pictures, and the worst kind."""
    sides = list(dict.fromkeys(row.side for row in rows))
    lines = ["| bits right, %: mean, *worst kind of picture* | " + " | ".join(f"{side}×{side}" for side in sides) + " |", "| --- |" + " --- |" * len(sides)]
    seen = [[value for (at, _), value in decibels.items() if at == side] for side in sides]
    lines.append("| peak signal to noise, dB: mean, *least* | " + " | ".join(f"{np.mean(values):.1f}, *{min(values):.1f}*" for values in seen) + " |")
    for name, chosen in SHORT.items():
        cells = []
        for side in sides:
            found = [row.right for row in rows if row.side == side and row.attack in chosen]
            means = {kind: float(np.mean([right[kind] for right in found])) for kind in KINDS}
            worst = min(means, key=means.get)
            cells.append(f"{np.mean(list(means.values())):.1f}, *{means[worst]:.1f} ({worst})*")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def report(pair: Pair, drawn: watermark_data.Pictures) -> tuple[str, str]:
    """All of it, and the few lines."""
    called, total, different = false_marks(pair, drawn, UNMARKED)
    false = f"Of {total:,} pictures without a mark, {called} were called marked; {100 * different:.1f} % of their readings were unlike each other.\n"
    found = table(pair, drawn, COUNTS)
    return f"{markdown(*found)}\n{false}", f"{short(*found)}\n{false}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "watermark")
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    run.threads()
    measured, held_out = Pair(arguments.folder), watermark_data.load("held_out")
    say(markdown(*table(measured, held_out, {128: 16})) if arguments.quick else report(measured, held_out)[0])
