//! What the other files share: studios, requests and images.

use std::path::Path;
use std::sync::OnceLock;

use atelier::imaging::{Channels, FileFormat, Image, Provenance, decode, encode};
use atelier::service::{Draft, Failure, Generated, InvalidField, Studio, StudioOptions};

pub(crate) fn open(repository: &str) -> Studio {
    Studio::open(&StudioOptions {
        models: Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures")
            .join(repository),
        ..StudioOptions::default()
    })
    .expect("the library is installed and the fixtures are committed")
}

/// One studio for all tests here; none of them closes it.
pub(crate) fn studio() -> &'static Studio {
    static STUDIO: OnceLock<Studio> = OnceLock::new();
    STUDIO.get_or_init(|| open("models"))
}

pub(crate) fn draft(model: &str) -> Draft {
    Draft {
        model: Some(model.to_owned()),
        ..Draft::default()
    }
}

pub(crate) async fn generate(draft: Draft) -> Generated {
    let generation = studio().parse(draft).await.expect("a sound request");
    let generated = studio().generate(generation).await.expect("images");
    for image in &generated.images {
        assert!(decoded(&image.bytes).width() == image.width);
    }
    generated
}

pub(crate) async fn refusal(draft: Draft) -> InvalidField {
    match studio().parse(draft).await {
        Err(Failure::Invalid(invalid)) => invalid,
        other => panic!("expected an invalid field, got {other:?}"),
    }
}

pub(crate) fn decoded(bytes: &[u8]) -> Image {
    decode(bytes, &atelier::imaging::DecodeLimits::default()).expect("an image file")
}

pub(crate) fn file(image: &Image) -> Vec<u8> {
    encode(image, FileFormat::Png, &Provenance::default()).expect("a PNG")
}

/// Four quadrants of grey.
pub(crate) fn quadrants(greys: [u8; 4]) -> Image {
    let pixels = (0..64)
        .map(|at| greys[(at / 32) * 2 + (at % 8) / 4])
        .collect();
    Image::new(8, 8, Channels::Grey, pixels).expect("8 × 8")
}
