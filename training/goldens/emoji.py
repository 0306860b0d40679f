"""What the shipped emoji-diffusion paints, for the tests: to be run again whenever its weights change.

    cd training && python -m goldens.emoji
"""

from PIL import Image

import run
from goldens.tiny_emoji import PROMPTS, TESTS
from paint import ship
from paint.pipeline import Pipeline


def main() -> None:
    pipeline = Pipeline(TESTS.parent / "onnx/emoji-diffusion")
    for language, prompt in PROMPTS.items():
        (picture,) = pipeline.paint([prompt], [42], ship.STEPS, ship.GUIDANCE)
        Image.fromarray(picture).save(TESTS / f"goldens/diffusion/shipped-{language}.png", optimize=True)


if __name__ == "__main__":
    run.threads()
    main()
