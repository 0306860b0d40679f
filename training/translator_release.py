"""Trains the translator and the judge of its domains, writes its folder, and says what it is worth.

Measured on photographs and icons that it never saw: how far a translation is from what it should be, whether a judge that was
trained apart takes it for its domain, and whether a scorer of pictures still knows what an icon shows.
"""

import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from PIL import Image

import card
import export
import paintings
import photographs
import run
import translator
import translator_data
import translator_judge
from run import say
from translator import TARGETS
from translator_data import over
from translator_judge import greyed
from translator_programs import TILE

MODEL = "translator"
SHORTER = 288  # of the photographs that are measured
MARGIN = 96  # pixels around a part of a picture
CELL, COLUMNS = 176, 5  # of the sheet
Found = list[tuple[str, float, str]]
Case = tuple[np.ndarray, np.ndarray]  # what is given, what is wanted


def make(repository: Path, train: bool = True, smoke: bool = False) -> None:
    hurried = {"widths": (4, 6, 8), "judge": 4, "batch": 8, "steps": 3, "alone": 1} if smoke else {}
    config = run.load_config(translator.Config, MODEL, **hurried)
    trainer = translator.trainer(config, sliver=smoke)
    run.train(MODEL, trainer, config.steps if train else 0, config.seed)
    folder = repository / MODEL
    folder.mkdir(parents=True, exist_ok=True)
    translator.ship(trainer, folder)
    say(f"{MODEL}: exported; ONNX Runtime agrees with PyTorch")
    write_sheet(folder, smoke)
    found = [] if smoke else measure(folder)
    for what, value, unit in found:
        say(f"{MODEL}: {what}: {value:.2f} {unit}")
    write_card(folder, found)
    say(f"{MODEL}: wrote {folder}")


class Studio:
    """The graph as it ships."""

    def __init__(self, folder: Path):
        self.session = export.session(folder / "translator.onnx")

    def translate(self, picture: np.ndarray, target: str) -> np.ndarray:
        """uint8 [H, W, 3] -> the same, translated; mirrored up to the next multiple of a tile, as the server does."""
        height, width = picture.shape[:2]
        values = picture.transpose(2, 0, 1)[None].astype(np.float32) / 255
        values = np.pad(values, ((0, 0), (0, 0), (0, -height % TILE), (0, -width % TILE)), "symmetric")
        (found,) = self.session.run(None, {"image": values, "target": np.array([TARGETS.index(target)])})
        return np.rint(found[0, :, :height, :width].transpose(1, 2, 0) * 255).astype(np.uint8)


# --- what it is worth


def cases(sliver: bool = False) -> dict[str, list[Case]]:
    """Of each target, from what is held out; of colour, photographs first and then icons."""
    photos = [paintings.resized(one.pixels, SHORTER) for one in photographs.load(sliver)["held_out"]]
    icons = translator_data.load_icons(sliver)["held_out"]
    flat, shaded = ([over(one, 255.0) for one in style] for style in (icons.flat, icons.shaded))
    outlined = [translator.outlined(one, np.random.default_rng(at)) for at, one in enumerate(flat)]
    found = {name: [(photo, translator_data.paint(photo, name)) for photo in photos] for name in ("oil", "pencil")}
    found |= {"icon": list(zip(outlined, flat, strict=True)), "shaded": list(zip(flat, shaded, strict=True))}
    return found | {"colour": [(greyed(one), one) for one in (*photos, *shaded)]}


