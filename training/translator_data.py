"""What the translator learns from: photographs with what the programs make of them, and icons to draw the outlines of.

The icons are Fluent's flat ones (MIT) and Noto's (Apache-2.0). A concept is held out in both styles, as in `large_icons.py`.

    python training/translator_data.py          # fetch, draw and paint, and print what there is
"""

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

import large_icons
import paintings
import photographs
import translator_programs
from digits import cache_dir
from paint import icons
from run import say

SIDE = 128
FLAT, NOTO = icons.STYLES["flat"], icons.STYLES["soft"]
SIDES = (210, 420)  # of a photograph's shorter side: strokes keep their size, so the pictures vary theirs


@dataclass(frozen=True)
class Icons:
    """uint8 [N, SIDE, SIDE, 4], premultiplied: row i of `flat` is `concepts[i]`; `noto` has its own rows."""

    concepts: list[str]
    flat: np.ndarray
    noto: np.ndarray


@dataclass(frozen=True)
class Painted:
    """uint8 [H, W, 3]: a photograph and what each program made of it, with the patterns from its corner."""

    photo: np.ndarray
    by: dict[str, np.ndarray]


def load_icons(sliver: bool = False) -> dict[str, Icons]:
    """{"train" | "held_out": icons}"""
    cached = cache_dir() / f"translator-icons{'-sliver' if sliver else ''}.npz"
    if not cached.exists():
        np.savez(cached, **_drawn(sliver))
    stored = np.load(cached)
    return {part: Icons(stored[f"{part}-concepts"].tolist(), stored[f"{part}-flat"], stored[f"{part}-noto"]) for part in ("train", "held_out")}


def _drawn(sliver: bool) -> dict[str, np.ndarray]:
    with icons.archive(FLAT) as tar:
        flat, names = icons.read_json(tar, "icons.json"), icons.read_json(tar, "chars.json")
        flags = set(icons.read_json(tar, "metadata.json")["categories"]["Flags"])
    with icons.archive(NOTO) as tar:
        noto, noto_names = icons.read_json(tar, "icons.json"), icons.read_json(tar, "chars.json")
    found: dict[str, list] = {f"{part}-{name}": [] for part in ("train", "held_out") for name in ("concepts", "flat", "noto")}
    plain = {code: name for code, name in names.items() if _is_plain(code) and name not in flags}
    for code, name in list(plain.items())[: 24 if sliver else None]:
        found[f"{_part(code)}-concepts"].append(code.replace("-fe0f", ""))
        found[f"{_part(code)}-flat"].append(large_icons.draw(icons._svg(flat, name), SIDE))
        if code in noto_names:
            found[f"{_part(code)}-noto"].append(large_icons.draw(icons._svg(noto, noto_names[code]), SIDE))
    return {name: np.stack(pictures) for name, pictures in found.items()}


def _is_plain(code: str) -> bool:
    """Neither a skin tone nor a person with a trade, of which there are so many that little else would be learnt."""
    return "200d" not in code and not any(f"1f3f{tone}" in code for tone in "bcdef")


def _part(code: str) -> str:
    digest = hashlib.sha256(code.replace("-fe0f", "").encode()).digest()
    return "held_out" if digest[1] < 32 else "train"


def load_photos(sliver: bool = False) -> list[Painted]:
    """Of the photographs that train."""
    random = np.random.default_rng(4)
    photos = [one.pixels for one in photographs.load(sliver)["train"]][: 3 if sliver else None]
    photos = [paintings.resized(one, 140 if sliver else int(random.integers(*SIDES))) for one in photos]
    recipe = hashlib.sha256((Path(__file__).parent / "translator_programs.py").read_bytes() + f"{SIDES} {len(photos)}".encode()).hexdigest()[:8]
    found = {}
    for name in translator_programs.PHOTO_PROGRAMS:
        cached = cache_dir() / f"translator-{recipe}-{name}.npz"
        if not cached.exists():
            np.savez(cached, *(paint(photo, name) for photo in photos))
            say(f"{name}: {len(photos)} paintings")
        stored = np.load(cached)
        found[name] = [stored[f"arr_{at}"] for at in range(len(photos))]
    return [Painted(photo, {name: found[name][at] for name in found}) for at, photo in enumerate(photos)]


def paint(photo: np.ndarray, program: str) -> np.ndarray:
    """uint8 [H, W, 3] -> the same, by a program."""
    pattern = translator_programs.patterns(*photo.shape[:2])[None]
    return to_bytes(translator_programs.PHOTO_PROGRAMS[program](to_tensor(photo[None]), pattern))[0]


def over(icon: np.ndarray, ground: np.ndarray | float) -> np.ndarray:
    """Premultiplied RGBA over a colour."""
    found = icon[..., :3] + (255 - icon[..., 3:].astype(np.float32)) / 255 * ground
    return np.rint(np.minimum(found, 255)).astype(np.uint8)


def to_tensor(pictures: np.ndarray) -> torch.Tensor:
    """uint8 [N, H, W, 3] -> float [N, 3, H, W] in 0..1."""
    return torch.from_numpy(np.ascontiguousarray(pictures).astype(np.float32) / 255).permute(0, 3, 1, 2)


def to_bytes(pictures: torch.Tensor) -> np.ndarray:
    return (pictures.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).numpy()


if __name__ == "__main__":
    torch.set_num_threads(1)
    for part, found in load_icons().items():
        sys.stdout.write(f"{part}: {len(found.flat)} flat icons, {len(found.noto)} of Noto\n")
    sys.stdout.write(f"{len(load_photos())} photographs\n")
