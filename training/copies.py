"""How near what a model paints comes to what it learnt from, and how often it is a copy.

    make copies MODEL=avatars-gan       # measures onnx/avatars-gan and puts the figures on its card

Each picture is held against the training picture that is nearest to it. What is near among thin "1"s is far
elsewhere, so the distance is divided by that from the training picture to its own nearest others, as in Carlini et
al. 2023 (arXiv 2301.13188): 0 is the training picture itself, and about 1 is one more of its kind. Pictures that were
held out cannot have been copied, and their ratios say what chance gives: a painted picture counts as a copy where its
ratio is below that of all but one in a hundred of them. So chance finds ten copies in a thousand.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import avatar_card
import avatar_judge
import avatar_words
import card
import digits
import digits_card
import run
import sheet

ROOT = Path(__file__).parent.parent
PAINTED, OTHERS, CHANCE, SEED = 1000, 5, 0.01, 4

COPIES = f"pictures nearer to a training picture than {100 - 100 * CHANCE:.0f} in 100 unseen real ones (by chance {PAINTED * CHANCE:.0f})"
THRESHOLD = f"that threshold: the distance to the nearest training picture, over that from it to its {OTHERS} nearest others"
MEDIAN = "the median of that ratio (of unseen real pictures {:.2f})"
UNIT = f"of {PAINTED:,}"
SENTENCES = [
    (
        "pictures nearer to a training picture than # in # unseen real ones (by chance #)",
        "images plus proches d’une image d’entraînement que # vraies jamais vues sur # (par hasard : #)",
        "ảnh gần một ảnh huấn luyện hơn # trong # ảnh thật chưa thấy (ngẫu nhiên: #)",
    ),
    (
        "that threshold: the distance to the nearest training picture, over that from it to its # nearest others",
        "ce seuil : la distance à l’image d’entraînement la plus proche, sur celle de cette dernière à ses # plus proches voisines",
        "ngưỡng đó: khoảng cách đến ảnh huấn luyện gần nhất, chia cho khoảng cách từ ảnh ấy đến # ảnh gần nó nhất",
    ),
    (
        "the median of that ratio (of unseen real pictures #)",
        "la médiane de ce rapport (de vraies images jamais vues : #)",
        "trung vị của tỉ số đó (của ảnh thật chưa thấy: #)",
    ),
    ("of #", "sur #", "trong #"),
]


@dataclass(frozen=True)
class Nearest:
    """Of each picture, the training picture that is nearest, and the ratio of distances."""

    at: np.ndarray
    ratio: np.ndarray


def nearest(pictures: np.ndarray, known: np.ndarray) -> Nearest:
    """Both are flat pictures [N, values]; no two of the known are the same."""
    at, distance = np.empty(len(pictures), np.int64), np.empty(len(pictures))
    for rows in np.array_split(np.arange(len(pictures)), max(1, len(pictures) // 250)):
        away = avatar_judge.distances(pictures[rows], known)
        at[rows], distance[rows] = away.argmin(1), away.min(1)
    found, place = np.unique(at, return_inverse=True)
    apart = np.empty(len(found))
    for rows in np.array_split(np.arange(len(found)), max(1, len(found) // 250)):
        others = np.partition(avatar_judge.distances(known[found[rows]], known), OTHERS, axis=1)[:, : OTHERS + 1]
        apart[rows] = others.sum(1) / OTHERS  # the least of them is the picture itself, at 0
    return Nearest(at, distance / np.maximum(apart[place], 1e-6))


def threshold(unseen: Nearest) -> float:
    return float(np.quantile(unseen.ratio, CHANCE))


def flat(pictures: np.ndarray) -> np.ndarray:
    return pictures.reshape(len(pictures), -1).astype(np.float32) / 255


def painted_digits(kind, folder: Path) -> np.ndarray:
    return kind.paint(folder, np.arange(PAINTED) % 10, SEED)


def painted_avatars(kind, folder: Path) -> np.ndarray:
    return avatar_judge.premultiply(kind.paint(folder, anything(PAINTED), SEED))


def anything(count: int) -> np.ndarray:
    """Labels [count, axes] where nothing is asked for, for seeds from 0 on, as the service spreads them (src/families/shared/classes.rs)."""
    sizes, labels = avatar_words.SIZES, []
    rest = np.arange(count) * stride(sizes)
    for size in sizes:
        labels.append(rest % size)
        rest = rest // size
    return np.stack(labels, 1)


def stride(sizes: list[int]) -> int:
    """Near the golden section of all combinations, coprime to them, and one more than a multiple of the first axis."""
    every, first = math.prod(sizes), sizes[0]
    section = every * 618 // 1000 // first * first + 1
    return next(section + step * first for step in range(max(first, 64)) if math.gcd(section + step * first, every) == 1)


@dataclass(frozen=True)
class Kind:
    load: Callable
    paint: Callable
    values: Callable[[np.ndarray], np.ndarray]


KINDS = {
    digits_card: Kind(digits.load, painted_digits, flat),
    avatar_card: Kind(avatar_card.load, painted_avatars, avatar_judge.pixels),
}


def rows(model: str, folder: Path, pairs: Path | None = None) -> list[dict]:
    """The card's rows, from the graphs as they ship; `pairs` is where to draw the nearest pairs of all."""
    import train

    module, shared = train.module_of(model)
    kind = KINDS[shared]
    parts = kind.load()
    known = kind.values(parts["train"][0])
    unseen = nearest(kind.values(parts["held_out"][0]), known)
    pictures = kind.paint(module, folder)
    found = nearest(kind.values(pictures), known)
    if pairs:
        draw(pictures, parts["train"][0], found, pairs)
    return judged(model, found, unseen)


def judged(model: str, found: Nearest, unseen: Nearest, what: str = "") -> list[dict]:
    command, least = f"make copies MODEL={model}", threshold(unseen)
    return [
        card.row(what + COPIES, int(round(PAINTED * float((found.ratio < least).mean()))), UNIT, command),
        card.row(what + THRESHOLD, round(least, 2), "", command),
        card.row(what + MEDIAN.format(np.median(unseen.ratio)), round(float(np.median(found.ratio)), 2), "", command),
    ]


def draw(pictures: np.ndarray, known: np.ndarray, found: Nearest, path: Path, count: int = 20) -> None:
    """The painted pictures with the lowest ratios, then some in the middle, each above its nearest training picture."""
    order = found.ratio.argsort()
    chosen = np.concatenate([order[:count], order[len(order) // 2 :][:count]])
    sheets = [part for rows in chosen.reshape(2, count) for part in (pictures[rows], known[found.at[rows]])]
    sheet.write(np.concatenate(sheets), count, path)


def main(model: str) -> None:
    run.threads()
    folder = ROOT / "onnx" / model
    found, sentences, add = measure(model, folder)
    for one in found:
        run.say(f"{model}: {one['metric']}: {one['value']} {one['unit']}")
    add(folder, found, sentences)


def measure(model: str, folder: Path):
    """(rows, their sentences, how they are put on the card)"""
    pairs = run.run_dir("copies") / f"{model}.png"
    if model == "emoji-diffusion":
        from paint import copies, release

        return copies.rows(folder, pairs), SENTENCES + copies.SENTENCES, release.add
    import train

    _, shared = train.module_of(model)
    return rows(model, folder, pairs), SENTENCES, lambda at, found, said: card.add(at, found, shared, said)


if __name__ == "__main__":
    main(sys.argv[1])