def measure(folder: Path) -> Found:
    studio, known = Studio(folder), cases()
    judge = translator_judge.load(translator_data.load_icons()["train"], translator_data.load_photos())
    photos = len(known["oil"])
    made = {target: [studio.translate(given, target) for given, _ in known[target]] for target in TARGETS}
    found: Found = []
    for target in TARGETS:
        parts = {"photographs": slice(photos), "icons": slice(photos, None)} if target == "colour" else {"pictures": slice(None)}
        for what, part in parts.items():
            pairs, translated = known[target][part], made[target][part]
            unchanged = np.mean([apart(given, wanted) for given, wanted in pairs])
            off = float(np.mean([apart(one, wanted) for one, (_, wanted) in zip(translated, pairs, strict=True)]))
            found.append((f"{target}, {len(pairs)} held-out {what}: mean difference from what is wanted ({unchanged:.1f} if nothing is done)", off, "of 255"))
            domains = {"photographs": "photograph", "icons": "shaded icon"}
            wanted = translator_judge.WANTED.get(target) or domains[what]
            right = [name == wanted for name in translator_judge.named(judge, translated)]
            real = [name == wanted for name in translator_judge.named(judge, [wanted for _, wanted in pairs])]
            found.append((f"{target}, held-out {what}: taken for {wanted} by a separate judge ({100 * np.mean(real):.0f} of what is wanted)", 100 * float(np.mean(right)), "%"))
    found.append(("colour, photographs: colourfulness beside that of the photograph itself", 100 * colourfulness(made["colour"][:photos], known["colour"][:photos]), "%"))
    found += recognised(made)
    found.append((f"a part of a photograph with {MARGIN} px of margin beside the whole", seam(studio, known["oil"][0][0]), "of 255"))
    found.append(("512×512, one thread's time", milliseconds(studio), "ms"))
    return found


def apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(np.int16) - other).mean())


def colourfulness(made: list[np.ndarray], known: list[Case]) -> float:
    spread = lambda picture: np.ptp(picture.astype(np.float32), -1).mean()  # noqa: E731
    return float(np.mean([spread(one) for one in made]) / np.mean([spread(wanted) for _, wanted in known]))


def recognised(made: dict[str, list[np.ndarray]]) -> Found:
    """How often the scorer of emoji-diffusion finds an icon's own name the nearest of a hundred; none where it isn't trained."""
    from paint import judge  # it needs the words' packages

    if not run.began(judge.NAME):
        say(f"{MODEL}: without the scorer of emoji-diffusion (make train MODEL=emoji-diffusion), icons aren't named")
        return []
    scorer, icons = judge.Scorer(), translator_data.load_icons()["held_out"]
    flat, shaded = ([over(one, 255.0) for one in style] for style in (icons.flat, icons.shaded))
    known = [at for at, concept in enumerate(icons.concepts) if concept in scorer.place]
    found = []
    for what, pictures in (("icon", made["icon"]), ("the icons themselves, flat", flat), ("shaded", made["shaded"]), ("the icons themselves, shaded", shaded)):
        small = [np.asarray(Image.fromarray(pictures[at]).convert("RGBA").resize((64, 64), Image.Resampling.BOX)) for at in known]
        right = scorer.right(np.stack(small), [icons.concepts[at] for at in known])
        found.append((f"{what}: nearest of {judge.DISTRACTORS + 1} names", 100 * float(right.mean()), "%"))
    return found


def seam(studio: Studio, photo: np.ndarray) -> float:
    """The largest difference of a value that what lies further away than the margin makes, in any target."""
    wide = np.pad(photo, ((0, TILE), (0, 4 * TILE), (0, 0)), "symmetric")[: 2 * TILE, : 4 * TILE]
    kept = np.s_[:, : 3 * TILE - MARGIN]
    pairs = [[studio.translate(seen, target)[kept].astype(int) for seen in (wide, wide[:, : 3 * TILE])] for target in TARGETS]
    return float(max(np.abs(whole - part).max() for whole, part in pairs))


def milliseconds(studio: Studio, repeats: int = 5) -> float:
    """Processor time, which others on the machine change little."""
    photo = np.random.default_rng(0).integers(256, size=(512, 512, 3), dtype=np.uint8)
    times = []
    for _ in range(repeats):
        began = time.process_time()
        studio.translate(photo, TARGETS[0])
        times.append(time.process_time() - began)
    return 1e3 * min(times)


# --- the folder


