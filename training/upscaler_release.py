"""Trains the upscaler, writes its folder, and says what it is worth beside Lanczos and bicubic.

Pictures that it never saw are reduced by a known filter, enlarged again, and compared with what they were: peak
signal to noise, the mean over the pictures. Icons have alpha, and are compared over black and over white.
"""

import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnxruntime
from PIL import Image

import card
import export
import large_icons
import photographs
import run
import upscaler
from run import say

MODEL = "upscaler"
ICONS = 120  # measured
TILE, MARGIN = 96, 16
Found = list[tuple[str, float, str]]


def make(repository: Path, train: bool = True, smoke: bool = False) -> None:
    config = run.load_config(upscaler.Config, MODEL, **({"steps": 4, "width": 8, "depth": 2, "crop": 16, "batch": 4} if smoke else {}))
    trainer = upscaler.trainer(config, sliver=smoke)
    run.train(MODEL, trainer, config.steps if train else 0, config.seed)
    folder = repository / MODEL
    folder.mkdir(parents=True, exist_ok=True)
    upscaler.ship(trainer, folder)
    say(f"{MODEL}: exported; ONNX Runtime agrees with PyTorch")
    write_sheet(folder, sliver=smoke)
    found = [] if smoke else measure(folder)
    for what, value, unit in found:
        say(f"{MODEL}: {what}: {value:.2f} {unit}")
    write_card(folder, found)
    say(f"{MODEL}: wrote {folder}")


# --- enlarging with the graphs as they ship


def enlarge(session: onnxruntime.InferenceSession, picture: np.ndarray, scale: int) -> np.ndarray:
    """uint8 [H, W, 3], or premultiplied [H, W, 4], -> the same, larger.

    A picture with alpha is enlarged twice in one call, over black and over white: where the two differ it is clear,
    by as much as they differ. So it is right over both, and no colour of what isn't seen comes through.
    """
    if picture.shape[-1] == 3:
        return run_on(session, picture[None])[0]
    black, white = run_on(session, np.stack([picture[..., :3], picture[..., :3] + (255 - picture[..., 3:])])).astype(np.int16)
    alpha = np.clip(255 - (white - black).mean(-1, keepdims=True), 0, 255)
    return np.rint(np.concatenate([np.minimum(black, alpha), alpha], -1)).astype(np.uint8)


def run_on(session: onnxruntime.InferenceSession, pictures: np.ndarray) -> np.ndarray:
    values = np.ascontiguousarray(pictures.transpose(0, 3, 1, 2)).astype(np.float32) / 255
    (found,) = session.run(None, {"image": values})
    return np.rint(found.transpose(0, 2, 3, 1) * 255).astype(np.uint8)


def resized(picture: np.ndarray, factor: float, way: Image.Resampling) -> np.ndarray:
    image = Image.fromarray(picture, "RGBa" if picture.shape[-1] == 4 else "RGB")
    return np.asarray(image.resize((round(image.width * factor), round(image.height * factor)), way))


def over(picture: np.ndarray, ground: int) -> np.ndarray:
    """Premultiplied RGBA over a grey ground."""
    if picture.shape[-1] == 3:
        return picture
    found = picture[..., :3] + (255 - picture[..., 3:].astype(np.float32)) * (ground / 255)
    return np.rint(np.clip(found, 0, 255)).astype(np.uint8)


# --- what it is worth


def measure(folder: Path) -> Found:
    icons = held_out_icons(ICONS)
    photos = [even(one.pixels) for one in photographs.load()["held_out"]]
    on_white = [over(icon, 255) for icon in icons]
    found: Found = []
    for scale in upscaler.SCALES:
        session = export.session(folder / f"x{scale}.onnx")
        for what, larges, way, quality in (
            ("held-out icons with alpha", icons, "box", None),
            ("held-out photographs", photos, "bicubic", None),
            ("held-out photographs reduced by box", photos, "box", None),
            ("held-out photographs reduced by nearest", photos, "nearest", None),
            ("held-out icons on white reduced by nearest", on_white, "nearest", None),
            ("held-out photographs kept as JPEG 50", photos, "bicubic", 50),
            ("held-out icons on white kept as JPEG 50", on_white, "box", 50),
        ):
            bicubic, lanczos, net = compare(session, larges, scale, way, quality)
            found.append((f"{what}, ×{scale}: over Lanczos ({lanczos:.2f} dB; bicubic {bicubic:.2f})", net - lanczos, "dB"))
        found.append((f"a photograph in tiles with {MARGIN} px of margin beside the whole, ×{scale}", seam(session, photos[0], scale), "of 255"))
        found.append((f"256×256, ×{scale}, one thread's time", milliseconds(session), "ms"))
    return found


