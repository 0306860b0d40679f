"""The axes of an avatar, and the words by which a prompt chooses: English, French, Vietnamese.

No picture has a label for woman, man, girl or boy, and none follows from hair. Such words would be left over, but
half of the faces asked for as a girl's would wear a beard: so words for girls and women ask for none, and no more.
"""

# (axis, [(label, en, fr, vi)]): the order of the labels is that of avatars.mjs.
AXES = [
    (
        "style",
        [
            ("pixel-art", ["pixel art", "pixelated", "pixels", "8-bit"], ["pixel art", "pixellisé", "pixels"], ["pixel", "nghệ thuật pixel"]),
            ("lorelei", ["lorelei", "line art", "soft drawing"], ["lorelei", "dessin doux", "au trait"], ["lorelei", "nét vẽ mảnh"]),
            ("open-peeps", ["open peeps", "peeps", "comic", "cartoon"], ["open peeps", "bande dessinée", "dessin animé"], ["open peeps", "truyện tranh", "hoạt hình"]),
        ],
    ),
    (
        "hair",
        [
            ("black", ["black hair", "black-haired", "dark hair"], ["cheveux noirs", "noirs"], ["tóc đen", "tóc màu đen", "màu đen"]),
            ("brown", ["brown hair", "brunette", "chestnut hair"], ["cheveux bruns", "cheveux châtains", "brun", "brune"], ["tóc nâu", "tóc màu nâu", "màu nâu"]),
            ("blond", ["blond hair", "blonde hair", "blonde", "blond", "fair hair"], ["cheveux blonds", "blond", "blonde"], ["tóc vàng", "tóc màu vàng", "màu vàng"]),
            ("red", ["red hair", "ginger", "redhead", "red-haired"], ["cheveux roux", "cheveux rouges", "roux", "rousse"], ["tóc đỏ", "tóc hung", "tóc màu đỏ", "màu đỏ"]),
            ("pink", ["pink hair", "pink-haired"], ["cheveux roses", "roses"], ["tóc hồng", "tóc màu hồng", "màu hồng"]),
            ("blue", ["blue hair", "blue-haired"], ["cheveux bleus", "bleus"], ["tóc xanh", "tóc xanh dương", "tóc màu xanh", "màu xanh"]),
        ],
    ),
    (
        "length",
        [
            ("short", ["short hair", "short-haired"], ["cheveux courts", "courts"], ["tóc ngắn", "ngắn"]),
            ("long", ["long hair", "long-haired"], ["cheveux longs", "longs"], ["tóc dài", "dài"]),
        ],
    ),
    (
        "skin",
        [
            ("light", ["light skin", "pale", "fair skin"], ["peau claire"], ["da sáng", "da trắng"]),
            ("medium", ["medium skin", "tan", "tanned", "olive skin"], ["peau mate", "bronzé", "bronzée"], ["da ngăm", "da nâu"]),
            ("dark", ["dark skin", "dark-skinned"], ["peau foncée", "peau noire"], ["da đen", "da sẫm"]),
        ],
    ),
    (
        "mood",
        [
            ("happy", ["happy", "smile", "smiling", "cheerful"], ["heureux", "heureuse", "souriant", "souriante", "sourire", "content"], ["vui", "vui vẻ", "cười", "mỉm cười"]),
            ("sad", ["sad", "unhappy", "frowning", "gloomy"], ["triste", "malheureux", "malheureuse"], ["buồn", "buồn bã"]),
        ],
    ),
    (
        "glasses",
        [
            ("no", ["no glasses", "without glasses"], ["sans lunettes"], ["không đeo kính", "không kính"]),
            ("yes", ["glasses", "spectacles"], ["lunettes"], ["kính", "đeo kính", "mắt kính"]),
        ],
    ),
    (
        "beard",
        [
            ("no", ["no beard", "beardless", "clean-shaven", "girl", "woman", "lady"], ["sans barbe", "imberbe", "fille", "femme", "dame"], ["không râu", "không có râu", "cô gái", "phụ nữ", "con gái"]),
            ("yes", ["beard", "bearded"], ["barbe", "barbu", "barbue"], ["râu", "có râu"]),
        ],
    ),
]  # fmt: skip

SIZES = [len(labels) for _, labels in AXES]
NAMES = [name for name, _ in AXES]
