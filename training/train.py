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

import torch

import avatar_card
import avatar_judge
import bias
import binary
import card
import copies
import digits_card
import run
import sheet

ROOT = Path(__file__).parent.parent
# model -> the module that trains it, and what it has in common with others of the same pictures
MODELS = {
    "digits-gan": ("gan", digits_card),
    "digits-vae": ("vae", digits_card),
    "digits-pixelcnn": ("pixelcnn_graphs", digits_card),
    "digits-pixelrnn": ("pixelrnn", digits_card),
    "avatars-vae": ("avatar_vae", avatar_card),
    "avatars-cnn": ("avatar_imle", avatar_card),
    "avatars-gan": ("avatar_gan", avatar_card),
    "emoji-diffusion": ("paint.release", None),
    "upscaler": ("upscaler_release", None),
    "painter": ("painter_release", None),
    "translator": ("translator_release", None),
    "watermark": ("watermark_release", None),
}
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
    kind, shared = module_of(model)
    if shared is None:  # its data, parts and card are its own
        return kind.make(repository, train, smoke)
    hurried = {"steps": 6, "batch": 16} if smoke else {}
    if smoke and hasattr(kind.Config, "plain"):
        hurried |= {"plain": 4, "own": 40, "judges": 1}
    if smoke and hasattr(kind.Config, "start"):
        hurried["start"] = ""
    config = run.load_config(kind.Config, model, **hurried)
    pictures, labels = shared.load()["train"]
    if smoke:
        pictures, labels = pictures[:256], labels[:256]
    trainer = kind.Trainer(config, pictures, labels)
    run.train(model, trainer, config.steps if train else 0, config.seed)

    folder = repository / model
    folder.mkdir(parents=True, exist_ok=True)
    manifest = kind.ship(trainer, folder)
    run.say(f"{model}: exported; ONNX Runtime agrees with PyTorch")
    painted = kind.paint(folder, shared.shown(2 if smoke else 6 if shared is avatar_card else 8), SHEET_SEED)
    sheet.write(painted, shared.COLUMNS, folder / "samples.png", scale=1)
    if shared is avatar_card:
        avatar_judge.neighbours(painted[:: len(painted) // 12][:12], folder / "neighbours.png")
    stored = manifest.pop("stored", {})
    manifest["quality"] = [] if smoke else quality(model, folder) + kept(model, stored) + answers(model, folder)
    card.write(folder, manifest, shared)
    run.say(f"{model}: wrote {folder}")


def module_of(model: str):
    """The module that trains it, and what it has in common with others of the same pictures, if anything."""
    return importlib.import_module(MODELS[model][0]), MODELS[model][1]


def quality(model: str, folder: Path) -> list[dict]:
    found = measure(model, folder)
    for metric, value, unit in found:
        run.say(f"{model}: {metric}: {value:.2f} {unit}")
    command = f"make measure MODEL={model}"
    digits = {"bits/dim": 3, "": 2, "(L2 at 32×32)": 2}
    return [
        {"metric": metric, "value": round(float(value), digits.get(unit, 1)), "unit": unit, "command": command}
        for metric, value, unit in found
    ] + binary.known(model)  # fmt: skip


def answers(model: str, folder: Path) -> list[dict]:
    """How often it copies what it learnt from, and what it shows when nothing is asked for."""
    return copies.rows(model, folder) + (bias.rows(model, folder) if model.startswith("avatars") else [])


def kept(model: str, stored: dict[str, float]) -> list[dict]:
    """What storing the weights in fewer bits cost; known only where they were whole."""
    command = f"make train MODEL={model}"
    return [
        {"metric": f"{what}, peak signal to noise", "value": round(decibels, 1), "unit": "dB", "command": command}
        for what, decibels in stored.items()
    ]


def measure(model: str, folder: Path) -> list[tuple[str, float, str]]:
    """The judge's figures and those that are the family's own, from the graphs as they ship."""
    torch.manual_seed(0)
    kind, shared = module_of(model)
    if shared is None:
        return kind.measure(folder)
    labels = shared.asked()
    found = shared.measure(kind.paint(folder, labels, seed=1), labels)
    if hasattr(kind, "measure"):
        found += kind.measure(folder, *shared.load()["held_out"])
    return found


if __name__ == "__main__":
    main()
