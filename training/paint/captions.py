"""Captions of emoji in three languages, and what is held out.

Names and keywords come from CLDR 48.2 (Unicode-3.0 licence). A keyword that many concepts share ("animal") says
little about a picture, and is drawn seldom. Held out, by hash so that nothing else decides:
- `unseen` concepts: no generator sees their pictures;
- `language`: for some concepts, all captions in one language;
- `caption`: for each concept, some of its keywords.
"""

import hashlib
from dataclasses import dataclass, field

import numpy as np

from paint import icons
from paint.lexicon import COLOURS, COUNTS, FRAMES, LANGUAGES, MODIFIERS, PAIRS, STYLES, SYNONYMS

COMPOSABLE = {"Animals & Nature", "Food & Drink", "Travel & Places", "Objects", "Activities"}


@dataclass
class Words:
    """What one language calls one concept: the name first, and how often each caption is drawn."""

    name: str
    captions: list[str] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    held_out: list[str] = field(default_factory=list)


def fraction(*parts: str) -> float:
    """A number in 0..1 that only these words decide."""
    return int.from_bytes(hashlib.sha256("|".join(parts).encode()).digest()[:6]) / 2**48


def split_of(concept: str) -> str:
    """`train`, `validation` or `test`: which concepts a generator may see."""
    at = fraction("concept", concept)
    if icons.emoji_of(concept) in SYNONYMS:
        return "train"  # the everyday words of the lexicon would be odd to leave out
    return "test" if at < 0.04 else "validation" if at < 0.06 else "train"


def language_is_held_out(concept: str, language: str) -> bool:
    return icons.emoji_of(concept) not in SYNONYMS and fraction("language", concept, language) < 0.04


def composition_is_held_out(*parts: str) -> bool:
    return fraction("composed", *parts) < 0.2


def load(concepts: list[str]) -> list[dict[str, Words]]:
    """For each concept, its words by language."""
    with icons.archive("cldr-annotations-full@48.2.0") as tar:
        named = {}
        for language in LANGUAGES:
            entries = icons.read_json(tar, f"annotations/{language}/annotations.json")["annotations"]["annotations"]
            named[language] = {icons.concept_of(key): entry for key, entry in entries.items()}
    shared = {language: {} for language in LANGUAGES}
    for concept in concepts:
        for language in LANGUAGES:
            for word in set(named[language].get(concept, {}).get("default", [])):
                shared[language][word] = shared[language].get(word, 0) + 1
    return [
        {language: _words(concept, language, at, named[language], shared[language]) for at, language in enumerate(LANGUAGES)}
        for concept in concepts
    ]


def _words(concept: str, language: str, at: int, entries: dict, shared: dict) -> Words:
    entry = entries.get(concept)
    if entry is None:
        return Words("")
    words = Words(entry["tts"][0])
    everyday = SYNONYMS.get(icons.emoji_of(concept), ((), (), ()))[at]
    for word, weight in [(words.name, 1.0), *((word, 0.6) for word in everyday)]:
        words.captions.append(word)
        words.weights.append(weight)
    for word in sorted(set(entry.get("default", [])) - set(words.captions)):
        if fraction("caption", concept, language, word) < 0.12:
            words.held_out.append(word)
        elif shared[word] <= 12:
            words.captions.append(word)
            words.weights.append(0.6 / shared[word] ** 1.5)
    return words


def draw(words: Words, language: int, style: str | None, random: np.random.Generator) -> str:
    """One way to ask for a concept: a name or keyword, perhaps framed, modified, and with a style."""
    weights = np.array(words.weights)
    word = words.captions[random.choice(len(weights), p=weights / weights.sum())]
    return dress(word, language, style, random)


def dress(word: str, language: int, style: str | None, random: np.random.Generator, modify: float = 0.12) -> str:
    if random.random() < modify:
        word = MODIFIERS[random.integers(len(MODIFIERS))][language].format(word)
    frames = FRAMES[language]
    text = frames[random.integers(len(frames)) if random.random() < 0.4 else 0].format(word)
    if style is not None:
        ways = STYLES[style][language]
        text = f"{text}, {ways[random.integers(len(ways))]}"
    return text


def coloured(name: str, colour: str, language: int, random: np.random.Generator) -> str:
    words = COLOURS[colour][language]
    word = words[random.integers(len(words))]
    return f"{word} {name}" if language == 0 else f"{name} {word}"


def counted(name: str, count: int, language: int) -> str:
    text = COUNTS[count][language]
    return text.format(name).replace("ss ", "s ").removesuffix("ss") + ("s" if text.format(name).endswith("ss") else "")


def paired(first: str, second: str, language: int) -> str:
    return PAIRS[language].format(first, second)


def is_colourless(words: dict[str, Words]) -> bool:
    """Whether no name in any language already says a colour."""
    said = {word for colour in COLOURS.values() for ways in colour[:3] for word in ways}
    return not any(said & set(one.name.lower().split()) for one in words.values())
