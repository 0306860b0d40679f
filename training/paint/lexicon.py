"""Words around a noun, in English, French and Vietnamese: what CLDR's names of emoji lack.

`{}` is where the noun goes. French adjectives have a masculine and a feminine form; which one a noun takes isn't
in CLDR, so captions are drawn with either.
"""

LANGUAGES = ("en", "fr", "vi")

# English; French, masculine and feminine; Vietnamese; hue in degrees (None: no hue), saturation and value factors.
COLOURS = {
    "red": (("red",), ("rouge", "rouge"), ("đỏ", "màu đỏ"), 0),
    "orange": (("orange",), ("orange", "orange"), ("cam", "màu cam"), 28),
    "yellow": (("yellow",), ("jaune", "jaune"), ("vàng", "màu vàng"), 50),
    "green": (("green",), ("vert", "verte"), ("xanh lá", "màu xanh lá cây"), 120),
    "blue": (("blue",), ("bleu", "bleue"), ("xanh dương", "màu xanh da trời"), 215),
    "purple": (("purple", "violet"), ("violet", "violette"), ("tím", "màu tím"), 275),
    "pink": (("pink",), ("rose", "rose"), ("hồng", "màu hồng"), 335),
    "brown": (("brown",), ("marron", "brune"), ("nâu", "màu nâu"), 25),
    "black": (("black",), ("noir", "noire"), ("đen", "màu đen"), None),
    "white": (("white",), ("blanc", "blanche"), ("trắng", "màu trắng"), None),
    "grey": (("grey", "gray"), ("gris", "grise"), ("xám", "màu xám"), None),
}

COUNTS = {
    2: ("two {}s", "deux {}s", "hai {}"),
    3: ("three {}s", "trois {}s", "ba {}"),
    4: ("four {}s", "quatre {}s", "bốn {}"),
}

PAIRS = ("{} and {}", "{} et {}", "{} và {}")

STYLES = {
    "flat": (
        ("flat style", "flat design", "flat"),
        ("style plat", "dessin à plat", "style flat"),
        ("phong cách phẳng", "kiểu phẳng", "thiết kế phẳng"),
    ),
    "soft": (
        ("shaded style", "soft style", "noto style"),
        ("style ombré", "style doux", "style noto"),
        ("phong cách mềm mại", "kiểu đổ bóng", "phong cách noto"),
    ),
}

FRAMES = (
    ("{}", "a {}", "the {}", "an emoji of a {}", "a picture of a {}", "a drawing of a {}", "{} icon", "one {}", "draw a {}"),
    ("{}", "un {}", "une {}", "le {}", "la {}", "un emoji de {}", "une image de {}", "un dessin de {}", "dessine un {}"),
    ("{}", "con {}", "cái {}", "một {}", "một con {}", "một cái {}", "hình {}", "bức tranh {}", "vẽ {}", "quả {}", "chiếc {}"),
)

SCENES = {
    "night": (
        ("{} under the moon", "{} sous la lune", "{} dưới mặt trăng"),
        ("{} in the moonlight", "{} au clair de lune", "{} dưới ánh trăng"),
        ("{} at night", "{} la nuit", "{} vào ban đêm"),
        ("{} in the night", "{} dans la nuit", "{} trong đêm"),
    ),
    "rain": (
        ("{} in the rain", "{} sous la pluie", "{} trong mưa"),
        ("{} when it rains", "{} quand il pleut", "{} dưới mưa"),
    ),
    "snow": (
        ("{} in the snow", "{} dans la neige", "{} trong tuyết"),
        ("{} when it snows", "{} quand il neige", "{} dưới tuyết"),
    ),
}

