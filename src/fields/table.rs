//! Every field that a request may have, in the order in which people reach for them.
//!
//! One entry here makes the member of [`Draft`], so that there is no field without a description;
//! and from the description follow the checks, `GET /models/{id}`, the OpenAPI document and
//! `atelier generate --help`. A family says which of them it takes, and narrows what a model of it
//! can't honour.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use super::field::Field;
use super::member::Member;
use super::parameter::{Parameter, ParameterKind as Kind};
use super::parts::{LONGEST_TEXT, columns, mix_parts, restyle_parts, upscale_parts, walk_parts};
use super::text::Text;
use super::values::{ClassChoice, Grid, MixTerm, RestyleChoice, StyleChoice, UpscaleChoice, Walk};
use crate::imaging::{FileFormat, Timing};
use crate::models::Label;

/// The most latents of a mix.
const MOST_TERMS: u32 = 64;

/// Declares fields. Each is a static, a member of [`Draft`], and a row of [`fields`].
macro_rules! fields {
    ($(
        $name:ident $member:ident: $type:ty = $wire:literal $kind:ident
        ($($label:literal),*) ($en:literal, $fr:literal, $vi:literal)
        $narrowed:expr;
    )*) => {
        $(
            #[doc = concat!("The field `", $wire, "`.")]
            pub static $name: LazyLock<Field> = LazyLock::new(|| {
                let label = Text::new($($label),*);
                let parameter = Parameter::new($wire, Kind::$kind, label, Text::new($en, $fr, $vi));
                let narrowed: fn(Parameter) -> Parameter = $narrowed;
                Field {
                    parameter: narrowed(parameter),
                    form: <$type as Member>::FORM,
                    read: |draft| draft.$member.as_ref().map(|member| member.value()),
                    write: |draft, given| draft.$member = <$type as Member>::of(given),
                }
            });
        )*

        /// A request for images, before anything of it has been checked. What is absent takes the
        /// model's default.
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct Draft {
            $(#[doc = $en] pub $member: Option<$type>,)*
        }

        /// All fields, in the order of the table.
        pub fn fields() -> impl Iterator<Item = &'static Field> {
            [$(&$name),*].into_iter().map(|field| &**field)
        }

        /// The names of all fields in the native dialect, in the same order.
        pub fn field_names() -> &'static [&'static str] {
            &[$($wire),*]
        }
    };
}

