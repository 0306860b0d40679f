"""How good emoji-diffusion is, from the folder as it ships.

    python -m paint.measure ../onnx/emoji-diffusion
"""

import sys
from pathlib import Path

import numpy as np

import run
from paint import captions, icons, judge, pictures, ship
from paint.lexicon import COLOURS, COUNTS, LANGUAGES
from paint.pipeline import Pipeline

SEEN = 150  # concepts; each is asked for in three languages
HELD_OUT = 100  # captions
COMPOSED = 100  # prompts: 60 ask for a colour, 40 for a number


class Measurement:
    def __init__(self, folder: Path):
        self.pipeline, self.scorer, self.gallery = Pipeline(folder), judge.Scorer(), pictures.Gallery()
        self.random = np.random.default_rng(2026)

    def paint(self, prompts: list[str]) -> np.ndarray:
        """Premultiplied, as the icons are."""
        straight = self.pipeline.paint(prompts, list(range(len(prompts))), ship.STEPS, ship.GUIDANCE).astype(np.float32)
        straight[..., :3] *= straight[..., 3:] / 255
        return np.rint(straight).astype(np.uint8)

    def concepts(self, split: str, composable: bool = False) -> list[int]:
        """Numbers of a split's concepts that have a name in every language."""
        return [
            at for at, concept in enumerate(self.gallery.concepts)
            if captions.split_of(concept) == split and all(one.name for one in self.gallery.words[at].values())
            and (not composable or self.gallery.is_composable(("soft", at)))
        ]  # fmt: skip

    def top1(self, asked: list[tuple[int, str]]) -> tuple[float, np.ndarray]:
        painted = self.paint([text for _, text in asked])
        return 100 * float(self.scorer.right(painted, [self.gallery.concepts[at] for at, _ in asked]).mean()), painted

    def all(self) -> list[tuple[str, float, str]]:
        found = []
        ground = [at for at, style in enumerate(self.gallery.icons.styles) if style == "soft"]
        real = self.gallery.icons.pictures[ground]
        share = self.scorer.right(real, [self.gallery.icons.concepts[at] for at in ground]).mean()
        found.append(("the scorer on the icons themselves, nearest of 100", 100 * float(share), "%"))
        seen = self.random.permutation(self.concepts("train"))[:SEEN]
        unseen = self.concepts("test") + self.concepts("validation")
        painted = []
        for kind, numbers in (("seen", seen), ("unseen", unseen)):
            for language in LANGUAGES:
                share, made = self.top1([(at, self.gallery.words[at][language].name) for at in numbers])
                found.append((f"{kind} concepts by name, {language}: nearest of 100", share, "%"))
                painted += [made] if kind == "seen" else []
        for language in LANGUAGES:
            asked = [(at, text) for at in self.concepts("train") for text in self.gallery.words[at][language].held_out]
            asked = [asked[at] for at in self.random.permutation(len(asked))[: HELD_OUT // 3 + 1]]
            found.append((f"held-out keywords, {language}: nearest of 100", self.top1(asked)[0], "%"))
        features = self.scorer.see(np.concatenate(painted))[1]
        halves = self.scorer.see(real)[1]
        found.append(("Fréchet distance to the icons, scorer's features", judge.frechet(features, halves), ""))
        return found + self.composed()

    def composed(self) -> list[tuple[str, float, str]]:
        """Colours and numbers that were never shown with these concepts, a third in each language."""
        fit = [at for at in self.concepts("train", composable=True) if captions.is_colourless(self.gallery.words[at])]
        fit = [at for at in fit if pictures.main_hue(self.gallery.icons.pictures[self.gallery.picture_of["soft", at]]) is not None]
        pairs = {"colour": (60, list(COLOURS)), "number": (40, [str(count) for count in COUNTS])}
        found = []
        for kind, (count, ways) in pairs.items():
            held = [(at, way) for at in fit for way in ways if captions.composition_is_held_out(way, self.gallery.concepts[at])]
            held = [held[at] for at in self.random.permutation(len(held))[:count]]
            texts, truths = [], []
            for turn, (at, way) in enumerate(held):
                name = self.gallery.words[at][LANGUAGES[turn % 3]].name
                if kind == "colour":
                    texts.append(captions.coloured(name, way, turn % 3, self.random))
                    truths.append(self.gallery.picture(pictures.Item("soft", (at,), colour=way)))
                else:
                    texts.append(captions.counted(name, int(way), turn % 3))
                    truths.append(self.gallery.picture(pictures.Item("soft", (at,), count=int(way))))
            obeys = has_colour if kind == "colour" else has_count
            for who, made in (("", self.paint(texts)), (" (the rule on composed icons)", np.stack(truths))):
                share = 100 * np.mean([obeys(one, way) for one, (_, way) in zip(made, held, strict=True)])
                found.append((f"{kind} obeyed in held-out compositions{who}", float(share), "%"))
        return found


def has_colour(picture: np.ndarray, colour: str) -> bool:
    """Whether no other colour covers more of the picture."""
    hue, saturation, value, alpha = pictures.hues(picture)
    grey = saturation < 0.22
    hued = {name: COLOURS[name][3] / 360 for name in ("red", "orange", "yellow", "green", "blue", "purple", "pink")}
    away = np.stack([np.abs((hue - turn + 0.5) % 1 - 0.5) for turn in hued.values()])
    names = np.array(list(hued))[away.argmin(0)]
    names = np.where((names == "orange") & (value < 0.72), "brown", names)
    names = np.where((names == "red") & (saturation < 0.62) & (value > 0.8), "pink", names)
    names = np.where(grey, np.where(value < 0.36, "black", np.where(value > 0.8, "white", "grey")), names)
    names = np.where(~grey & (value < 0.22), "black", names)
    found, counts = np.unique(names[alpha > 0.5], return_counts=True)
    return len(found) > 0 and found[counts.argmax()] == colour


def has_count(picture: np.ndarray, count: str) -> bool:
    """Whether that many quarters of the picture are filled where pictures of that count have them."""
    solid = picture[..., 3] > 96
    places = {"2": [(16, 0), (16, 32)], "3": [(0, 16), (32, 0), (32, 32)], "4": [(0, 0), (0, 32), (32, 0), (32, 32)]}

    def fits(way: str) -> float:
        mask = np.zeros_like(solid)
        for top, left in places[way]:
            mask[top + 3 : top + 29, left + 3 : left + 29] = True
        return solid[mask].mean() - solid[~mask].mean()

    return max(places, key=fits) == count


if __name__ == "__main__":
    run.threads()
    for metric, value, unit in Measurement(Path(sys.argv[1])).all():
        run.say(f"{metric}: {value:.1f} {unit}")
