//! Every field that a request may have, in the order in which people reach for them.
//!
//! One entry here makes the member of [`Draft`], so that there is no field without a description;
//! and from the description follow the checks, `GET /models/{id}`, the OpenAPI document and
//! `atelier generate --help`. A family says which of them it takes, and narrows what a model of it
//! can't honour.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::json;

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
        |field| field.within_bytes(256).such_as("digits-gan");
    PROMPT prompt: String = "prompt" String
        ("Prompt", "Consigne", "Lời nhắc")
        ("What the image should show.", "Ce que l’image doit montrer.", "Bức ảnh cần thể hiện điều gì.")
        |field| field.within_bytes(LONGEST_TEXT).such_as("a black cat with white paws");
    NEGATIVE_PROMPT negative_prompt: String = "negative_prompt" String
        ("Negative prompt", "Consigne négative", "Lời nhắc phủ định")
        ("What the image should not show. It has an effect where guidance is above 1.",
         "Ce que l’image ne doit pas montrer. N’agit que si le guidage dépasse 1.",
         "Bức ảnh không nên có gì. Chỉ có tác dụng khi độ bám lớn hơn 1.")
        |field| field.within_bytes(LONGEST_TEXT).such_as("text, frame");
    CLASS class: ClassChoice = "class" String
        ("Class", "Classe", "Lớp")
        ("What to show, by name or number. If it is left out, neighbouring seeds go through all that there \
          is.",
         "Ce qu’il faut montrer, par son nom ou son numéro. Sans choix, des graines voisines parcourent \
          tout ce qu’il y a.",
         "Cần thể hiện gì, theo tên hoặc số thứ tự. Nếu bỏ trống, các hạt giống kề nhau lần lượt đi qua \
          tất cả.")
        |field| field.within_bytes(LONGEST_TEXT);
    BALANCE balance: Vec<String> = "balance" String
        ("Balance", "Équilibre", "Cân bằng")
        ("Draws these evenly: each choice as often as the others, give or take one. The seed decides which comes first.",
         "Tire ces choix uniformément : chacun aussi souvent que les autres, à un près. La graine décide lequel vient \
          en premier.",
         "Rút các lựa chọn này cho đều: mỗi lựa chọn xuất hiện nhiều như nhau, chênh nhau nhiều nhất một. Hạt giống quyết định \
          cái nào đến trước.")
        |field| field.without(["best_of", "interpolate"]).within_bytes(256).advanced().such_as("skin");
    IMAGE image: Vec<u8> = "image" Image
        ("Image", "Image", "Ảnh")
        ("An image file (PNG, JPEG or WebP).", "Un fichier d’image (PNG, JPEG ou WebP).",
         "Một tệp ảnh (PNG, JPEG hoặc WebP).")
        |field| field;
    MASK mask: Vec<u8> = "mask" Mask
        ("Mask", "Masque", "Mặt nạ")
        ("White where the image is made anew, black where it stays.",
         "Blanc là où l’image est refaite, noir là où elle reste.",
         "Trắng ở chỗ ảnh được làm lại, đen ở chỗ giữ nguyên.")
        |field| field.beside("image");
    MASK_BLUR mask_blur: f32 = "mask_blur" Number
        ("Mask blur", "Flou du masque", "Độ nhòe mặt nạ")
        ("How softly what is painted anew passes into the original, in pixels; 0 is a hard edge.",
         "Avec quelle douceur le repeint passe à l’original, en pixels ; 0 est un bord net.",
         "Phần vẽ lại chuyển sang ảnh gốc mềm đến đâu, tính bằng điểm ảnh; 0 là cạnh cứng.")
        |field| field.from(0).to(64).mostly(0.0, 16.0).by_default(0).beside("mask").advanced();
    MASK_FILL mask_fill: String = "mask_fill" String
        ("Masked content", "Contenu masqué", "Nội dung dưới mặt nạ")
        ("What lies under the mask when painting starts: the original, a fill of the colours around it, \
          noise, or nothing.",
         "Ce qui se trouve sous le masque au départ : l’original, un remplissage des couleurs autour, \
          du bruit, ou rien.",
         "Dưới mặt nạ lúc bắt đầu có gì: ảnh gốc, màu xung quanh lấp vào, nhiễu, hoặc để trống.")
        |field| field.by_default("original").only(["original", "fill", "noise", "empty"])
            .called(vec![
                Label::spelled("original", ["the original", "l’original", "ảnh gốc"]),
                Label::spelled("fill", ["colours around it", "couleurs autour", "màu xung quanh"]),
                Label::spelled("noise", ["noise", "bruit", "nhiễu"]),
                Label::spelled("empty", ["nothing", "rien", "để trống"]),
            ])
            .beside("mask").advanced();
    MASK_AREA mask_area: String = "mask_area" String
        ("Inpaint area", "Zone repeinte", "Vùng vẽ lại")
        ("What the model sees: the whole image, or the masked part alone, which is then painted as large \
          as the model can and put back into the image, whose size stays.",
         "Ce que voit le modèle : toute l’image, ou la partie masquée seule, peinte alors aussi grande \
          que le modèle peut et remise dans l’image, dont la taille reste.",
         "Mô hình nhìn thấy gì: cả bức ảnh, hoặc chỉ phần dưới mặt nạ, khi đó được vẽ lớn hết cỡ của mô \
          hình rồi đặt lại vào ảnh, cỡ ảnh giữ nguyên.")
        |field| field.by_default("whole").only(["whole", "masked"])
            .called(vec![
                Label::spelled("whole", ["the whole image", "toute l’image", "cả bức ảnh"]),
                Label::spelled("masked", ["the masked part", "la partie masquée", "phần dưới mặt nạ"]),
            ])
            .beside("mask").advanced();
    MASK_PADDING mask_padding: u64 = "mask_padding" Integer
        ("Mask padding", "Marge du masque", "Lề mặt nạ")
        ("With the masked area alone: how many pixels around it the model sees as well.",
         "Avec la partie masquée seule : combien de pixels autour le modèle voit aussi.",
         "Khi chỉ vẽ phần dưới mặt nạ: mô hình còn thấy bao nhiêu điểm ảnh quanh đó.")
        |field| field.from(0).to(1024).mostly(0.0, 128.0).by_default(32).beside("mask").advanced();
    STYLE style: StyleChoice = "style" String
        ("Style", "Style", "Phong cách")
        ("The style to paint in; several are mixed by their weights.",
         "Le style dans lequel peindre ; plusieurs se mêlent selon leurs poids.",
         "Phong cách để vẽ; nhiều phong cách được trộn theo trọng số.")
        |field| field.without(["prompt", "style_image"]).within_bytes(256);
    STYLE_IMAGE style_image: Vec<u8> = "style_image" Image
        ("Style image", "Image du style", "Ảnh phong cách")
        ("An image whose style is applied.", "Une image dont le style est repris.",
         "Một bức ảnh để lấy phong cách.")
        |field| field.without(["prompt"]);
    SCALE scale: u64 = "scale" Integer
        ("Scale", "Échelle", "Tỉ lệ")
        ("How many times larger each side becomes.", "Combien de fois chaque côté grandit.",
         "Mỗi cạnh to lên gấp mấy lần.")
        |field| field.from(1).to(64).such_as(2);
    STRENGTH strength: f32 = "strength" Number
        ("Strength", "Force", "Mức thay đổi")
        ("How much the image is changed; 1 keeps nothing of it.",
         "Combien l’image est changée ; 1 n’en garde rien.",
         "Ảnh được thay đổi nhiều đến đâu; 1 là không giữ gì.")
        |field| field.from(0).to(1).beside("image").such_as(0.6);
    KEEP_ROWS keep_rows: u64 = "keep_rows" Integer
        ("Rows to keep", "Lignes gardées", "Số hàng giữ lại")
        ("How many rows of the image are kept, from the top. If it is left out, all rows are kept of an \
          image that is only an upper part.",
         "Combien de lignes de l’image sont gardées, depuis le haut ; toutes, par défaut, si l’image \
          n’est qu’un haut d’image.",
         "Số hàng ảnh được giữ, tính từ trên xuống; nếu bỏ trống và ảnh chỉ là phần trên thì giữ hết.")
        |field| field.from(1).beside("image").such_as(14);
    STEPS steps: u64 = "steps" Integer
        ("Steps", "Étapes", "Số bước")
        ("Steps of the scheduler: more is finer, and slower.",
         "Étapes du planificateur : plus il y en a, plus c’est fin, et lent.",
         "Số bước: càng nhiều càng tinh, và càng chậm.")
        |field| field.from(1).to(200).mostly(1.0, 50.0).such_as(20);
    GUIDANCE guidance: f32 = "guidance" Number
        ("Guidance", "Guidage", "Độ bám lời nhắc")
        ("How closely the prompt is followed; 1 and below turn guidance off.",
         "À quel point la consigne est suivie ; à 1 et au-dessous, le guidage est coupé.",
         "Bám sát lời nhắc đến đâu; từ 1 trở xuống là tắt độ bám.")
        |field| field.from(0).to(100).mostly(1.0, 15.0).such_as(4);
    SCHEDULER scheduler: String = "scheduler" String
        ("Scheduler", "Planificateur", "Bộ lập lịch")
        ("How noise is taken away, step by step; as the model does by itself when it is left out.",
         "Comment le bruit est retiré, étape par étape ; par défaut, comme le modèle le fait de lui-même.",
         "Cách khử nhiễu qua từng bước; nếu bỏ trống thì theo cách riêng của mô hình.")
        |field| field.within_bytes(256).such_as("dpmpp_2m");
    WIDTH width: u64 = "width" Integer
        ("Width", "Largeur", "Chiều rộng")
        ("In pixels. Most models take only multiples of a number such as 8.",
         "En pixels. La plupart des modèles ne prennent que les multiples d’un nombre comme 8.",
         "Tính bằng điểm ảnh. Hầu hết mô hình chỉ nhận bội số của một số như 8.")
        |field| field.from(1).to(4096).such_as(64);
    HEIGHT height: u64 = "height" Integer
        ("Height", "Hauteur", "Chiều cao")
        ("In pixels. Most models take only multiples of a number such as 8.",
         "En pixels. La plupart des modèles ne prennent que les multiples d’un nombre comme 8.",
         "Tính bằng điểm ảnh. Hầu hết mô hình chỉ nhận bội số của một số như 8.")
        |field| field.from(1).to(4096).such_as(64);
    TEMPERATURE temperature: f32 = "temperature" Number
        ("Temperature", "Température", "Nhiệt độ")
        ("How freely each pixel is drawn: lower is more predictable, and 0 always takes the likeliest.",
         "La liberté du tirage de chaque pixel : plus bas, plus prévisible ; 0 prend toujours le plus \
          probable.",
         "Mỗi điểm ảnh được gieo tự do đến đâu: càng thấp càng dễ đoán; 0 luôn lấy giá trị dễ xảy ra nhất.")
        |field| field.from(0).to(10).mostly(0.0, 2.0).such_as(0.8);
    SEED seed: u64 = "seed" Integer
        ("Seed", "Graine", "Hạt giống")
        ("The same seed gives the same image again; each further image takes the next seed. If it is left \
          out, one is drawn.",
         "La même graine redonne la même image ; chaque image de plus prend la graine suivante. Sans \
          graine, il en est tiré une.",
         "Cùng hạt giống cho lại cùng bức ảnh; mỗi bức tiếp theo dùng hạt kế tiếp. Nếu bỏ trống, một hạt \
          được gieo.")
        |field| field.from(0).such_as(7);
    N n: u64 = "n" Integer
        ("How many", "Combien", "Số lượng")
        ("How many images.", "Combien d’images.", "Số bức ảnh.")
        |field| field.from(1).mostly(1.0, 16.0).by_default(1).such_as(4);
    BACKGROUND background: String = "background" String
        ("Background", "Arrière-plan", "Nền")
        ("What lies behind the image: nothing, white, or a colour as #rrggbb.",
         "Ce qui se trouve derrière l’image : rien, du blanc, ou une couleur écrite #rrggbb.",
         "Phía sau bức ảnh: để trống, màu trắng, hoặc một màu viết dạng #rrggbb.")
        |field| field.by_default("transparent").of(["transparent", "opaque"]).within_bytes(64)
            .called(vec![
                Label::spelled("transparent", ["transparent", "transparent", "trong suốt"]),
                Label::spelled("opaque", ["white", "blanc", "màu trắng"]),
            ])
            .such_as("#ffcc00");
    RESTYLE restyle: RestyleChoice = "restyle" Object
        ("Restyle", "Changer de style", "Đổi phong cách")
        ("Each finished image is painted over in another style.",
         "Chaque image finie est repeinte dans un autre style.",
         "Mỗi bức đã xong được vẽ lại theo một phong cách khác.")
        |field| field.with(restyle_parts()).advanced().such_as("oil");
    UPSCALE upscale: UpscaleChoice = "upscale" Object
        ("Upscale", "Agrandir", "Phóng to")
        ("Each finished image is enlarged.", "Chaque image finie est agrandie.",
         "Mỗi bức đã xong được phóng to.")
        |field| field.with(upscale_parts()).advanced().such_as(2);
    EDIT edit: BTreeMap<String, f32> = "edit" Object
        ("Edit", "Retouche", "Chỉnh sửa")
        ("Moves the image towards what is named, or away from it.",
         "Rapproche l’image de ce qui est nommé, ou l’en éloigne.",
         "Đưa bức ảnh lại gần điều được gọi tên, hoặc ra xa.")
        |field| field.such_as(json!({"smile": 1.5}));
    TRUNCATION truncation: f32 = "truncation" Number
        ("Truncation", "Troncature", "Cắt ngọn")
        ("How far the image may stray from what is typical: lower is more typical, less varied.",
         "De combien l’image peut s’écarter du typique : plus bas, plus typique et moins varié.",
         "Bức ảnh được lệch khỏi điển hình bao xa: càng thấp càng điển hình, càng ít đa dạng.")
        // Below the least, drawing again takes too long; no normal number is beyond the greatest.
        |field| field.from(0.05).to(10).mostly(0.2, 3.0).such_as(0.7);
    INTERPOLATE interpolate: Walk = "interpolate" Object
        ("Walk", "Chemin", "Đường đi")
        ("Images on a line between two starting points.", "Des images sur une ligne entre deux points de départ.",
         "Các bức ảnh trên đường nối hai điểm xuất phát.")
        |field| field.with(walk_parts([])).without(["latents"]).advanced();
    LOOP closes: bool = "loop" Boolean
        ("Loop", "Boucle", "Lặp vòng")
        ("The walk returns to its start, so that its animation loops without a jump.",
         "Le chemin revient à son départ : son animation tourne en boucle sans saut.",
         "Đường đi quay về chỗ đầu, nên hình động lặp lại không bị giật.")
        |field| field.by_default(false).beside("interpolate").advanced();
    MIX mix: Vec<MixTerm> = "mix" Array
        ("Mix", "Mélange", "Pha trộn")
        ("A mixture of several starting points, each with its weight.",
         "Un mélange de plusieurs points de départ, chacun avec son poids.",
         "Pha trộn nhiều điểm xuất phát, mỗi điểm có trọng số riêng.")
        |field| field.from(1).to(MOST_TERMS).holding(Kind::Object).with(mix_parts([]))
            .without(["latents", "interpolate"]).advanced();
    NORMALISE_MIX normalise_mix: bool = "normalise_mix" Boolean
        ("Normalise the mix", "Normaliser le mélange", "Chuẩn hóa pha trộn")
        ("Keeps the mixture as strong as a single starting point. If left out, that is done where every \
          part is a seed.",
         "Garde au mélange la force d’un seul point de départ. Par défaut quand tout vient de graines.",
         "Giữ bản pha mạnh như một điểm xuất phát. Mặc định khi mọi phần đều là hạt giống.")
        |field| field.beside("mix").advanced();
    LATENTS latents: Vec<Vec<f32>> = "latents" Array
        ("Start vector", "Vecteur de départ", "Véc-tơ ban đầu")
        ("The numbers to start from, instead of those that the seed draws.",
         "Les nombres de départ, à la place de ceux que tire la graine.",
         "Các con số ban đầu, thay cho số do hạt giống gieo.")
        |field| field.holding(Kind::Number).advanced();
    GUIDANCE_RESCALE guidance_rescale: f32 = "guidance_rescale" Number
        ("Guidance rescale", "Correction du guidage", "Hiệu chỉnh độ bám")
        ("How much of the contrast that guidance adds is taken back.",
         "Quelle part du contraste ajouté par le guidage est retirée.",
         "Bao nhiêu phần tương phản do độ bám thêm vào được bỏ bớt.")
        |field| field.from(0).to(1).by_default(0).advanced().such_as(0.7);
    VAE_TILING vae_tiling: bool = "vae_tiling" Boolean
        ("Tiles", "Tuiles", "Ghép mảnh")
        ("Large images are decoded in tiles that fade into each other, which takes less memory. If left out, that is done \
          for images of half a million pixels and more that are larger than the model’s own.",
         "Les grandes images sont décodées en tuiles fondues entre elles, ce qui prend moins de mémoire. Par défaut à partir \
          d’un demi-million de pixels, au-delà de la taille propre au modèle.",
         "Ảnh lớn được giải mã từng mảnh hòa vào nhau, tốn ít bộ nhớ hơn. Mặc định cho ảnh từ nửa triệu điểm ảnh trở lên \
          và lớn hơn cỡ riêng của mô hình.")
        |field| field.advanced();
    ETA eta: f32 = "eta" Number
        ("Eta", "Êta", "Eta")
        ("With ddim: the noise that each step adds.", "Avec ddim : le bruit qu’ajoute chaque étape.",
         "Với ddim: nhiễu mà mỗi bước thêm vào.")
        |field| field.from(0).to(1).by_default(0).advanced().such_as(1);
    SEEDS seeds: Vec<u64> = "seeds" Array
        ("Seeds", "Graines", "Các hạt giống")
        ("A seed for each image.", "Une graine pour chaque image.", "Một hạt giống cho mỗi bức.")
        |field| field.from(1).holding(Kind::Integer).without(["seed"]).advanced().such_as(json!([7, 21]));
    VARIATION_SEED variation_seed: u64 = "variation_seed" Integer
        ("Variation seed", "Graine de variation", "Hạt giống biến thể")
        ("The noise of this seed is mixed into that of the seed. All images have one seed then, and each \
          further one mixes in the next variation seed.",
         "Le bruit de cette graine se mêle à celui de la graine. Toutes les images ont alors une \
          seule graine, et chaque image de plus y mêle la graine de variation suivante.",
         "Nhiễu của hạt giống này được trộn vào nhiễu của hạt giống chính. Khi đó mọi bức dùng chung \
          một hạt giống, và mỗi bức tiếp theo trộn thêm hạt biến thể kế tiếp.")
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
        ("In pixels: the seed's noise is drawn for an image of this size and put in the middle, so that \
          one seed gives similar images in other sizes.",
         "En pixels : le bruit de la graine est celui d’une image de cette taille, posé au milieu, pour \
          que des images d’autres tailles se ressemblent.",
         "Tính bằng điểm ảnh: nhiễu của hạt giống là nhiễu của bức cỡ này, đặt vào giữa, để các bức \
          khác cỡ trông giống nhau.")
        |field| field.from(1).to(4096).beside("noise_height")
            .without(["latents", "interpolate"]).advanced();
    NOISE_HEIGHT noise_height: u64 = "noise_height" Integer
        ("Height of the noise", "Hauteur du bruit", "Chiều cao của nhiễu")
        ("In pixels; goes with the width of the noise.", "En pixels, avec la largeur du bruit.",
         "Tính bằng điểm ảnh, đi cùng chiều rộng của nhiễu.")
        |field| field.from(1).to(4096).beside("noise_width").advanced();
    FORMAT format: FileFormat = "format" String
        ("Format", "Format", "Định dạng")
        ("The file format. An animation holds all images (apng, webp-animation); gif is one of a walk.",
         "Le format des fichiers. Une animation réunit toutes les images (apng, webp-animation) ; gif en est une d’un chemin.",
         "Định dạng của tệp. Hình động gộp mọi bức ảnh (apng, webp-animation); gif là hình động của một đường đi.")
        |field| field.by_default("png").advanced().only(
            FileFormat::ALL.into_iter().chain([FileFormat::Gif]).chain(FileFormat::ANIMATED)
                .map(FileFormat::name))
            .called(vec![
                Label::spelled("png", ["PNG"; 3]),
                Label::spelled("jpeg", ["JPEG"; 3]),
                Label::spelled("webp", ["WebP"; 3]),
                Label::spelled("gif", ["GIF"; 3]),
                Label::spelled("apng", ["PNG animation", "animation PNG", "hình động PNG"]),
                Label::spelled("webp-animation", ["WebP animation", "animation WebP", "hình động WebP"]),
            ]);
    QUALITY quality: u64 = "quality" Integer
        ("Quality", "Qualité", "Chất lượng")
        ("Of a jpeg file: higher looks better and takes more bytes.",
         "Pour un fichier jpeg : plus haut, plus fidèle et plus lourd.",
         "Cho tệp jpeg: càng cao càng đẹp và càng nặng.")
        |field| field.from(1).to(100).advanced().such_as(90);
    FRAME_MS frame: Duration = "frame_ms" Integer
        ("Time of each image", "Durée de chaque image", "Thời gian mỗi hình")
        ("How long an animation shows each image, in milliseconds.",
         "Durée de chaque image dans une animation, en millisecondes.",
         "Hình động hiện mỗi bức bao lâu, tính bằng mili giây.")
        // Browsers slow down what is faster.
        |field| field.from(20).to(10_000).mostly(40.0, 500.0)
            .by_default(Timing::default().frame_ms).advanced();
    GRID grid: Grid = "grid" Object
        ("Contact sheet", "Planche", "Bảng tranh")
        ("Puts all images on one sheet.", "Réunit toutes les images sur une planche.",
         "Xếp mọi bức ảnh lên một tờ.")
        |field| field.with([columns()]).advanced();
    DEADLINE_MS deadline: Duration = "deadline_ms" Integer
        ("Time limit", "Délai", "Thời hạn")
        ("The request is given up after so many milliseconds.",
         "La requête est abandonnée après ce nombre de millisecondes.",
         "Yêu cầu bị bỏ sau chừng này mili giây.")
        |field| field.from(1).advanced().such_as(30_000);
    PREVIEW_EVERY preview_every: u64 = "preview_every" Integer
        ("Steps between previews", "Étapes entre aperçus", "Số bước giữa các ảnh xem trước")
        ("In an event stream: shows the unfinished image after every so many steps, or rows where a \
          model works pixel by pixel.",
         "Dans un flux d’événements : montre l’image inachevée toutes les tant d’étapes, ou de lignes si \
          le modèle travaille pixel par pixel.",
         "Trong luồng sự kiện: hiện bức ảnh dở dang sau mỗi chừng này bước, hoặc hàng nếu mô hình làm \
          từng điểm ảnh.")
        |field| field.from(1).mostly(1.0, 10.0).advanced().such_as(5);
    BEST_OF best_of: u64 = "best_of" Integer
        ("Best of", "Meilleures parmi", "Chọn từ")
        ("Makes this many images and keeps as many as are asked for: those that the model scores highest.",
         "Fait autant d’images et garde le nombre voulu : celles que le modèle note le mieux.",
         "Tạo chừng này bức và giữ lại số bức cần có: những bức được mô hình chấm cao nhất.")
        |field| field.from(1).to(256).mostly(1.0, 32.0)
            .without(["latents", "interpolate", "seeds", "mix", "image"]).advanced().such_as(8);
    INCLUDE_PROMPT keep_prompt: bool = "include_prompt" Boolean
        ("Include the prompt", "Inclure la consigne", "Kèm lời nhắc")
        ("Writes the prompt into the files too. The model, its digest and the seed are always there.",
         "Écrit aussi la consigne dans les fichiers. Le modèle, son empreinte et la graine y sont toujours.",
         "Ghi cả lời nhắc vào tệp. Mô hình, mã băm và hạt giống luôn có ở đó.")
        |field| field.by_default(false).advanced();
}