def compare(session: onnxruntime.InferenceSession, larges: list[np.ndarray], scale: int, way: str, quality: int | None) -> np.ndarray:
    """Mean decibels of bicubic, Lanczos and the net."""
    rows = []
    for large in larges:
        small = resized(large, 1 / scale, upscaler.FILTERS[way])
        small = upscaler.as_jpeg(small, quality) if quality else small
        enlarged = (resized(small, scale, Image.Resampling.BICUBIC), resized(small, scale, Image.Resampling.LANCZOS), enlarge(session, small, scale))
        rows.append([np.mean([decibels(over(one, ground), over(large, ground)) for ground in (0, 255)]) for one in enlarged])
    return np.mean(rows, 0)


def decibels(found: np.ndarray, wanted: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / max(np.square(found.astype(np.float32) - wanted).mean(), 1e-2)))


def seam(session: onnxruntime.InferenceSession, photo: np.ndarray, scale: int) -> float:
    """The largest difference of a value between a picture enlarged at once and tile by tile."""
    whole, tiled = enlarge(session, photo, scale), np.zeros((photo.shape[0] * scale, photo.shape[1] * scale, 3), np.uint8)
    for top in range(0, photo.shape[0], TILE):
        for left in range(0, photo.shape[1], TILE):
            above, before = min(top, MARGIN), min(left, MARGIN)
            tile = photo[top - above : top + TILE + MARGIN, left - before : left + TILE + MARGIN]
            painted = enlarge(session, tile, scale)[above * scale :, before * scale :][: TILE * scale, : TILE * scale]
            tiled[top * scale :, left * scale :][: painted.shape[0], : painted.shape[1]] = painted
    return float(np.abs(whole.astype(int) - tiled).max())


def milliseconds(session: onnxruntime.InferenceSession, repeats: int = 5) -> float:
    """Processor time, which others on the machine change little."""
    image = np.random.default_rng(0).random((1, 3, 256, 256), np.float32)
    times = []
    for _ in range(repeats):
        began = time.process_time()
        session.run(None, {"image": image})
        times.append(time.process_time() - began)
    return 1e3 * min(times)


def held_out_icons(count: int, sliver: bool = False) -> list[np.ndarray]:
    icons = large_icons.load(sliver)["held_out"]
    return [np.asarray(icons[at]) for at in np.linspace(0, len(icons) - 1, min(count, len(icons))).astype(int)]


