"""A tiny emoji-diffusion for the tests: its layout and its arithmetic, with next to nothing learnt.

    cd training && python -m goldens.tiny_emoji

Writes tests/pipelines/emoji-diffusion, and what it paints to tests/goldens/diffusion/emoji-*.png. The pictures
come from ONNX Runtime in Python, with the Euler steps of diffusers' FlowMatchEulerDiscreteScheduler; emoji-known.json
has what prompts are nearest to.
"""

import json
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import run
from paint import known, release, ship, trainer
from paint.pipeline import Pipeline

TESTS = Path(__file__).parent.parent.parent / "tests"
PROMPTS = {"en": "a black cat with white paws", "fr": "un chat noir aux pattes blanches", "vi": "con mèo đen có bàn chân trắng"}
CARD = """title = "Tiny emoji"
summary = "Blots, for tests."

[defaults]
steps = 4
guidance = 2.0

[[class]]
name = "style"
labels = [
  { name = "soft", prompt = "{}", en = ["soft style"], fr = ["style doux"], vi = ["phong cách mềm mại"] },
  { name = "flat", prompt = "{}, flat style", en = ["flat style"], fr = ["style plat"], vi = ["phong cách phẳng"] },
]

[prompts]
known = "known.safetensors"
names = "known.txt"
far = 0.8
examples = ["a red apple", "une maison"]

[card]
license = "MIT OR Apache-2.0"
"""

# Some of these its little encoder takes for near, and some for far.
ASKED = (*PROMPTS.values(), "a red apple", "une maison", "a black dog", "con mèo", "quantum blockchain", "zzz")


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
    know(folder, pipeline)
    for language, prompt in PROMPTS.items():
        (picture,) = pipeline.paint([prompt], [42], steps=4, guidance=2.0)
        Image.fromarray(picture).save(TESTS / f"goldens/diffusion/emoji-{language}.png", optimize=True)
    (TESTS / "goldens/diffusion/emoji.json").write_text(json.dumps(PROMPTS, ensure_ascii=False, indent=2) + "\n")


def know(folder: Path, pipeline: Pipeline) -> None:
    captions = [*PROMPTS.values(), "a red apple", "une maison"]
    states = pipeline.states(captions)[:, 0]
    plane = np.random.default_rng(0).standard_normal((states.shape[1], 12)).astype(np.float32)
    known.write(folder, states @ plane, captions, plane)
    nearest = zip(ASKED, known.nearest(folder, pipeline.states(list(ASKED))), strict=True)
    found = {prompt: {"nearest": name, "likeness": round(likeness, 4)} for prompt, (name, likeness) in nearest}
    (TESTS / "goldens/diffusion/emoji-known.json").write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    run.threads()
    main()
