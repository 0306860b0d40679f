"""Trains the watermark's pair, writes its folder, and says what the mark survives (docs/watermark.md, docs/provenance.md).

The pair is no model that paints: it lies in watermark/, beside onnx/.
"""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

import export
import run
import watermark
import watermark_code
import watermark_data
import watermark_table
from run import say

MODEL = "watermark"
BEGIN, END = "<!-- begin: training/watermark_table.py -->", "<!-- end -->"


class Writer(nn.Module):
    """The encoder with the decoder that it asks, as one graph."""

    def __init__(self, encoder: watermark.Encoder, decoder: watermark.Decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, image: torch.Tensor, bits: torch.Tensor) -> torch.Tensor:
        return self.encoder(image, bits)


def make(repository: Path, train: bool = True, smoke: bool = False) -> None:
    config = run.load_config(watermark.Config, MODEL, **({"steps": 3, "width": 8, "batch": 4} if smoke else {}))
    trainer = watermark.Trainer(config, watermark_data.to_learn(sliver=smoke))
    run.train(MODEL, trainer, config.steps if train else 0, config.seed)
    folder = repository.parent / MODEL
    folder.mkdir(parents=True, exist_ok=True)
    ship(trainer, folder)
    say(f"{MODEL}: exported; ONNX Runtime agrees with PyTorch")
    drawn = watermark_data.load("held_out", sliver=smoke)
    write_sheet(folder, drawn)
    if not smoke:
        publish(*watermark_table.report(watermark_table.Pair(folder), drawn))
    say(f"{MODEL}: wrote {folder}")


@torch.no_grad()
def ship(trainer: watermark.Trainer, folder: Path) -> None:
    """Write encoder.onnx and decoder.onnx, and check them against PyTorch."""
    encoder, decoder = trainer.finished()
    export.round_to_half(encoder, decoder)
    image, bits = torch.rand(2, 3, 160, 136), torch.randint(2, (2, trainer.config.bits)).float()
    size = {2: "height", 3: "width"}
    export.trace(Writer(encoder, decoder).eval(), folder / "encoder.onnx", {"image": image, "bits": bits}, ["marked"], {"image": size, "marked": size}, opset=18)
    export.trace(decoder, folder / "decoder.onnx", {"image": image}, ["logits"], {"image": size}, opset=18)
    # ONNX Runtime weighs a reduced picture's edge pixels a little otherwise, so that most values agree closely and all of them nearly.
    for height, width in ((128, 128), (160, 300), (129, 1024)):
        image = torch.rand(3, 1, 12, 16).repeat(1, 3, 1, 1)
        image = nn.functional.interpolate(image, size=(height, width), mode="bicubic").clamp(0, 1)
        bits = torch.randint(2, (3, trainer.config.bits)).float()
        marked = encoder(image, bits)
        export.parity(folder / "encoder.onnx", {"image": image.numpy(), "bits": bits.numpy()}, [marked], 2e-3, 0.99)
        export.parity(folder / "decoder.onnx", {"image": marked.numpy()}, [decoder(marked)], 0.5)
    for name in ("encoder", "decoder"):
        export.store_as_int8(folder / f"{name}.onnx")


def publish(report: str, short: str, docs: Path = Path(__file__).parent.parent / "docs") -> None:
    """Put the figures into docs/watermark.md, and the main ones into docs/provenance.md, in place of those that are there."""
    say(report)
    for page, text in (("watermark.md", report), ("provenance.md", short)):
        head, rest = (docs / page).read_text().split(BEGIN)
        (docs / page).write_text(f"{head}{BEGIN}\n\n{text}\n{END}{rest.split(END, 1)[1]}")


def write_sheet(folder: Path, drawn: watermark_data.Pictures, side: int = 256) -> None:
    """Each picture, the same with a mark, and what was added, ten times as strong, on grey."""
    pair, random = watermark_table.Pair(folder), np.random.default_rng(3)
    kinds = ("photograph", "icon on white", "painting", "icon on a colour")
    plain = np.concatenate([watermark_table.pictures(drawn, kind, side, 2, random) for kind in kinds])
    bits = np.array([watermark_code.encode(int(one)) for one in random.integers(1 << watermark_code.PAYLOAD, size=len(plain))])
    marked = pair.mark(plain, bits)
    added = np.clip(128 + 10 * (marked.astype(np.int16) - plain), 0, 255).astype(np.uint8)
    rows = [np.concatenate([one for both in zip(plain[at : at + 2], marked[at : at + 2], added[at : at + 2], strict=True) for one in both], 1) for at in range(0, len(plain), 2)]
    Image.fromarray(np.concatenate(rows)).save(folder / "before-after.jpg", quality=92, subsampling=0)


def measure(folder: Path) -> list[tuple[str, float, str]]:
    """The worst of the promised attacks, over all kinds of pictures of 128 pixels."""
    folder = folder if (folder / "decoder.onnx").exists() else folder.parent.parent / MODEL
    drawn = watermark_data.load("held_out")
    pair = watermark_table.Pair(folder)
    rows, decibels = watermark_table.table(pair, drawn, watermark_table.COUNTS)
    promised = list(watermark_table.ATTACKS)[: list(watermark_table.ATTACKS).index(watermark_table.BEYOND)]
    found = [(f"peak signal to noise, {kind}, {side} px", value, "dB") for (side, kind), value in decibels.items()]
    for row in rows:
        if row.attack in promised:
            found.append((f"bits right after {row.attack}, {row.side} px", float(np.mean(list(row.right.values()))), "%"))
    called, total, _ = watermark_table.false_marks(pair, drawn, watermark_table.UNMARKED)
    return [*found, (f"of {total} pictures without a mark, called marked", called, "")]
