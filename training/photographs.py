"""Photographs under clear licences, out of packages that are fetched by name, and the thirty that no model learns from.

Each picture's licence was read where its package states it: beside the picture (GCompris' README files), in Debian's
copyright file, or in scikit-image's docstrings. Public domain, CC0 and CC BY are taken; share-alike is left. The
authors of the CC BY ones stand in NOTICE (`python training/photographs.py` prints them).

    python training/photographs.py          # fetch, and print what there is and by whom
"""

import hashlib
import io
import lzma
import re
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from digits import cache_dir

SKIMAGE, SKLEARN = "scikit-image==0.26.0", "scikit-learn==1.7.2"
GCOMPRIS, LOMIRI = "gcompris-qt-data", "lomiri-wallpapers-16.04"
LEAST = 190  # pixels on the shorter side
LARGEST = 640  # on the longer; larger ones are reduced, which also hides what JPEG did to them
HELD_OUT = 30
FREE = re.compile(r"public domain|CC0|CC-BY[- ](\d)", re.IGNORECASE)

# scikit-image's docstrings (skimage/data/_fetchers.py) say these; its other pictures lack a statement or aren't photographs.
OF_SKIMAGE = {
    "astronaut.png": ("NASA", "public domain"),
    "brick.png": ("CC0Textures", "CC0"),
    "camera.png": ("Lav Varshney", "CC0"),
    "chelsea.png": ("Stefan van der Walt", "CC0"),
    "coffee.png": ("Rachel Michetti", "CC0"),
    "grass.png": ("photographed for a texture library", "CC0"),
    "gravel.png": ("CC0Textures", "CC0"),
    "hubble_deep_field.jpg": ("NASA", "public domain"),
    "rocket.jpg": ("SpaceX", "public domain"),
}
OF_SKLEARN = {"china.jpg": ("danielbuechele", "CC-BY-2.0"), "flower.jpg": ("vultilion", "CC-BY-2.0")}
GCOMPRIS_FOLDERS = ("explore_monuments", "explore_farm_animals", "explore_world_animals", "explore_world_music", "erase", "categorization")
# Shown on cards and in the README, so never learnt from; the rest of the thirty go by hash.
SHOWN = ("chelsea.png", "coffee.png", "astronaut.png")


@dataclass(frozen=True)
class Photograph:
    name: str
    author: str
    license: str
    package: str
    pixels: np.ndarray  # uint8 [H, W, 3]


def load(sliver: bool = False) -> dict[str, list[Photograph]]:
    """{"train" | "held_out": photographs}; a sliver is those of scikit-image alone, which one small package holds."""
    every = list(_of_skimage())
    if sliver:
        return {"held_out": [one for one in every if one.name in SHOWN], "train": [one for one in every if one.name not in SHOWN]}
    every += [*_of_sklearn(), *_of_gcompris(), *_of_lomiri()]
    # By the bare name: the same photograph in two sizes must not stand in two parts.
    every.sort(key=lambda one: (one.name not in SHOWN, hashlib.sha256(Path(one.name).stem.lower().encode()).digest()))
    return {"held_out": every[:HELD_OUT], "train": every[HELD_OUT:]}


def _of_skimage() -> Iterator[Photograph]:
    wheel = zipfile.ZipFile(_pip(SKIMAGE))
    for name, (author, license) in OF_SKIMAGE.items():
        yield Photograph(name, author, license, SKIMAGE, _opened(wheel.read(f"skimage/data/{name}")))


def _of_sklearn() -> Iterator[Photograph]:
    wheel = zipfile.ZipFile(_pip(SKLEARN))
    for name, (author, license) in OF_SKLEARN.items():
        yield Photograph(name, author, license, SKLEARN, _opened(wheel.read(f"sklearn/datasets/images/{name}")))


def _of_gcompris() -> Iterator[Photograph]:
    """Raster pictures inside Qt resource files; a README beside them names author and licence of each."""
    deb = _deb(GCOMPRIS)
    seen = set()
    for folder in GCOMPRIS_FOLDERS:
        held = _resources(deb[f"./usr/share/gcompris-qt/rcc/{folder}.rcc"])
        for readme in [path for path in held if path.endswith("/README")]:
            for file, author, license in _stanzas(held[readme].decode()):
                data = held.get(f"{readme.removesuffix('README')}{file}")
                if data is None or not _is_free(license) or not file.endswith(".webp"):
                    continue
                image = Image.open(io.BytesIO(data))
                digest = hashlib.sha256(data).digest()
                if image.mode == "RGB" and min(image.size) >= LEAST and digest not in seen:
                    seen.add(digest)
                    yield Photograph(f"{folder}/{Path(file).name}", author, license, GCOMPRIS, _opened(data))


