"""Trains the translator and the judge of its domains, writes its folder, and says what it is worth.

Measured on photographs and icons that it never saw: how far a translation is from what it should be, whether a judge that was
trained apart takes it for its domain, and whether a scorer of pictures still knows what an icon shows.
"""

import sys
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
import translator_programs
from run import say
from translator import TARGETS
from translator_data import over
from translator_programs import TILE

MODEL = "translator"
SHORTER = 288  # of the photographs that are measured
MARGIN = 96  # pixels around a part of a picture
PENS, BLACK = "icon, drawn with coloured pens", "icon, drawn with a black pen"
SHOWN = (0, 1, 2, 3, 5)  # photographs on the sheet
CELL, COLUMNS = 176, 4  # of the sheet
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
    """Of each target, from what is held out."""
    photos = [paintings.resized(one.pixels, SHORTER) for one in photographs.load(sliver)["held_out"]]
    icons = translator_data.load_icons(sliver)["held_out"]
    flat = [over(one, 255.0) for one in icons.flat]
    found = {name: [(photo, translator_data.paint(photo, name)) for photo in photos] for name in translator_programs.PHOTO_PROGRAMS}
    return found | {PENS: list(zip(outlined(flat, True), flat, strict=True)), BLACK: list(zip(outlined(flat), flat, strict=True))}


def outlined(pictures: list[np.ndarray], coloured: bool = False) -> list[np.ndarray]:
    return [translator.outlined(one, np.random.default_rng(at), coloured) for at, one in enumerate(pictures)]


def measure(folder: Path) -> Found:
    studio, known = Studio(folder), cases()
    judge = translator_judge.load(translator_data.load_icons()["train"], translator_data.load_photos())
    made = {case: [studio.translate(given, case.split(",")[0]) for given, _ in pairs] for case, pairs in known.items()}
    found: Found = []
    for case, pairs in known.items():
        unchanged = np.mean([apart(given, wanted) for given, wanted in pairs])
        off = float(np.mean([apart(one, wanted) for one, (_, wanted) in zip(made[case], pairs, strict=True)]))
        found.append((f"{case}, {len(pairs)} held-out pictures: mean difference from what is wanted ({unchanged:.1f} if nothing is done)", off, "of 255"))
        domain = case.split(",")[0]
        right, real = (np.mean([name == domain for name in translator_judge.named(judge, pictures)]) for pictures in (made[case], [one for _, one in pairs]))
        found.append((f"{case}: taken for {domain} by a separate judge ({100 * real:.0f} of what is wanted)", 100 * float(right), "%"))
    found += recognised(made)
    found.append((f"what lies more than {MARGIN} px away changes a value by, at most", seam(studio, known["oil"][0][0]), "of 255"))
    found.append(("512×512, one thread's time", milliseconds(studio), "ms"))
    return found


def apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(np.int16) - other).mean())


