//! The fields of those fields that are objects.

use super::parameter::{Parameter, ParameterKind as Kind};
use super::text::Text;
use crate::models::Label;

/// The longest text, in bytes: an encoder reads far less of it.
pub(super) const LONGEST_TEXT: usize = 4096;

/// Where a latent comes from: a seed, or what else the family takes it from.
pub fn source(more: impl IntoIterator<Item = Parameter>) -> Vec<Parameter> {
    let seed = Parameter::new(
        "seed",
        Kind::Integer,
        Text::new("Seed", "Graine", "Hạt giống"),
        Text::new(
            "Starts from what this seed draws.",
            "Part de ce que tire cette graine.",
            "Bắt đầu từ những gì hạt giống này gieo.",
        ),
    );
    [seed.from(0)].into_iter().chain(more).collect()
}

/// An image that stands for its latent.
pub fn encoded_image() -> Parameter {
    Parameter::new(
        "image",
        Kind::Image,
        Text::new("Image", "Image", "Ảnh"),
        Text::new(
            "Starts from this image, instead of a seed.",
            "Part de cette image, à la place d’une graine.",
            "Bắt đầu từ bức ảnh này, thay cho hạt giống.",
        ),
    )
}

/// The fields of `interpolate`, of which these are those of either end.
pub fn walk_parts(end: impl IntoIterator<Item = Parameter>) -> [Parameter; 4] {
    let end: Vec<Parameter> = end.into_iter().collect();
    let label = |en, fr, vi| Text::new(en, fr, vi);
    let starts = Text::new("Where it starts.", "Le départ.", "Điểm đầu.");
    let ends = Text::new("Where it ends.", "L’arrivée.", "Điểm cuối.");
    [
        Parameter::new("from", Kind::Object, label("From", "De", "Từ"), starts)
            .with(end.clone())
            .required(),
        Parameter::new("to", Kind::Object, label("To", "À", "Đến"), ends)
            .with(end)
            .required(),
        Parameter::new(
            "steps",
            Kind::Integer,
            label("Steps", "Étapes", "Số bước"),
            Text::new(
                "How many images, both ends included.",
                "Combien d’images, les deux bouts compris.",
                "Số bức tranh, kể cả hai đầu.",
            ),
        )
        .from(2)
        .mostly(2.0, 24.0)
        .required(),
        Parameter::new(
            "mode",
            Kind::String,
            label("Mode", "Mode", "Kiểu"),
            Text::new(
                "The line that it follows.",
                "La ligne suivie.",
                "Đường nó đi theo.",
            ),
        )
        .by_default("spherical")
        .only(["spherical", "linear"])
        .called(vec![
            Label::spelled("spherical", ["spherical", "sphérique", "theo mặt cầu"]),
            Label::spelled("linear", ["linear", "linéaire", "thẳng"]),
        ]),
    ]
}

/// The fields of each part of a `mix`, of which these say where its latent comes from.
pub fn mix_parts(source: impl IntoIterator<Item = Parameter>) -> Vec<Parameter> {
    let latent = Parameter::new(
        "latent",
        Kind::Array,
        Text::new("Vector", "Vecteur", "Véc-tơ"),
        Text::new(
            "Starts from these numbers, instead of a seed.",
            "Part de ces nombres, à la place d’une graine.",
            "Bắt đầu từ các con số này, thay cho hạt giống.",
        ),
    );
    let weight = Parameter::new(
        "weight",
        Kind::Number,
        Text::new("Weight", "Poids", "Trọng số"),
        Text::new(
            "How much it counts; below 0, it counts against.",
            "Combien il compte ; sous 0, il compte à l’inverse.",
            "Nó góp bao nhiêu; dưới 0 thì góp ngược lại.",
        ),
    );
    let weight = weight.from(-10).to(10).mostly(-1.0, 1.0).by_default(1);
    let own = [latent.holding(Kind::Number), weight];
    source.into_iter().chain(own).collect()
}