fields! {
    MODEL model: String = "model" String
        ("Model", "Modèle", "Mô hình")
        ("The model's id; the server's default model when it is left out.",
         "L’identifiant du modèle ; à défaut, le modèle par défaut du serveur.",
         "Mã của mô hình; nếu bỏ trống thì dùng mô hình mặc định của máy chủ.")
        |field| field.within_bytes(256);
    PROMPT prompt: String = "prompt" String
        ("Prompt", "Consigne", "Lời nhắc")
        ("What to paint.", "Ce qu’il faut peindre.", "Điều cần vẽ.")
        |field| field.within_bytes(LONGEST_TEXT);
    NEGATIVE_PROMPT negative_prompt: String = "negative_prompt" String
        ("Negative prompt", "Consigne négative", "Cần tránh")
        ("What to avoid; needs a guidance above 1.",
         "Ce qu’il faut éviter ; demande un guidage au-dessus de 1.",
         "Điều cần tránh; cần độ bám lớn hơn 1.")
        |field| field.within_bytes(LONGEST_TEXT);
    CLASS class: ClassChoice = "class" String
        ("Class", "Classe", "Lớp")
        ("The label, by name or index. If left out it follows the seed: label number (seed modulo \
          the number of labels).",
         "L’étiquette. Si elle manque, elle suit la graine : numéro (graine modulo le nombre \
          d’étiquettes).",
         "Nhãn cần vẽ. Nếu bỏ trống, nhãn theo hạt giống: số thứ tự là hạt giống chia lấy dư cho số \
          nhãn.")
        |field| field;
    IMAGE image: Vec<u8> = "image" Image
        ("Image", "Image", "Ảnh")
        ("An image file (PNG, JPEG or WebP).", "Un fichier d’image (PNG, JPEG ou WebP).",
         "Một tệp ảnh (PNG, JPEG hoặc WebP).")
        |field| field.without(["latents", "interpolate"]);
    MASK mask: Vec<u8> = "mask" Mask
        ("Mask", "Masque", "Mặt nạ")
        ("White where image is painted anew.", "Blanc là où l’image est repeinte.",
         "Trắng ở chỗ ảnh được vẽ lại.")
        |field| field.beside("image");
    STYLE style: StyleChoice = "style" String
        ("Style", "Style", "Phong cách")
        ("The manner to paint in: a name, or weights by name such as {\"oil\": 0.7, \"mosaic\": 0.3}.",
         "La manière de peindre : un nom, ou des poids par nom, comme {\"oil\": 0.7, \"mosaic\": 0.3}.",
         "Cách vẽ: một tên, hoặc các trọng số theo tên, như {\"oil\": 0.7, \"mosaic\": 0.3}.")
        |field| field.without(["prompt", "style_image"]).within_bytes(256);
    STYLE_IMAGE style_image: Vec<u8> = "style_image" Image
        ("Style image", "Image du style", "Ảnh phong cách")
        ("An image in the manner of which to paint.", "Une image dont on prend la manière.",
         "Một bức ảnh để vẽ theo phong cách của nó.")
        |field| field.without(["prompt"]);
    SCALE scale: u64 = "scale" Integer
        ("Scale", "Échelle", "Tỉ lệ")
        ("How many times larger each side becomes.", "Combien de fois chaque côté grandit.",
         "Mỗi cạnh to lên gấp mấy lần.")
        |field| field.from(1).to(64);
    STRENGTH strength: f32 = "strength" Number
        ("Strength", "Force", "Mức vẽ lại")
        ("How much of image is painted anew; 1 keeps nothing of it.",
         "La part de l’image qui est repeinte ; 1 n’en garde rien.",
         "Phần ảnh được vẽ lại; 1 là không giữ gì.")
        |field| field.from(0).to(1).beside("image");
    KEEP_ROWS keep_rows: u64 = "keep_rows" Integer
        ("Rows to keep", "Lignes gardées", "Số hàng giữ lại")
        ("How many rows of image are kept; all of them when it is an upper part.",
         "Combien de lignes de l’image sont gardées ; toutes si c’est un haut d’image.",
         "Số hàng ảnh được giữ; giữ hết nếu đó là phần trên.")
        |field| field.from(1).beside("image");
    STEPS steps: u64 = "steps" Integer
        ("Steps", "Étapes", "Số bước")
        ("Steps of the scheduler: more is finer, and slower.",
         "Étapes du planificateur : plus il y en a, plus c’est fin, et lent.",
         "Số bước: càng nhiều càng tinh, và càng chậm.")
        |field| field.from(1).to(200).mostly(1.0, 50.0);
    GUIDANCE guidance: f32 = "guidance" Number
        ("Guidance", "Guidage", "Độ bám lời nhắc")
        ("How closely the prompt is followed; up to 1 is not at all.",
         "Combien la consigne est suivie ; jusqu’à 1, pas du tout.",
         "Bám sát lời nhắc đến đâu; đến 1 là không bám.")
        |field| field.from(0).to(100).mostly(1.0, 15.0);
    SCHEDULER scheduler: String = "scheduler" String
        ("Scheduler", "Planificateur", "Bộ lập lịch")
        ("The scheduler; the model's own when it is left out.",
         "Le planificateur ; sinon, celui du modèle.",
         "Bộ lập lịch; nếu bỏ trống thì dùng của mô hình.")
        |field| field;
    WIDTH width: u64 = "width" Integer
        ("Width", "Largeur", "Chiều rộng")
        ("In pixels; only certain multiples, of which the least is the minimum.",
         "En pixels ; seuls certains multiples vont.",
         "Tính bằng điểm ảnh; chỉ nhận một số bội số.")
        |field| field.from(1).to(4096);
    HEIGHT height: u64 = "height" Integer
        ("Height", "Hauteur", "Chiều cao")
        ("In pixels; only certain multiples, of which the least is the minimum.",
         "En pixels ; seuls certains multiples vont.",
         "Tính bằng điểm ảnh; chỉ nhận một số bội số.")
        |field| field.from(1).to(4096);
    TEMPERATURE temperature: f32 = "temperature" Number
        ("Temperature", "Température", "Nhiệt độ")
        ("Divides the logits of each pixel: lower is surer, 0 takes the likeliest.",
         "Divise les logits de chaque pixel : plus bas, plus sûr ; 0 prend le plus probable.",
         "Chia logit của từng điểm ảnh: càng thấp càng chắc tay; 0 lấy giá trị khả dĩ nhất.")
        |field| field.from(0).to(10).mostly(0.0, 2.0);
    SEED seed: u64 = "seed" Integer
        ("Seed", "Graine", "Hạt giống")
        ("Image i is drawn from seed + i; a seed is drawn when there is none.",
         "L’image i naît de la graine + i ; sans graine, une est tirée au sort.",
         "Bức thứ i sinh từ hạt giống + i; nếu không có, một hạt được gieo ngẫu nhiên.")
        |field| field.from(0);
    N n: u64 = "n" Integer
        ("How many", "Combien", "Số lượng")
        ("How many images.", "Combien d’images.", "Số bức tranh.")
        |field| field.from(1).mostly(1.0, 16.0).by_default(1);
    BACKGROUND background: String = "background" String
        ("Background", "Arrière-plan", "Nền")
        ("What lies behind the image: nothing, white, or a colour as #rrggbb.",
         "Ce qui se trouve derrière l’image : rien, du blanc, ou une couleur écrite #rrggbb.",
         "Phía sau bức tranh: để trống, màu trắng, hoặc một màu viết dạng #rrggbb.")
        |field| field.by_default("transparent").of(["transparent", "opaque"]).within_bytes(64)
            .called(vec![
                Label::spelled("transparent", ["transparent", "transparent", "trong suốt"]),
                Label::spelled("opaque", ["white", "blanc", "màu trắng"]),
            ]);
    RESTYLE restyle: RestyleChoice = "restyle" Object
        ("Restyle", "Changer de style", "Đổi phong cách")
        ("In the end a style model paints over each image: a style's name, or which model, style and \
          strength.",
         "À la fin, un modèle de style repeint chaque image : le nom d’un style, ou quel modèle, quel \
          style et quelle force.",
         "Cuối cùng một mô hình phong cách vẽ lại từng bức: tên một phong cách, hoặc mô hình, phong \
          cách và mức độ.")
        |field| field.with(restyle_parts()).advanced();
    UPSCALE upscale: UpscaleChoice = "upscale" Object
        ("Upscale", "Agrandir", "Phóng to")
        ("In the end an upscaler enlarges each image: by how much, or which model and by how much.",
         "À la fin, un agrandisseur agrandit chaque image : de combien, ou quel modèle et de combien.",
         "Cuối cùng một bộ phóng to làm từng bức lớn lên: bao nhiêu lần, hoặc mô hình nào và bao nhiêu \
          lần.")
        |field| field.with(upscale_parts()).advanced();
    EDIT edit: BTreeMap<String, f32> = "edit" Object
        ("Edit", "Retouche", "Chỉnh sửa")
        ("Moves the latent along named directions, wherever it comes from.",
         "Déplace le vecteur le long de directions nommées, d’où qu’il vienne.",
         "Dời véc-tơ theo những hướng có tên, dù nó từ đâu ra.")
        |field| field;
    TRUNCATION truncation: f32 = "truncation" Number
        ("Truncation", "Troncature", "Cắt ngọn")
        ("Latent components beyond ± this are drawn again: lower is more typical, less varied.",
         "Les composantes au-delà de ± cette valeur sont retirées au sort : plus bas, plus typique et \
          moins varié.",
         "Thành phần vượt quá ± giá trị này được gieo lại: càng thấp càng điển hình, càng ít đa dạng.")
        // Below the least, drawing again takes too long; no normal number is beyond the greatest.
        |field| field.from(0.05).to(10).mostly(0.2, 3.0);
    INTERPOLATE interpolate: Walk = "interpolate" Object
        ("Walk", "Chemin", "Đường đi")
        ("A walk between two latents or seeds.", "Un chemin entre deux graines.",
         "Đường đi giữa hai hạt giống.")
        |field| field.with(walk_parts([])).without(["latents"]).advanced();
    LOOP closes: bool = "loop" Boolean
        ("Loop", "Boucle", "Lặp vòng")
        ("The walk goes back to where it started, and an animation of it has no end.",
         "Le chemin revient à son départ, et son animation ne finit pas.",
         "Đường đi quay về chỗ đầu, và hình động của nó chạy mãi.")
        |field| field.by_default(false).beside("interpolate").advanced();
    MIX mix: Vec<MixTerm> = "mix" Array
        ("Mix", "Mélange", "Pha trộn")
        ("A weighted sum of latents to start from.",
         "Une somme pondérée de vecteurs, comme départ.",
         "Tổng có trọng số của các véc-tơ để bắt đầu.")
        |field| field.from(1).to(MOST_TERMS).holding(Kind::Object).with(mix_parts([]))
            .without(["latents", "interpolate", "image"]).advanced();
    NORMALISE_MIX normalise_mix: bool = "normalise_mix" Boolean
        ("Normalise the mix", "Normaliser le mélange", "Chuẩn hóa pha trộn")
        ("Divides the sum by the root of the sum of the squared weights, so that a mix of normal \
          draws is as long as one. If left out, it is done where every part is a seed.",
         "Divise la somme par la racine de la somme des carrés des poids, pour qu’un mélange soit \
          aussi long qu’un seul tirage. Par défaut quand tout vient de graines.",
         "Chia tổng cho căn của tổng bình phương trọng số, để bản pha dài bằng một lần gieo. Mặc định \
          khi mọi phần đều là hạt giống.")
        |field| field.beside("mix").advanced();
    LATENTS latents: Vec<Vec<f32>> = "latents" Array
        ("Start vector", "Vecteur de départ", "Véc-tơ ban đầu")
        ("A latent vector, or a list of them, as plain numbers.", "Un vecteur latent, en nombres.",
         "Một véc-tơ ẩn, viết bằng các con số.")
        |field| field.holding(Kind::Number).advanced();
    GUIDANCE_RESCALE guidance_rescale: f32 = "guidance_rescale" Number
        ("Guidance rescale", "Correction du guidage", "Hiệu chỉnh độ bám")
        ("The share of guidance's excess contrast that is taken back.",
         "La part de contraste excessif du guidage qui est reprise.",
         "Phần tương phản thừa của độ bám được thu lại.")
        |field| field.from(0).to(1).by_default(0).advanced();
    ETA eta: f32 = "eta" Number
        ("Eta", "Êta", "Eta")
        ("With ddim: the noise that each step adds.", "Avec ddim : le bruit qu’ajoute chaque étape.",
         "Với ddim: nhiễu mà mỗi bước thêm vào.")
        |field| field.from(0).to(1).by_default(0).advanced();
    SEEDS seeds: Vec<u64> = "seeds" Array
        ("Seeds", "Graines", "Các hạt giống")
        ("A seed for each image.", "Une graine pour chaque image.", "Một hạt giống cho mỗi bức.")
        |field| field.from(1).holding(Kind::Integer).without(["seed"]).advanced();
    VARIATION_SEED variation_seed: u64 = "variation_seed" Integer
        ("Variation seed", "Graine de variation", "Hạt giống biến thể")
        ("The noise of this seed is mixed into that of seed. All images have one seed then, and \
          image i mixes in this seed + i.",
         "Le bruit de cette graine se mêle à celui de la graine. Toutes les images ont alors une \
          seule graine, et l’image i y mêle cette graine-ci + i.",
         "Nhiễu của hạt giống này được trộn vào nhiễu của hạt giống chính. Khi đó mọi bức dùng chung \
          một hạt giống, và bức thứ i trộn thêm hạt giống này + i.")
        |field| field.from(0).beside("variation_strength")
            .without(["latents", "interpolate", "mix"]).advanced();
    VARIATION_STRENGTH variation_strength: f32 = "variation_strength" Number
        ("Variation strength", "Force de variation", "Mức biến thể")
        ("How far the noise moves towards that of the variation seed: 0 is not at all, 1 is all the way.",
         "De combien le bruit va vers celui de la graine de variation : 0, pas du tout ; 1, jusqu’au bout.",
         "Nhiễu dời về phía nhiễu của hạt giống biến thể bao xa: 0 là không dời, 1 là đến nơi.")
        |field| field.from(0).to(1).beside("variation_seed").advanced();
    NOISE_WIDTH noise_width: u64 = "noise_width" Integer
        ("Width of the noise", "Largeur du bruit", "Chiều rộng của nhiễu")
        ("In pixels: the seed's noise is that of an image of this size, laid on the middle of this one's, \
          so that images of other sizes are alike.",
         "En pixels : le bruit de la graine est celui d’une image de cette taille, posé au milieu, pour \
          que des images d’autres tailles se ressemblent.",
         "Tính bằng điểm ảnh: nhiễu của hạt giống là nhiễu của bức cỡ này, đặt vào giữa, để các bức \
          khác cỡ trông giống nhau.")
        |field| field.from(1).to(4096).beside("noise_height")
            .without(["latents", "interpolate"]).advanced();
    NOISE_HEIGHT noise_height: u64 = "noise_height" Integer
        ("Height of the noise", "Hauteur du bruit", "Chiều cao của nhiễu")
        ("In pixels, beside the width of the noise.", "En pixels, avec la largeur du bruit.",
         "Tính bằng điểm ảnh, đi cùng chiều rộng của nhiễu.")
        |field| field.from(1).to(4096).beside("noise_width").advanced();
    FORMAT format: FileFormat = "format" String
        ("Format", "Format", "Định dạng")
        ("The format of the files. The last two put all images into one animation, and gif those of a walk.",
         "Le format des fichiers. Les deux derniers réunissent toutes les images en une animation, et gif celles d’un chemin.",
         "Định dạng của tệp. Hai loại cuối gộp mọi bức tranh thành một hình động, còn gif thì gộp các bức của một đường đi.")
        |field| field.by_default("png").advanced().only(
            FileFormat::ALL.into_iter().chain([FileFormat::Gif]).chain(FileFormat::ANIMATED)
                .map(FileFormat::name));
    QUALITY quality: u64 = "quality" Integer
        ("Quality", "Qualité", "Chất lượng")
        ("For the format jpeg: higher is truer, and larger.",
         "Pour le format jpeg : plus haut, plus fidèle, et plus lourd.",
         "Cho định dạng jpeg: càng cao càng trung thực, và càng nặng.")
        |field| field.from(1).to(100).advanced();
    FRAME_MS frame: Duration = "frame_ms" Integer
        ("Frame, in ms", "Durée d’image, en ms", "Thời gian mỗi hình, ms")
        ("Milliseconds that an animation shows each image.",
         "Millisecondes pendant lesquelles une animation montre chaque image.",
         "Số mili giây hình động hiện mỗi bức.")
        // Browsers slow down what is faster.
        |field| field.from(20).to(10_000).mostly(40.0, 500.0)
            .by_default(Timing::default().frame_ms).advanced();
    GRID grid: Grid = "grid" Object
        ("Contact sheet", "Planche", "Bảng tranh")
        ("Puts all images on one sheet; true is as square as it goes.",
         "Réunit toutes les images sur une planche.", "Xếp mọi bức tranh lên một tờ.")
        |field| field.with([columns()]).advanced();
    DEADLINE_MS deadline: Duration = "deadline_ms" Integer
        ("Deadline, in ms", "Délai, en ms", "Hạn chót, ms")
        ("Milliseconds after which the answer is of no more use.",
         "Millisecondes après lesquelles la réponse ne sert plus.",
         "Số mili giây mà sau đó câu trả lời không còn ích gì.")
        |field| field.from(1).advanced();
    PREVIEW_EVERY preview_every: u64 = "preview_every" Integer
        ("Preview every", "Aperçu toutes les", "Xem trước mỗi")
        ("In an event stream: show the unfinished image after each so many steps (rows of a family \
          that paints pixel by pixel).",
         "Dans un flux d’événements : montrer l’image inachevée après tant d’étapes (de lignes, si le \
          modèle peint pixel par pixel).",
         "Trong luồng sự kiện: hiện bức tranh dở dang sau mỗi chừng này bước (hàng, nếu mô hình vẽ \
          từng điểm ảnh).")
        |field| field.from(1).mostly(1.0, 10.0).advanced();
    BEST_OF best_of: u64 = "best_of" Integer
        ("Best of", "Meilleures parmi", "Chọn từ")
        ("Paints this many and answers with the n that the discriminator scores highest.",
         "En peint autant et garde celles que le discriminateur note le mieux.",
         "Vẽ chừng này bức và giữ lại những bức được bộ phân biệt chấm cao nhất.")
        |field| field.from(1).to(256).mostly(1.0, 32.0)
            .without(["latents", "interpolate", "seeds", "mix", "image"]).advanced();
    INCLUDE_PROMPT keep_prompt: bool = "include_prompt" Boolean
        ("Include the prompt", "Inclure la consigne", "Kèm lời nhắc")
        ("Writes the prompt into the files, beside the model, its digest and the seed, which are \
          always there.",
         "Écrit la consigne dans les fichiers, à côté du modèle, de son empreinte et de la graine, qui \
          y sont toujours.",
         "Ghi lời nhắc vào tệp, bên cạnh mô hình, mã băm và hạt giống, vốn luôn có ở đó.")
        |field| field.by_default(false).advanced();
}