def even(picture: np.ndarray) -> np.ndarray:
    """Cut so that both sides can be divided by four."""
    return picture[: picture.shape[0] // 4 * 4, : picture.shape[1] // 4 * 4]


# --- the folder


def write_sheet(folder: Path, sliver: bool) -> None:
    """Rows of what was given (each pixel a square), Lanczos, the net and the truth, at four times the size."""
    session = export.session(folder / "x4.onnx")
    larges = [over(icon, 255) for icon in held_out_icons(4, sliver)]
    larges += [one.pixels[60:220, 120:376][:, :256] for one in photographs.load(sliver)["held_out"][:3]]
    rows = []
    for large in larges:
        small = resized(large, 1 / 4, Image.Resampling.BOX)
        ways = [resized(small, 4, Image.Resampling.NEAREST), resized(small, 4, Image.Resampling.LANCZOS), enlarge(session, small, 4), large]
        rows.append(np.concatenate(ways, 1))
    Image.fromarray(np.concatenate(rows)).quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(folder / "samples.png", optimize=True)


TITLE = "Upscaler"
SUMMARY = "Enlarges any picture by two or by four: icons, avatars and photographs, with their alpha."
INTENDED = "Enlarging what the other models paint, and small pictures of one's own. Not for reading what a picture doesn't show: details are guessed."
DATA = [
    {
        "name": "1,300 emoji and 375 avatars, drawn at 256×256 from vectors",
        "package": "npm @iconify-json/noto 1.2.9, @iconify-json/fluent-emoji-flat 1.2.6, @dicebear/collection styles 9.4.3",
        "license": "Apache-2.0 (Noto), MIT (Fluent), CC0-1.0 (avatars)",
        "note": "An eighth of the concepts and a sixteenth of the avatars are held out.",
    },
    {
        "name": "198 photographs",
        "package": "pip scikit-image 0.26.0, scikit-learn 1.7.2; Debian gcompris-qt-data, lomiri-wallpapers-16.04",
        "license": "public domain, CC0-1.0 and CC-BY; the authors of the last stand in NOTICE",
        "note": "Thirty more are held out. Enough for crops, not for photographs as a domain.",
    },
]
LIMITS = [
    "Small and quick rather than inventive: it sharpens edges and cleans what JPEG left, and adds no texture.",
    "Text smaller than about six pixels stays unreadable.",
    "Photographs gain less than drawings do.",
]
ATTRIBUTION = ["Contains what was learnt from Noto Emoji (Google LLC, Apache-2.0) and Fluent Emoji (Microsoft, MIT)."]
NOTE = "From left to right: what was given, Lanczos, the upscaler at ×4, and the picture that was reduced. None of them was trained on."


SAID = {
    "fr": {
        "title": "Agrandisseur",
        "summary": "Agrandit toute image deux ou quatre fois : icônes, avatars et photographies, transparence comprise.",
        "intended_use": "Agrandir ce que peignent les autres modèles, et ses propres petites images. Pas pour lire ce qu’une image ne montre pas : les détails sont devinés.",
        "limits": [
            "Petit et rapide plutôt qu’inventif : il affine les contours, efface les traces du JPEG et n’ajoute pas de texture.",
            "Un texte de moins de six pixels environ reste illisible.",
            "Les photographies y gagnent moins que les dessins.",
        ],
    },
    "vi": {
        "title": "Phóng to",
        "summary": "Phóng to mọi hình gấp hai hoặc gấp bốn: biểu tượng, hình đại diện và ảnh chụp, giữ cả độ trong suốt.",
        "intended_use": "Phóng to những gì các mô hình khác vẽ, và hình nhỏ của riêng bạn. Không dùng để đọc điều hình không cho thấy: chi tiết là do đoán.",
        "limits": [
            "Nhỏ và nhanh hơn là sáng tạo: làm nét đường viền, xóa vết JPEG, không thêm kết cấu.",
            "Chữ nhỏ hơn khoảng sáu điểm ảnh vẫn không đọc được.",
            "Ảnh chụp được lợi ít hơn hình vẽ.",
        ],
    },
}


def write_card(folder: Path, found: Found) -> None:
    about = card.measured(sys.modules[__name__], found)
    manifest = {
        "schema": 1,
        "family": "upscale",
        "title": TITLE,
        "summary": SUMMARY,
        "picture": {"layout": "nchw", "range": "0..1", "channels": 3},
        "graphs": {
            "upscaler": {"file": "x2.onnx", "inputs": {"image": "picture"}, "outputs": {"enlarged": "picture"}},
            "upscaler_2": {"file": "x4.onnx", "inputs": {"image": "picture"}, "outputs": {"enlarged": "picture"}},
        },
    }
    (folder / "model.toml").write_text(card.to_toml(manifest | {"card": about}) + card.in_languages(SAID))
    shared = SimpleNamespace(NOTE=NOTE, __name__="upscaler_release")
    (folder / "README.md").write_text(card.to_markdown(manifest, about, shared))


if __name__ == "__main__":
    for what, value, unit in measure(Path(__file__).parent.parent / "onnx" / MODEL):
        say(f"{what}: {value:.2f} {unit}")