/// The fields of `upscale`.
pub(super) fn upscale_parts() -> [Parameter; 2] {
    let scale = Parameter::new(
        "scale",
        Kind::Integer,
        Text::new("Scale", "Échelle", "Tỉ lệ"),
        Text::new(
            "How many times larger each side becomes.",
            "Combien de fois chaque côté grandit.",
            "Mỗi cạnh to lên gấp mấy lần.",
        ),
    );
    let model = Parameter::new(
        "model",
        Kind::String,
        Text::new("Upscaler", "Agrandisseur", "Bộ phóng to"),
        Text::new(
            "What enlarges: a model, or a plain filter (lanczos). If it is left out, the first model \
             that does the scale.",
            "Ce qui agrandit : un modèle, ou un simple filtre (lanczos). À défaut, le premier \
             modèle qui va à cette échelle.",
            "Dùng gì để phóng to: một mô hình, hoặc bộ lọc đơn giản (lanczos). Nếu bỏ trống thì là \
             mô hình đầu tiên làm được tỉ lệ đó.",
        ),
    );
    [scale.from(1).to(64), model.within_bytes(256)]
}

/// The fields of `restyle`.
pub(super) fn restyle_parts() -> [Parameter; 3] {
    let style = Parameter::new(
        "style",
        Kind::String,
        Text::new("Style", "Style", "Phong cách"),
        Text::new(
            "The style to paint in; several are mixed by their weights.",
            "Le style dans lequel peindre ; plusieurs se mêlent selon leurs poids.",
            "Phong cách để vẽ; nhiều phong cách được trộn theo trọng số.",
        ),
    );
    let strength = Parameter::new(
        "strength",
        Kind::Number,
        Text::new("Strength", "Force", "Mức độ"),
        Text::new(
            "How much of the style is taken on.",
            "La part du style qui est prise.",
            "Mức nhận phong cách.",
        ),
    );
    let model = Parameter::new(
        "model",
        Kind::String,
        Text::new("Model", "Modèle", "Mô hình"),
        Text::new(
            "The model that paints over; if it is left out, the first that paints in styles.",
            "Le modèle qui repeint ; à défaut, le premier qui peint dans des styles.",
            "Mô hình vẽ lại; nếu bỏ trống thì dùng mô hình đầu tiên vẽ theo phong cách.",
        ),
    );
    [
        style.within_bytes(256),
        strength.from(0).to(1),
        model.within_bytes(256),
    ]
}

/// The field of `grid`.
pub(super) fn columns() -> Parameter {
    Parameter::new(
        "columns",
        Kind::Integer,
        Text::new("Columns", "Colonnes", "Số cột"),
        Text::new(
            "Images in a row.",
            "Images par ligne.",
            "Số bức trên một hàng.",
        ),
    )
    .from(1)
    .mostly(1.0, 16.0)
}

/// The fields of an end of a walk between prompts.
pub fn prompt_end() -> [Parameter; 2] {
    [
        Parameter::new(
            "prompt",
            Kind::String,
            Text::new("Prompt", "Consigne", "Lời nhắc"),
            Text::new(
                "What the image should show; the prompt of the whole if it is left out.",
                "Ce que l’image doit montrer ; à défaut, la consigne de l’ensemble.",
                "Bức ảnh cần thể hiện điều gì; nếu bỏ trống thì là lời nhắc chung.",
            ),
        )
        .within_bytes(LONGEST_TEXT),
        Parameter::new(
            "seed",
            Kind::Integer,
            Text::new("Seed", "Graine", "Hạt giống"),
            Text::new(
                "The noise that this seed draws; the seed of the whole if it is left out.",
                "Le bruit que tire cette graine ; à défaut, la graine de l’ensemble.",
                "Nhiễu do hạt giống này gieo; nếu bỏ trống thì là hạt giống chung.",
            ),
        )
        .from(0),
    ]
}
