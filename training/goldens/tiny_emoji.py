"""A tiny emoji-diffusion for the tests: its layout and its arithmetic, with next to nothing learnt.

    cd training && python -m goldens.tiny_emoji

Writes tests/pipelines/emoji-diffusion, and what it paints to tests/goldens/diffusion/emoji-*.png. The pictures
come from ONNX Runtime in Python, with the Euler steps of diffusers' FlowMatchEulerDiscreteScheduler.
"""

import json
import os
import shutil
import tempfile
from pathlib import Path

import torch
from PIL import Image

import run
from paint import release, ship, trainer
from paint.pipeline import Pipeline

TESTS = Path(__file__).parent.parent.parent / "tests"
PROMPTS = {"en": "a black cat with white paws", "fr": "un chat noir aux pattes blanches", "vi": "con mèo đen có bàn chân trắng"}
CARD = """title = "Tiny emoji"
summary = "Blots, for tests."

[defaults]
steps = 4
guidance = 2.0

[card]
license = "MIT OR Apache-2.0"
"""


def main() -> None:
    folder = TESTS / "pipelines/emoji-diffusion"
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["ATELIER_RUNS"] = scratch
        release.parts(train=True, smoke=True)
        made = trainer.trained(release.SLIVER)
        torch.manual_seed(0)
        with torch.no_grad():
            for parameter in made.network.parameters():
                parameter.add_(0.1 * torch.randn_like(parameter))
        ship.ship(made, folder)
    (folder / "card.toml").write_text(CARD)
    pipeline = Pipeline(folder)
    for language, prompt in PROMPTS.items():
        (picture,) = pipeline.paint([prompt], [42], steps=4, guidance=2.0)
        Image.fromarray(picture).save(TESTS / f"goldens/diffusion/emoji-{language}.png", optimize=True)
    (TESTS / "goldens/diffusion/emoji.json").write_text(json.dumps(PROMPTS, ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    run.threads()
    main()
