"""The named styles in English, French and Vietnamese, each with the words that a prompt may use for it."""

WORDS = {
    "oil": (["oil painting", "oil"], ["peinture à l'huile", "huile"], ["tranh sơn dầu", "sơn dầu"]),
    "swirl": (["swirls", "starry swirls"], ["tourbillons", "volutes"], ["nét xoáy", "xoáy"]),
    "mosaic": (["mosaic"], ["mosaïque", "à la mosaïque"], ["tranh khảm", "khảm"]),
    "stained-glass": (["stained glass"], ["vitrail"], ["tranh kính màu", "kính màu"]),
    "halftone": (["halftone", "newsprint"], ["trame d'imprimerie", "trame"], ["chấm in báo", "in báo"]),
    "watercolour": (["watercolour", "watercolor"], ["aquarelle"], ["màu nước", "phong cách màu nước"]),
    "pencil": (["pencil drawing", "pencil"], ["dessin au crayon", "crayon"], ["vẽ bút chì", "bút chì"]),
    "ukiyo-e": (["ukiyo-e", "Japanese woodblock print"], ["estampe japonaise", "ukiyo-e"], ["tranh khắc gỗ Nhật", "ukiyo-e"]),
    "pointillism": (["pointillism", "dots of paint"], ["pointillisme"], ["tranh chấm màu", "điểm họa"]),
    "woodcut": (["woodcut", "engraving"], ["gravure sur bois", "gravure"], ["tranh khắc gỗ", "khắc gỗ"]),
    "charcoal": (["charcoal"], ["fusain"], ["than chì", "vẽ than"]),
    "crosshatch": (["crosshatching", "ink hatching"], ["hachures à l'encre", "hachures"], ["nét gạch chéo", "gạch chéo"]),
    "pixel-art": (["pixel art"], ["pixel art", "pixels"], ["tranh điểm ảnh", "pixel"]),
    "pop-art": (["pop art"], ["pop art"], ["nghệ thuật đại chúng", "pop art"]),
    "pastel": (["pastel", "chalk"], ["pastel", "craie"], ["phấn màu", "phấn tiên"]),
    "comic": (["comic", "cartoon"], ["bande dessinée", "BD"], ["truyện tranh"]),
    "blueprint": (["blueprint"], ["plan bleu", "bleu d'architecte"], ["bản vẽ xanh", "bản thiết kế"]),
}