def write_sheet(folder: Path, sliver: bool = False) -> None:
    """Rows of a photograph, oil, pencil, the photograph in grey and coloured; then of line drawings, icons, and flat and shaded ones."""
    studio, rows = Studio(folder), []
    for one in photographs.load(sliver)["held_out"][:3]:
        photo = paintings.resized(one.pixels, CELL)
        photo = photo[: CELL, (photo.shape[1] - CELL) // 2 :][:, :CELL]
        rows.append([photo, studio.translate(photo, "oil"), studio.translate(photo, "pencil"), greyed(photo), studio.translate(greyed(photo), "colour")])
    icons = translator_data.load_icons(sliver)["held_out"]
    shown = [over(icons.flat[at], 255.0) for at in np.linspace(0, len(icons.flat) - 1, COLUMNS).astype(int)]
    drawings = [translator.outlined(one, np.random.default_rng(at)) for at, one in enumerate(shown)]
    for given, target in ((drawings, "icon"), (shown, "shaded")):
        rows += [[framed(one) for one in given], [framed(studio.translate(one, target)) for one in given]]
    sheet = Image.fromarray(np.concatenate([np.concatenate(row, 1) for row in rows]))
    sheet.quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(folder / "samples.png", optimize=True)


def framed(icon: np.ndarray) -> np.ndarray:
    room = (CELL - len(icon)) // 2
    return np.pad(icon, ((room, room), (room, room), (0, 0)), constant_values=255)


NOTE = (
    "The photographs, as oil paintings and as pencil drawings; in grey, and coloured; line drawings and the icons made of them; flat icons, "
    "and the same shaded. None of them was trained on."
)
TITLE = "Translator"
SUMMARY = "Translates pictures: photographs to oil paintings, pencil drawings or from grey to colours, line drawings to icons, flat icons to shaded ones."
# target: words in English, French and Vietnamese
WORDS = {
    "oil": (["oil painting", "oil"], ["peinture à l'huile", "huile"], ["tranh sơn dầu", "sơn dầu"]),
    "pencil": (["pencil drawing", "pencil"], ["dessin au crayon", "crayon"], ["vẽ bút chì", "bút chì"]),
    "icon": (["icon", "icon from a line drawing"], ["icône", "icône d'après un dessin au trait"], ["biểu tượng", "biểu tượng từ nét vẽ"]),
    "colour": (["colour", "color", "colourised", "colorized"], ["couleur", "en couleurs", "colorisé"], ["tô màu", "có màu"]),
    "shaded": (["shaded", "shaded icon", "3D icon"], ["en relief", "icône en relief", "icône 3D"], ["nổi khối", "biểu tượng nổi", "biểu tượng 3D"]),
}
INTENDED = "Trying image-to-image translation: one's own photographs and drawings in another domain. Not for telling what colours a photograph really had: they are guessed."
DATA = [
    {
        "name": "198 photographs, and what the programs of training/translator_programs.py paint and draw of them",
        "package": "pip scikit-image 0.26.0, scikit-learn 1.7.2; Debian gcompris-qt-data, lomiri-wallpapers-16.04",
        "license": "public domain, CC0-1.0 and CC-BY; the authors of the last stand in NOTICE",
        "note": "Thirty more are held out. Enough for brushwork, not for photographs as a domain.",
    },
    {
        "name": "1,197 concepts as flat and as shaded icons and in a third style, drawn at 128×128 from vectors",
        "package": "npm @iconify-json/fluent-emoji-flat 1.2.6, @iconify-json/fluent-emoji 1.2.7, @iconify-json/noto 1.2.9",
        "license": "MIT (Fluent), Apache-2.0 (Noto)",
        "note": "180 more concepts are held out. Skin tones, flags and trades are left out.",
    },
]
LIMITS = [
    "Paint and pencil are those of two programs: strokes and hatching have a size in pixels that suits pictures whose shorter side is 200 to 500.",
    "A line drawing of one colour gets colours that are guessed, and often others than one would choose; drawn with coloured pens, it is filled as it was drawn.",
    "198 photographs teach few things' colours: sky, grass and wood more or less, clothes and painted things not. What was coloured by it is pale.",
    "Icons and line drawings do best at about 128 pixels, on white.",
    "Tiles of strokes repeat every 128 pixels, which can be seen in a wide flat sky.",
]
ATTRIBUTION = [
    "Contains what was learnt from Fluent Emoji (Microsoft, MIT) and Noto Emoji (Google LLC, Apache-2.0), and from photographs whose authors stand in NOTICE.",
]
SAID = {
    "fr": {
        "title": "Traducteur",
        "summary": "Traduit les images : une photographie en peinture à l’huile, en dessin au crayon ou du gris à la couleur, un dessin au trait en icône, une icône plate en icône en relief.",
        "intended_use": "Essayer la traduction d’image à image : ses propres photographies et dessins dans un autre domaine. Pas pour savoir quelles couleurs avait vraiment une photographie : elles sont devinées.",
        "limits": [
            "La peinture et le crayon sont ceux de deux programmes : touches et hachures ont une taille en pixels qui convient aux images dont le petit côté mesure 200 à 500.",
            "Un dessin au trait d’une seule couleur reçoit des couleurs devinées, souvent autres que celles qu’on choisirait ; tracé avec des feutres de couleur, il est rempli comme il a été tracé.",
            "198 photographies n’apprennent les couleurs que de peu de choses : le ciel, l’herbe et le bois à peu près, les vêtements et les objets peints non. Les couleurs trouvées sont pâles.",
            "Les icônes et les dessins au trait réussissent le mieux à environ 128 pixels, sur fond blanc.",
            "Les touches se répètent tous les 128 pixels, ce qui peut se voir dans un grand ciel uni.",
        ],
    },
    "vi": {
        "title": "Người chuyển ảnh",
        "summary": "Chuyển ảnh sang miền khác: ảnh chụp thành tranh sơn dầu, hình vẽ bút chì hoặc từ xám sang màu, nét vẽ thành biểu tượng, biểu tượng phẳng thành biểu tượng nổi khối.",
        "intended_use": "Thử chuyển đổi ảnh sang ảnh: ảnh chụp và hình vẽ của riêng bạn trong một miền khác. Không dùng để biết ảnh thật có màu gì: màu là do đoán.",
        "limits": [
            "Sơn dầu và bút chì là của hai chương trình: nét cọ và nét gạch có kích thước điểm ảnh hợp với hình có cạnh ngắn 200 đến 500.",
            "Nét vẽ một màu được tô màu do đoán, thường khác với màu bạn sẽ chọn; vẽ bằng bút màu thì được tô theo màu nét.",
            "198 bức ảnh chỉ dạy được màu của ít thứ: trời, cỏ và gỗ thì tạm được, quần áo và đồ sơn màu thì không. Màu tìm được còn nhạt.",
            "Biểu tượng và nét vẽ cho kết quả tốt nhất ở khoảng 128 điểm ảnh, trên nền trắng.",
            "Các nét cọ lặp lại sau mỗi 128 điểm ảnh, có thể thấy được trên bầu trời rộng và phẳng.",
        ],
    },
}


def write_card(folder: Path, found: Found) -> None:
    command = f"make measure MODEL={MODEL}"
    labels = [{"name": name, "en": en, "fr": fr, "vi": vi} for name, (en, fr, vi) in WORDS.items()]
    about = {
        "license": "MIT OR Apache-2.0",
        "intended_use": INTENDED,
        "training": f"make train MODEL={MODEL}",
        "data": DATA,
        "quality": [{"metric": metric, "value": round(value, 2), "unit": unit, "command": command} for metric, value, unit in found],
        "limits": LIMITS,
        "attribution": ATTRIBUTION,
    }
    manifest = {
        "schema": 1,
        "family": "translate",
        "title": TITLE,
        "summary": SUMMARY,
        "class": [{"name": "target", "title": {"en": "Target", "fr": "Cible", "vi": "Đích"}, "encoding": "index", "labels": labels}],
        "picture": {"layout": "nchw", "range": "0..1", "channels": 3},
        "graphs": {
            "translator": {"file": "translator.onnx", "inputs": {"image": "picture", "target": "class.target"}, "outputs": {"translated": "picture"}},
        },
    }
    (folder / "model.toml").write_text(card.to_toml(manifest | {"card": about}) + card.in_languages(SAID))
    shared = SimpleNamespace(NOTE=NOTE, __name__="translator_release")
    (folder / "README.md").write_text(card.to_markdown(manifest, about, shared))


if __name__ == "__main__":
    for what, value, unit in measure(Path(__file__).parent.parent / "onnx" / MODEL):
        say(f"{what}: {value:.2f} {unit}")