def recognised(made: dict[str, list[np.ndarray]]) -> Found:
    """How often the scorer of emoji-diffusion finds an icon's own name the nearest of a hundred; none where it isn't trained."""
    from paint import judge  # it needs the words' packages

    if not run.began(judge.NAME):
        say(f"{MODEL}: without the scorer of emoji-diffusion (make train MODEL=emoji-diffusion), icons aren't named")
        return []
    scorer, icons = judge.Scorer(), translator_data.load_icons()["held_out"]
    flat = [over(one, 255.0) for one in icons.flat]
    known = [at for at, concept in enumerate(icons.concepts) if concept in scorer.place]
    found = []
    for what, pictures in ((PENS, made[PENS]), (BLACK, made[BLACK]), ("the icons themselves", flat)):
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
    """Photographs, each as an oil painting and in pencil and ink; then line drawings and their icons."""
    studio, rows = Studio(folder), []
    held_out = photographs.load(sliver)["held_out"]
    for at in SHOWN:
        photo = paintings.resized(held_out[at % len(held_out)].pixels, CELL)
        photo = photo[:CELL, (photo.shape[1] - CELL) // 2 :][:, :CELL]
        rows.append([photo, *(studio.translate(photo, target) for target in translator_programs.PHOTO_PROGRAMS)])
    icons = translator_data.load_icons(sliver)["held_out"]
    drawings = outlined([over(icons.flat[at], 255.0) for at in np.linspace(0, len(icons.flat) - 1, 2 * COLUMNS).astype(int)], coloured=True)
    for given in (drawings[:COLUMNS], drawings[COLUMNS:]):
        rows += [[framed(one) for one in given], [framed(studio.translate(one, "icon")) for one in given]]
    sheet = Image.fromarray(np.concatenate([np.concatenate(row, 1) for row in rows]))
    sheet.quantize(256, kmeans=4, dither=Image.Dither.FLOYDSTEINBERG).save(folder / "samples.png", optimize=True)


def framed(icon: np.ndarray) -> np.ndarray:
    room = (CELL - len(icon)) // 2
    return np.pad(icon, ((room, room), (room, room), (0, 0)), constant_values=255)


NOTE = (
    "Photographs, each as an oil painting, in pencil and in ink; line drawings with coloured pens, and the icons made of them. "
    "None of them was trained on."
)
TITLE = "Translator"
SUMMARY = "Translates pictures: photographs to oil paintings, pencil or ink drawings, and line drawings to icons."
# target: words in English, French and Vietnamese
WORDS = {
    "oil": (["oil painting", "oil"], ["peinture à l'huile", "huile"], ["tranh sơn dầu", "sơn dầu"]),
    "pencil": (["pencil drawing", "pencil"], ["dessin au crayon", "crayon"], ["vẽ bút chì", "bút chì"]),
    "icon": (["icon", "icon from a line drawing"], ["icône", "icône d'après un dessin au trait"], ["biểu tượng", "biểu tượng từ nét vẽ"]),
    "ink": (["ink drawing", "ink", "brush pen"], ["dessin à l'encre", "encre"], ["vẽ mực", "tranh mực", "bút lông"]),
}
INTENDED = "Trying image-to-image translation: one's own photographs and drawings in another domain. Not for passing a picture off as somebody's work: paint, pencil and ink are those of programs."
DATA = [
    {
        "name": "198 photographs, and what the programs of training/translator_programs.py paint and draw of them",
        "package": "pip scikit-image 0.26.0, scikit-learn 1.7.2; Debian gcompris-qt-data, lomiri-wallpapers-16.04",
        "license": "public domain, CC0-1.0 and CC-BY; the authors of the last stand in NOTICE",
        "note": "Thirty more are held out. Enough for brushwork, not for photographs as a domain.",
    },
    {
        "name": "1,197 concepts as icons of two styles, drawn at 128×128 from vectors, and their outlines",
        "package": "npm @iconify-json/fluent-emoji-flat 1.2.6, @iconify-json/noto 1.2.9",
        "license": "MIT (Fluent), Apache-2.0 (Noto)",
        "note": "180 more concepts are held out. Skin tones, flags and trades are left out.",
    },
]
LIMITS = [
    "Paint, pencil and ink are those of three programs: strokes and hatching have a size in pixels that suits pictures whose shorter side is 200 to 500.",
    "Each line of a drawing should have the colour that lies within it: no other colours come up, so a black drawing becomes a grey icon.",
    "Line drawings do best at 64 to 128 pixels, on white; those larger than 360 are cut into tiles that may be filled differently.",
    "Colouring grey photographs, and shading flat icons, were tried and left out: what was learnt looked grey, and flat.",
    "Tiles of strokes repeat every 128 pixels, which can be seen in a wide flat sky.",
]
ATTRIBUTION = [
    "Contains what was learnt from Fluent Emoji (Microsoft, MIT) and Noto Emoji (Google LLC, Apache-2.0), and from photographs whose authors stand in NOTICE.",
]
SAID = {
    "fr": {
        "title": "Traducteur",
        "summary": "Traduit les images : une photographie en peinture à l’huile, en dessin au crayon ou à l’encre, et un dessin au trait en icône.",
        "intended_use": "Essayer la traduction d’image à image : ses propres photographies et dessins dans un autre domaine. Pas pour faire passer une image pour l’œuvre de quelqu’un : la peinture, le crayon et l’encre sont ceux de programmes.",
        "limits": [
            "La peinture, le crayon et l’encre sont ceux de trois programmes : touches et hachures ont une taille en pixels qui convient aux images dont le petit côté mesure 200 à 500.",
            "Chaque trait d’un dessin devrait avoir la couleur de ce qu’il entoure : aucune autre n’apparaît, et un dessin noir devient une icône grise.",
            "Les dessins au trait réussissent le mieux de 64 à 128 pixels, sur fond blanc ; au-delà de 360, ils sont découpés en tuiles qui peuvent être remplies différemment.",
            "Coloriser des photographies grises et donner du relief à des icônes plates ont été essayés, puis laissés de côté : le résultat restait gris, et plat.",
            "Les touches se répètent tous les 128 pixels, ce qui peut se voir dans un grand ciel uni.",
        ],
    },
    "vi": {
        "title": "Người chuyển ảnh",
        "summary": "Chuyển ảnh sang miền khác: ảnh chụp thành tranh sơn dầu, hình vẽ bút chì hoặc vẽ mực, và nét vẽ thành biểu tượng.",
        "intended_use": "Thử chuyển đổi ảnh sang ảnh: ảnh chụp và hình vẽ của riêng bạn trong một miền khác. Không dùng để giả làm tác phẩm của ai: sơn dầu, bút chì và mực là của chương trình.",
        "limits": [
            "Sơn dầu, bút chì và mực là của ba chương trình: nét cọ và nét gạch có kích thước điểm ảnh hợp với hình có cạnh ngắn 200 đến 500.",
            "Mỗi nét vẽ nên có màu của phần bên trong nó: không màu nào khác xuất hiện, nên hình vẽ đen thành biểu tượng xám.",
            "Nét vẽ cho kết quả tốt nhất ở 64 đến 128 điểm ảnh, trên nền trắng; hình lớn hơn 360 bị cắt thành ô có thể được tô khác nhau.",
            "Tô màu ảnh xám và làm nổi khối biểu tượng phẳng đã được thử rồi bỏ ra: kết quả vẫn xám và phẳng.",
            "Các nét cọ lặp lại sau mỗi 128 điểm ảnh, có thể thấy được trên bầu trời rộng và phẳng.",
        ],
    },
}

# What the card says besides, where # stands for a number: English, French, Vietnamese.
CASES = {
    "oil": ("huile", "sơn dầu"),
    "pencil": ("crayon", "bút chì"),
    "ink": ("encre", "mực"),
    PENS: ("icône, tracée avec des feutres de couleur", "biểu tượng, vẽ bằng bút màu"),
    BLACK: ("icône, tracée avec un feutre noir", "biểu tượng, vẽ bằng bút đen"),
}
SENTENCES = [
    (
        "# photographs, and what the programs of training/translator_programs.py paint and draw of them",
        "# photographies, et ce que les programmes de training/translator_programs.py en peignent et dessinent",
        "# ảnh chụp, và những gì các chương trình của training/translator_programs.py vẽ từ đó",
    ),
    (
        "public domain, CC0-1.0 and CC-BY; the authors of the last stand in NOTICE",
        "domaine public, CC0-1.0 et CC-BY ; les auteurs de ces dernières figurent dans NOTICE",
        "phạm vi công cộng, CC0-1.0 và CC-BY; tác giả của loại sau có tên trong NOTICE",
    ),
    (
        "Thirty more are held out. Enough for brushwork, not for photographs as a domain.",
        "Trente de plus sont mises de côté. Assez pour des touches, pas pour les photographies comme domaine.",
        "Thêm ba mươi ảnh để riêng. Đủ cho nét cọ, chưa đủ cho ảnh chụp nói chung.",
    ),
    (
        "# concepts as icons of two styles, drawn at #×# from vectors, and their outlines",
        "# notions en icônes de deux styles, dessinées en #×# d’après des vecteurs, et leurs contours",
        "# khái niệm dưới dạng biểu tượng của hai phong cách, vẽ ở cỡ #×# từ hình véc-tơ, và đường viền của chúng",
    ),
    (
        "# more concepts are held out. Skin tones, flags and trades are left out.",
        "# autres notions sont mises de côté. Teintes de peau, drapeaux et métiers sont omis.",
        "Thêm # khái niệm để riêng. Bỏ qua màu da, cờ và nghề nghiệp.",
    ),
    *(
        (
            f"{case}, # held-out pictures: mean difference from what is wanted (# if nothing is done)",
            f"{fr}, # images mises de côté : écart moyen à ce qui est voulu (# si rien n’est fait)",
            f"{vi}, # hình để riêng: chênh lệch trung bình so với điều mong muốn (# nếu không làm gì)",
        )
        for case, (fr, vi) in CASES.items()
    ),
    *(
        (
            f"{case}: taken for {case.split(',')[0]} by a separate judge (# of what is wanted)",
            f"{fr} : reconnu par un juge à part (# de ce qui est voulu)",
            f"{vi}: được một giám khảo riêng nhận ra (# với điều mong muốn)",
        )
        for case, (fr, vi) in CASES.items()
    ),
    *(
        (f"{case}: nearest of # names", f"{fr} : le plus proche de # noms", f"{vi}: gần nhất trong # tên")
        for case, (fr, vi) in [*CASES.items(), ("the icons themselves", ("les icônes mêmes", "chính các biểu tượng"))]
    ),
    ("what lies more than # px away changes a value by, at most", "ce qui est à plus de # px change une valeur d’au plus", "điều cách xa hơn # điểm ảnh làm một giá trị đổi nhiều nhất"),
    ("#×#, one thread's time", "#×#, temps d’un fil", "#×#, thời gian của một luồng"),
    ("of #", "sur #", "trên #"),
    (
        ATTRIBUTION[0],
        "Contient ce qui a été appris de Fluent Emoji (Microsoft, MIT) et de Noto Emoji (Google LLC, Apache-2.0), et de photographies dont les auteurs figurent dans NOTICE.",
        "Chứa những gì học từ Fluent Emoji (Microsoft, MIT) và Noto Emoji (Google LLC, Apache-2.0), và từ ảnh chụp mà tác giả có tên trong NOTICE.",
    ),
]
for place, language in enumerate(("fr", "vi"), 1):
    SAID[language]["sentences"] = [{"en": said[0], "says": said[place]} for said in SENTENCES]


def write_card(folder: Path, found: Found) -> None:
    labels = [{"name": name, "en": en, "fr": fr, "vi": vi} for name, (en, fr, vi) in WORDS.items()]
    about = card.measured(sys.modules[__name__], found)
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