def _of_lomiri() -> Iterator[Photograph]:
    deb = _deb(LOMIRI)
    copyright = deb["./usr/share/doc/lomiri-wallpapers-16.04/copyright"].decode()
    for file, author, license in _stanzas(copyright):
        data = deb.get(f"./usr/share/backgrounds/{Path(file).name}")
        if data is not None and _is_free(license):
            yield Photograph(Path(file).name, author, license, LOMIRI, _opened(data))


def _is_free(license: str) -> bool:
    return bool(FREE.search(license)) and "SA" not in license


def _opened(data: bytes) -> np.ndarray:
    image = Image.open(io.BytesIO(data)).convert("RGB")
    if max(image.size) > LARGEST:
        factor = LARGEST / max(image.size)
        image = image.resize([round(side * factor) for side in image.size], Image.Resampling.BOX)
    return np.asarray(image)


def _stanzas(text: str) -> Iterator[tuple[str, str, str]]:
    """(file, author, licence) of every file that a list of stanzas names."""
    for stanza in re.split(r"\n\s*\n", text):
        fields: dict[str, str] = {}
        key = ""
        for line in stanza.splitlines():
            if found := re.match(r"(\w+):\s*(.*)", line):
                key = found[1]
                fields[key] = found[2]
            elif key == "Files":
                fields[key] += f" {line.strip()}"
        author = re.sub(r"^(\(c\)|©)?\s*\d{4}[.,]?\s*|,\s*\d{4}$", "", fields.get("Copyright", "")).strip()
        for file in fields.get("Files", "").split():
            yield file, author, fields.get("License", "")


def _resources(data: bytes) -> dict[str, bytes]:
    """path -> bytes of a Qt resource file: a tree of nodes of 22 bytes, names in UTF-16, values that may be deflated."""
    magic, version, tree, values, names = struct.unpack(">4sIIII", data[:20])
    if magic != b"qres" or version < 2:
        raise SystemExit(f"a Qt resource file of version {version}; 2 or later was expected")
    held = {}

    def visit(node: int, path: str) -> None:
        name, flags, first, second = struct.unpack_from(">IHII", data, tree + 22 * node)
        if node:
            (length,) = struct.unpack_from(">H", data, names + name)
            path += "/" + data[names + name + 6 : names + name + 6 + 2 * length].decode("utf-16-be")
        if flags & 2:  # a folder: `first` nodes from number `second` on
            for child in range(second, second + first):
                visit(child, path)
            return
        at = values + second
        (length,) = struct.unpack_from(">I", data, at)
        value = data[at + 4 : at + 4 + length]
        held[path] = zlib.decompress(value[4:]) if flags & 1 else value

    visit(0, "")
    return held


def _pip(requirement: str) -> Path:
    """A wheel as pip fetches it, unpacked by nobody."""
    name, version = requirement.replace("-", "_").split("==")
    if not (found := sorted(cache_dir().glob(f"{name}-{version}-*.whl"))):
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", requirement]
        subprocess.run(command, cwd=cache_dir(), check=True, stdout=subprocess.DEVNULL)
        found = sorted(cache_dir().glob(f"{name}-{version}-*.whl"))
    return found[0]


def _deb(package: str) -> dict[str, bytes]:
    """The files of a Debian package, by path."""
    if not (found := sorted(cache_dir().glob(f"{package}_*.deb"))):
        if subprocess.run(["apt-get", "download", "--quiet", "--quiet", package], cwd=cache_dir(), check=False).returncode:
            subprocess.run(["apt-get", "update", "--quiet", "--quiet"], check=False)  # a fresh machine has no lists yet
            subprocess.run(["apt-get", "download", "--quiet", "--quiet", package], cwd=cache_dir(), check=True)
        found = sorted(cache_dir().glob(f"{package}_*.deb"))
    data, at = found[0].read_bytes(), 8
    while at < len(data):  # an `ar` archive: 60 bytes of header, the member, and a byte to make it even
        name, size = data[at : at + 16].decode().strip().rstrip("/"), int(data[at + 48 : at + 58])
        if name == "data.tar.xz":
            with tarfile.open(fileobj=io.BytesIO(lzma.decompress(data[at + 60 : at + 60 + size]))) as tar:
                return {member.name: tar.extractfile(member).read() for member in tar if member.isfile()}
        at += 60 + size + size % 2
    raise SystemExit(f"{found[0]} has no data.tar.xz")


if __name__ == "__main__":
    for part, found in load().items():
        sys.stdout.write(f"{part}: {len(found)} photographs\n")
        for one in found:
            height, width, _ = one.pixels.shape
            sys.stdout.write(f"  {one.name:45} {width:4}x{height:4}  {one.license:16} {one.author} ({one.package})\n")
