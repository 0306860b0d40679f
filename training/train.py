"""Train a model, export it, check it, measure it, and write its folder and card.

    python training/train.py digits-gan              # resumes; writes onnx/digits-gan
    python training/train.py digits-gan --export     # from the last checkpoint, finished or not
    python training/train.py digits-gan --smoke      # a few steps on a sliver, in a temporary folder
"""

import argparse
import importlib
import os
import tempfile
from pathlib import Path

import numpy as np
import torch

import card
import digits
import judge
import run
import sheet

ROOT = Path(__file__).parent.parent
MODELS = {"digits-gan": "gan", "digits-vae": "vae", "digits-pixelcnn": "pixelcnn_graphs", "digits-pixelrnn": "pixelrnn"}
PAINTED = 7400  # digits painted for the measurements, about as many as there are real ones to train on
SHEET_SEED = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=MODELS)
    parser.add_argument("--export", action="store_true", help="train no further")
    parser.add_argument("--smoke", action="store_true", help="a few steps on a sliver of the data")
    parser.add_argument("--onnx", type=Path, default=ROOT / "onnx", help="the model repository to write to")
    arguments = parser.parse_args()
    run.threads()
    if not arguments.smoke:
        return make(arguments.model, arguments.onnx, train=not arguments.export)
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["ATELIER_RUNS"] = scratch
        make(arguments.model, Path(scratch) / "onnx", smoke=True)


def make(model: str, repository: Path, train: bool = True, smoke: bool = False) -> None:
    kind = importlib.import_module(MODELS[model])
    config = run.load_config(kind.Config, model, **({"steps": 6, "batch": 16} if smoke else {}))
    pictures, labels = digits.load()["train"]
    if smoke:
        pictures, labels = pictures[:256], labels[:256]
    trainer = kind.Trainer(config, pictures, labels)
    run.train(model, trainer, config.steps if train else 0, config.seed)

    folder = repository / model
    folder.mkdir(parents=True, exist_ok=True)
    manifest = kind.ship(trainer, folder)
    run.say(f"{model}: exported; ONNX Runtime agrees with PyTorch")
    shown = np.tile(np.arange(10), 2 if smoke else 8)
    sheet.write(kind.paint(folder, shown, SHEET_SEED), 10, folder / "samples.png", scale=1)
    manifest["quality"] = [] if smoke else quality(model, folder)
    card.write(folder, manifest, f"Classes 0 to 9 from left to right, noise seed {SHEET_SEED}, the first that came.")
    run.say(f"{model}: wrote {folder}")


def quality(model: str, folder: Path) -> list[dict]:
    found = measure(model, folder)
    for metric, value, unit in found:
        run.say(f"{model}: {metric}: {value:.2f} {unit}")
    command = f"make measure MODEL={model}"
    return [
        {"metric": metric, "value": round(float(value), 3 if unit == "bits/dim" else 1), "unit": unit, "command": command}
        for metric, value, unit in found
    ]  # fmt: skip


def measure(model: str, folder: Path) -> list[tuple[str, float, str]]:
    """The judge's figures and those that are the family's own, from the graphs as they ship."""
    torch.manual_seed(0)
    kind = importlib.import_module(MODELS[model])
    labels = np.arange(PAINTED) % 10
    found = judge.measure(kind.paint(folder, labels, seed=1), labels)
    if hasattr(kind, "measure"):
        found += kind.measure(folder, *digits.load()["held_out"])
    return found


if __name__ == "__main__":
    main()
