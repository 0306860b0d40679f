"""What a model shows when nothing is asked for, and what it takes neutral words to mean.

    make bias MODEL=avatars-gan          # how often each skin, hair, length, beard, ... is seen
    make bias MODEL=emoji-diffusion      # whom and which cultures words paint in three languages: paint/bias.py

A thousand avatars are painted with the labels that the service chooses for seeds where a request leaves them open, and are read
by the classifier of real avatars: what counts is what is seen, not what was asked for. Beside each share stand that of
the training data and the even one; the classifier's own errors, on real avatars that nobody learnt from, are told too.
"""

import sys
from pathlib import Path

import numpy as np

import avatar_card
import avatar_judge
import avatar_words
import avatars
import card
import copies
import run

ROOT = Path(__file__).parent.parent
PAINTED, SEED = 1000, 6

SHOWN = ("shown when nothing is asked for: {} (its data {}, evenly {})", "montré quand rien n’est demandé : {} (ses données {}, à parts égales {})", "hiện ra khi không yêu cầu gì: {} (dữ liệu {}, chia đều {})")  # fmt: skip
ERROR = ("the most by which such a share is off where that classifier reads real unseen avatars", "le plus grand écart d’une telle part quand ce classifieur lit de vrais avatars jamais vus", "độ lệch lớn nhất của một tỉ lệ như vậy khi bộ phân loại đó đọc ảnh thật chưa thấy")  # fmt: skip
WEAKEST = ("of those asked for, read as asked: {}, the weakest but for beards", "parmi ceux demandés, lus comme demandés : {}, le plus faible hors barbes", "trong số được yêu cầu, đọc đúng: {}, yếu nhất trừ râu")  # fmt: skip
POINTS = ("points", "points", "điểm phần trăm")


def told() -> list[tuple[int, int, tuple[str, str, str]]]:
    """(axis, label, its words in three languages): every label, but of two that exclude each other one only."""
    found = []
    for axis, (name, labels) in enumerate(avatar_words.AXES):
        for label, words in enumerate(labels):
            if len(labels) > 2 or words[0] in ("long", "happy", "yes"):
                found.append((axis, label, tuple(words[language][0] for language in (1, 2, 3))))
    return found


def shares(labels: np.ndarray) -> list[np.ndarray]:
    """Of each axis, the percentage of each label."""
    return [100 * np.bincount(labels[:, axis], minlength=size) / len(labels) for axis, size in enumerate(avatar_words.SIZES)]


def rows(model: str, folder: Path) -> list[dict]:
    import train

    module, _ = train.module_of(model)
    parts, command = avatars.load(), f"make bias MODEL={model}"
    asked = copies.anything(PAINTED)
    _, seen = avatar_judge.read(avatar_judge.premultiply(module.paint(folder, asked, SEED)))
    _, real = avatar_judge.read(parts["held_out"][0])
    found, data = shares(seen), shares(parts["train"][1])
    off = max(float(np.abs(a - b).max()) for a, b in zip(shares(real), shares(parts["held_out"][1]), strict=True))
    return [
        *(
            card.row(SHOWN[0].format(words[0], f"{data[axis][label]:.1f}", f"{100 / avatar_words.SIZES[axis]:.1f}"), round(float(found[axis][label]), 1), "%", command)
            for axis, label, words in told()
        ),
        card.row(ERROR[0], round(off, 1), POINTS[0], command),
        weakest(asked, seen, command),
    ]


def weakest(asked: np.ndarray, seen: np.ndarray, command: str) -> dict:
    """The label that is read as asked least often; beards apart, which are seldom read right even on real avatars."""
    right = {
        words[1]: float((seen[asked[:, axis] == label, axis] == label).mean())
        for axis, (name, labels) in enumerate(avatar_words.AXES) if name != "beard"
        for label, words in enumerate(labels)
        for words in [(None, named(axis, label, 1))]
    }  # fmt: skip
    least = min(right, key=right.get)
    return card.row(WEAKEST[0].format(least), round(100 * right[least], 1), "%", command)


def named(axis: int, label: int, language: int) -> str:
    return avatar_words.AXES[axis][1][label][language][0]


def sentences() -> card.Sentences:
    labels = [tuple(named(axis, label, language) for language in (1, 2, 3)) for axis, size in enumerate(avatar_words.SIZES) for label in range(size)]
    found = [tuple(say.format(words[at], "#", "#") for at, say in enumerate(SHOWN)) for _, _, words in told()]
    found += [tuple(say.format(words[at]) for at, say in enumerate(WEAKEST)) for words in labels]
    return [*found, ERROR, POINTS]


def main(model: str) -> None:
    run.threads()
    folder = ROOT / "onnx" / model
    if model == "emoji-diffusion":
        from paint import bias, release

        found, table = bias.rows(folder)
        release.add(folder, found, bias.sentences(), {release.WORDS: table})
    else:
        found = rows(model, folder)
        card.add(folder, found, avatar_card, sentences())
    for one in found:
        run.say(f"{model}: {one['metric']}: {one['value']} {one['unit']}")


if __name__ == "__main__":
    main(sys.argv[1])
