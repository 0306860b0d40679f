"""What the watermark survives, by the graphs as they ship: the attack table of docs/watermark.md.

    python training/watermark_table.py                # measures watermark/ and prints the table
    python training/watermark_table.py --quick FOLDER  # a few pictures of 128 pixels, no search for false marks

Pictures are those that nothing here learns from. A message is recovered where the code finds a word and it is the one that
was hidden; an unmarked picture is called marked where it finds any.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import torch

import export
import run
import watermark_attacks as attacks
import watermark_code as code
import watermark_data
from run import say

ROOT = Path(__file__).parent.parent
KINDS = ("photograph", "painting", "icon on white", "icon on a colour", "digits", "bare ground")
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
    "crop, 10 % of each side": _cropped(0.1),
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
    "crop 10 % of each side, then JPEG 70": lambda picture, random: attacks.saved(attacks.cropped(picture, random, 0.1)[0], "JPEG", quality=70),
    "resized to 0.5, then JPEG 70": lambda picture, random: attacks.saved(attacks.scaled(picture, 0.5, "bicubic"), "JPEG", quality=70),
    "grey": _coloured(saturation=0.0),
}
BEYOND = "JPEG 50"


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
        elif kind == "bare ground":
            found.append(watermark_data.ground(side, random))
        else:
            ground = np.full((side, side, 3), 255 if kind == "icon on white" else random.integers(256, size=3), np.uint8)
            found.append(watermark_data.on_ground(np.asarray(drawn.icons[at * 37 % len(drawn.icons)]), side, ground, random))
    return np.stack(found)


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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "watermark")
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    run.threads()
    pair, drawn = Pair(arguments.folder), watermark_data.load("held_out")
    say(markdown(*table(pair, drawn, {128: 16} if arguments.quick else COUNTS)))
    if not arguments.quick:
        called, total, different = false_marks(pair, drawn, UNMARKED)
        say(f"{called} of {total} pictures without a mark were called marked; {100 * different:.1f} % of their readings differ from all others")