# What a small picture can't show, or seldom does: the noun must survive it.
MODIFIERS = (
    ("small {}", "petit {}", "{} nhỏ"),
    ("little {}", "petite {}", "{} bé"),
    ("big {}", "grand {}", "{} to"),
    ("large {}", "grosse {}", "{} lớn"),
    ("cute {}", "{} mignon", "{} dễ thương"),
    ("beautiful {}", "beau {}", "{} đẹp"),
    ("old {}", "vieux {}", "{} cũ"),
    ("new {}", "nouveau {}", "{} mới"),
    ("young {}", "jeune {}", "{} non"),
    ("happy {}", "{} heureux", "{} vui vẻ"),
    ("smiling {}", "{} souriant", "{} mỉm cười"),
    ("smiling {}", "{} qui sourit", "{} đang cười"),
    ("sad {}", "{} triste", "{} buồn"),
    ("angry {}", "{} en colère", "{} giận dữ"),
    ("sleeping {}", "{} qui dort", "{} đang ngủ"),
    ("fresh {}", "{} frais", "{} tươi"),
    ("delicious {}", "délicieux {}", "{} ngon"),
    ("shiny {}", "{} brillant", "{} sáng bóng"),
    ("simple {}", "{} simple", "{} đơn giản"),
    ("funny {}", "drôle de {}", "{} vui nhộn"),
    ("{} in the sun", "{} au soleil", "{} dưới ánh mặt trời"),
    ("{} in the morning", "{} le matin", "{} vào buổi sáng"),
    ("{} on the beach", "{} sur la plage", "{} trên bãi biển"),
    ("{} in the forest", "{} dans la forêt", "{} trong rừng"),
    ("{} in the sea", "{} dans la mer", "{} ở biển"),
    ("{} in the sky", "{} dans le ciel", "{} trên bầu trời"),
    ("{} in the garden", "{} dans le jardin", "{} trong vườn"),
    ("{} on the table", "{} sur la table", "{} trên bàn"),
    ("{} in the city", "{} dans la ville", "{} trong thành phố"),
    ("{} with white paws", "{} aux pattes blanches", "{} có bàn chân trắng"),
    ("{} with black paws", "{} aux pattes noires", "{} có chân đen"),
    ("{} with white ears", "{} aux oreilles blanches", "{} có tai trắng"),
    ("{} with big eyes", "{} aux grands yeux", "{} có đôi mắt to"),
    ("{} with blue eyes", "{} aux yeux bleus", "{} mắt xanh"),
    ("{} with a long tail", "{} à longue queue", "{} có đuôi dài"),
    ("{} with a smile", "{} avec un sourire", "{} với nụ cười"),
    ("{} with a green leaf", "{} avec une feuille verte", "{} có lá xanh"),
    ("{} with stars", "{} avec des étoiles", "{} với những ngôi sao"),
    ("{} with hearts", "{} avec des cœurs", "{} với những trái tim"),
    ("{} on a white background", "{} sur fond blanc", "{} trên nền trắng"),
    ("{} for children", "{} pour enfants", "{} cho trẻ em"),
    ("my {}", "mon {}", "{} của tôi"),
    ("many {}", "beaucoup de {}", "nhiều {}"),
)

# Paws of another colour, for animals that stand with their feet at the picture's foot.
PAWS = {
    "white": (("{} with white paws", "{} aux pattes blanches", "{} có bàn chân trắng"), ("{} with white feet", "{} à pattes blanches", "{} chân trắng")),
    "black": (("{} with black paws", "{} aux pattes noires", "{} có bàn chân đen"), ("{} with black feet", "{} à pattes noires", "{} có chân đen")),
}
PAWED = set("🐈 🐈‍⬛ 🐕 🦮 🐩 🐏 🐑 🐐 🐪 🐫 🦙 🦒 🐘 🦏 🦛 🐃 🐂 🐄 🐅 🐆 🦓 🦌 🐇 🐿 🦔 🦡 🦬 🦣 🦍".split())

