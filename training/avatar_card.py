"""What the avatar models have in common: their classes, what is painted to show and to measure them, their cards."""

import numpy as np

import avatar_judge
import avatar_manifest
import avatar_words
import avatars

DATA = {
    "name": "6,887 avatars drawn from labels with Pixel Art by DiceBear, Lorelei by Lisa Wischofsky and Open Peeps by Pablo Stanley",
    "package": "npm @dicebear/core, pixel-art, lorelei, open-peeps 9.4.3",
    "license": "CC0 1.0 (the drawings), MIT (the code that assembles them)",
    "note": "5,860 avatars train, 1,027 are held out by the hash of their bytes and seen by no generator.",
}

LIMITS = [
    "Paints busts in three drawing styles at 64×64 with the attributes listed, and nothing else: no hats, no animals, no robots.",
    "The drawers' taste is in every picture: young adult faces with small noses. Old people, children, scars, veils, "
    "wheelchairs and much else that people have are missing.",
    "Three skin tones, six colours and two lengths of hair stand for all there are; textured hair is rare. Attributes are drawn evenly and "
    "apart from each other, so a beard comes with long pink hair as often as with short black hair: the statistics are no people's.",
    "No picture is labelled woman or man: words for a girl or a woman ask for a face without a beard, and those for a boy or a man "
    "choose nothing. A bearded woman is asked for by class, not by prompt.",
    "In the style open-peeps few heads take a colour, so black hair has more cuts than other colours.",
    "Where nothing is asked for, every label is seen about as often as any other of its kind, within two points of an even share, which is about what the "
    "classifier errs by. None of a thousand such pictures copies a training avatar pixel by pixel; but all are put together from the same drawn parts, so that many "
    "have a twin in the data with the same hair, face and glasses.",
]

INTENDED = "Profile pictures, placeholders, teaching, and trying the service. Not portraits: nobody is depicted, and nobody should be identified by one."
ATTRIBUTION = []
NOTE = (
    "Two rows for each style, pixel-art, lorelei, open-peeps; labels and noise from seed 0, the first that came. "
    "`neighbours.png` shows twelve of them above their three nearest training avatars."
)
COLUMNS = 10

load = avatars.load
classes = avatar_manifest.classes


def measure(painted: np.ndarray, labels: np.ndarray) -> list[tuple[str, float, str]]:
    return avatar_judge.measure(painted, labels)


def shown(rows: int) -> np.ndarray:
    """The labels on the sheet of samples: `rows` rows, a third of them for each style."""
    random = np.random.default_rng(0)
    labels = np.stack([random.integers(size, size=rows * COLUMNS) for size in avatar_words.SIZES], 1)
    labels[:, 0] = np.arange(len(labels)) * 3 // len(labels)
    return labels


def asked() -> np.ndarray:
    """The labels that are painted for the measurements."""
    return avatars.load()["held_out"][1]