# Words of everyday speech for what CLDR names otherwise: concept's emoji -> words in the three languages.
SYNONYMS = {
    "🐱": (("kitty", "kitten face", "kitten"), ("chaton", "minou", "minet"), ("mèo con", "con mèo con", "mặt con mèo")),
    "🐈": (("pussycat", "house cat"), ("chat domestique", "minet"), ("con mèo", "mèo nhà")),
    "🐈‍⬛": (("black kitty", "a black cat"), ("chaton noir", "un chat noir", "minou noir"), ("con mèo đen", "mèo mun")),
    "🐶": (("puppy", "doggy", "pup"), ("chiot", "toutou"), ("chó con", "cún con", "cún")),
    "🐕": (("hound", "pooch"), ("chien", "toutou"), ("con chó", "chú chó")),
    "🐰": (("bunny",), ("petit lapin", "lapinou"), ("thỏ con",)),
    "🐴": (("pony",), ("poney",), ("ngựa con",)),
    "🐷": (("piggy", "piglet"), ("cochonnet", "porcelet"), ("heo", "lợn con", "con heo")),
    "🐮": (("cow",), ("vache",), ("con bò", "bò sữa")),
    "🐔": (("hen", "chicken"), ("poule",), ("con gà", "gà mái")),
    "🐦": (("little bird",), ("oiseau", "petit oiseau"), ("con chim", "chim")),
    "🐟": (("fish",), ("poisson",), ("con cá", "cá")),
    "🌳": (("tree", "oak"), ("arbre", "chêne"), ("cây", "cái cây", "cây xanh")),
    "🌸": (("flower", "pink flower"), ("fleur", "fleur rose"), ("bông hoa", "hoa", "hoa đào")),
    "🌹": (("red rose",), ("rose rouge",), ("hoa hồng đỏ",)),
    "🌞": (("smiling sun", "happy sun"), ("soleil souriant", "soleil qui sourit"), ("mặt trời mỉm cười", "mặt trời cười")),
    "☀": (("bright sun",), ("soleil",), ("mặt trời", "ông mặt trời")),
    "🌙": (("moon",), ("lune", "croissant de lune"), ("mặt trăng", "trăng khuyết")),
    "🏠": (("home", "little house"), ("maison", "petite maison"), ("ngôi nhà", "căn nhà", "nhà")),
    "🚗": (("car", "red car"), ("voiture", "auto"), ("xe hơi", "ô tô", "xe ô tô")),
    "🚲": (("bike",), ("bicyclette", "vélo"), ("xe đạp",)),
    "🛵": (("scooter", "moped"), ("scooter", "mobylette"), ("xe máy", "xe tay ga")),
    "✈": (("plane", "aeroplane"), ("avion",), ("máy bay",)),
    "⛵": (("boat", "sailing boat"), ("bateau", "voilier"), ("thuyền", "con thuyền", "thuyền buồm")),
    "🍎": (("apple", "a red apple"), ("pomme", "une pomme rouge"), ("quả táo đỏ", "quả táo", "trái táo")),
    "🍊": (("orange", "orange fruit"), ("orange", "mandarine"), ("quả cam", "trái cam")),
    "🍌": (("banana",), ("banane",), ("quả chuối", "chuối")),
    "🍉": (("watermelon slice",), ("pastèque",), ("dưa hấu",)),
    "🍰": (("piece of cake", "cake"), ("gâteau", "part de gâteau"), ("bánh ngọt", "bánh kem")),
    "🍜": (("noodle soup", "pho", "ramen"), ("soupe de nouilles", "pho"), ("phở", "tô phở", "bát phở")),
    "☕": (("cup of coffee", "coffee"), ("café", "tasse de café"), ("cà phê", "tách cà phê")),
    "⚽": (("football", "soccer"), ("ballon de foot", "ballon de football"), ("quả bóng đá", "bóng đá")),
    "❤": (("heart", "red heart"), ("cœur", "coeur rouge"), ("trái tim", "trái tim đỏ")),
    "⭐": (("star", "yellow star"), ("étoile", "étoile jaune"), ("ngôi sao", "ngôi sao vàng")),
    "📖": (("book", "open book"), ("livre", "livre ouvert"), ("quyển sách", "cuốn sách", "sách")),
    "⏰": (("alarm clock", "clock"), ("réveil", "horloge"), ("đồng hồ báo thức", "đồng hồ")),
    "😀": (("smiley", "happy face"), ("visage souriant", "bonhomme souriant"), ("mặt cười", "khuôn mặt vui vẻ")),
    "😢": (("sad face",), ("visage triste",), ("mặt buồn",)),
    "👻": (("spook",), ("fantôme",), ("con ma", "ma")),
    "🤖": (("robot",), ("robot",), ("người máy", "rô bốt")),
    "🚀": (("space rocket",), ("fusée",), ("tên lửa",)),
    "🍕": (("slice of pizza", "pizza slice"), ("part de pizza", "pizza"), ("bánh pizza", "miếng pizza")),
    "🎂": (("birthday cake",), ("gâteau d’anniversaire",), ("bánh sinh nhật",)),
    "🎁": (("present", "gift"), ("cadeau",), ("món quà", "hộp quà")),
    "🐘": (("elephant",), ("éléphant",), ("con voi", "voi")),
    "🦋": (("butterfly",), ("papillon",), ("con bướm", "bươm bướm")),
    "🐸": (("frog",), ("grenouille",), ("con ếch", "ếch")),
    "🐼": (("panda",), ("panda",), ("gấu trúc",)),
    "🐯": (("tiger",), ("tigre",), ("con hổ", "hổ")),
    "🦁": (("lion",), ("lion",), ("sư tử",)),
    "🐻": (("bear", "teddy"), ("ours", "ourson"), ("con gấu", "gấu")),
    "👦": (("boy",), ("garçon",), ("cậu bé", "con trai")),
    "👧": (("girl",), ("fille", "fillette"), ("cô bé", "con gái")),
}

# What no emoji shows: prompts that ought to be answered with a warning.
ELSEWHERE = (
    "quantum blockchain", "existentialism", "a theorem about prime numbers", "interest rates in 1987", "the second movement",
    "jurisprudence", "an impressionist landscape by Monet", "my tax declaration", "polymorphism in object-oriented languages", "a baroque cathedral's floor plan",
    "la dérivée d’une fonction", "le droit des sociétés", "une théorie de la connaissance", "le taux de chômage", "un tableau de Vermeer",
    "la grammaire latine", "les accords de libre-échange", "une équation différentielle", "le surréalisme", "la photosynthèse",
    "chủ nghĩa hiện sinh", "phương trình vi phân", "luật doanh nghiệp", "tỷ lệ lạm phát", "triết học Hy Lạp",
    "cơ học lượng tử", "thuế thu nhập cá nhân", "một định lý toán học", "lập trình hướng đối tượng", "hiệp định thương mại",
)  # fmt: skip
