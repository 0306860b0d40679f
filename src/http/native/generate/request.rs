//! The body of `POST /generate`, read and documented by the table of fields.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, KnownFormat, ObjectBuilder, OneOfBuilder, RefBuilder,
    SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{Number as SchemaNumber, PartialSchema, ToSchema};

use crate::fields::{Draft, Field, Form, Given, SEED, VARIATION_SEED, field_names, fields};
use crate::http::wire::{
    Class, ImageData, Interpolation, Names, NamesWire, Number, Object, Restyle, RestyleWire, Seed,
    Sheet, SheetWire, Style, StyleWire, Term, TermWire, Upscale, UpscaleWire, Vectors, VectorsWire,
    Whole,
};
use crate::imaging::FileFormat;

/// A request for images. What is left out takes the model's default.
#[derive(Debug)]
pub(in crate::http) struct GenerateRequest(pub(in crate::http) Draft);

impl<'de> Deserialize<'de> for GenerateRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = GenerateRequest;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the fields of a request")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<GenerateRequest, A::Error> {
        let mut draft = Draft::default();
        let mut seen = vec![false; field_names().len()];
        while let Some(Place(at)) = map.next_key()? {
            if std::mem::replace(&mut seen[at], true) {
                return Err(A::Error::duplicate_field(field_names()[at]));
            }
            let field = fields().nth(at).expect("a name for each field");
            if let Some(given) = given(field, &mut map)? {
                field.write(&mut draft, given);
            }
        }
        Ok(GenerateRequest(draft))
    }
}

/// A field's place in the table, by its name. Here an unknown one is told, where its path is known.
struct Place(usize);

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;

        impl Visitor<'_> for Name {
            type Value = Place;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a field")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Place, E> {
                let at = field_names().iter().position(|known| *known == name);
                at.map(Place)
                    .ok_or_else(|| E::unknown_field(name, field_names()))
            }
        }

        deserializer.deserialize_identifier(Name)
    }
}

/// The value of a field, strictly in its form; null is as good as nothing.
fn given<'de, A: MapAccess<'de>>(field: &Field, map: &mut A) -> Result<Option<Given>, A::Error> {
    Ok(match field.form {
        Form::Flag => map.next_value::<Option<bool>>()?.map(Given::Flag),
        // JavaScript rounds greater seeds than 2⁵³, so that one may be text.
        Form::Whole if [SEED.name(), VARIATION_SEED.name()].contains(&field.name()) => map
            .next_value::<Option<Seed>>()?
            .map(|Seed(seed)| Given::Whole(seed)),
        Form::Whole => map
            .next_value::<Option<Whole>>()?
            .map(|Whole(n)| Given::Whole(n)),
        Form::Number => map
            .next_value::<Option<Number>>()?
            .map(|Number(x)| Given::Number(x)),
        Form::Text => map.next_value::<Option<String>>()?.map(Given::Text),
        Form::File => map
            .next_value::<Option<ImageData>>()?
            .map(|file| Given::File(file.0)),
        Form::Milliseconds => map
            .next_value::<Option<Whole>>()?
            .map(|Whole(ms)| Given::Milliseconds(Duration::from_millis(ms))),
        Form::Format => map
            .next_value::<Option<Format>>()?
            .map(|format| Given::Format(format.into())),
        Form::Wholes => map
            .next_value::<Option<Vec<Seed>>>()?
            .map(|seeds| Given::Wholes(seeds.into_iter().map(|Seed(seed)| seed).collect())),
        Form::Names => map
            .next_value::<Option<Names>>()?
            .map(|Names(names)| Given::Names(names)),
        Form::Vectors => map
            .next_value::<Option<Vectors>>()?
            .map(|Vectors(all)| Given::Vectors(all)),
        Form::Amounts => map
            .next_value::<Option<BTreeMap<String, Number>>>()?
            .map(|amounts| {
                let amounts = amounts.into_iter();
                Given::Amounts(
                    amounts
                        .map(|(name, Number(amount))| (name, amount))
                        .collect(),
                )
            }),
        Form::Class => map
            .next_value::<Option<Class>>()?
            .map(|class| Given::Class(class.into())),
        Form::Style => map
            .next_value::<Option<Style>>()?
            .map(|Style(style)| Given::Style(style)),
        Form::Walk => map
            .next_value::<Option<Object<Interpolation>>>()?
            .map(|Object(walk)| Given::Walk(walk.into())),
        Form::Mix => map.next_value::<Option<Vec<Object<Term>>>>()?.map(|terms| {
            let terms = terms.into_iter();
            Given::Mix(terms.map(|Object(Term(term))| term).collect())
        }),
        Form::Upscale => map
            .next_value::<Option<Upscale>>()?
            .map(|Upscale(upscale)| Given::Upscale(upscale)),
        Form::Restyle => map
            .next_value::<Option<Restyle>>()?
            .map(|Restyle(restyle)| Given::Restyle(restyle)),
        Form::Grid => map
            .next_value::<Option<Sheet>>()?
            .and_then(|Sheet(grid)| grid)
            .map(Given::Grid),
    })
}

impl PartialSchema for GenerateRequest {
    fn schema() -> RefOr<Schema> {
        let says = "A request for images. What is left out takes the model's default; \
                    `GET /models/{id}` lists the fields that a model takes, with its own ranges.";
        let object = ObjectBuilder::new()
            .description(Some(says))
            .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)));
        let object = fields().fold(object, |object, field| {
            object.property(field.name(), property(field))
        });
        object.build().into()
    }
}

impl ToSchema for GenerateRequest {
    fn schemas(all: &mut Vec<(String, RefOr<Schema>)>) {
        macro_rules! add {
            ($($part:ty),*) => {$(
                all.push((<$part>::name().into_owned(), <$part>::schema()));
                <$part>::schemas(all);
            )*};
        }
        add!(
            Class,
            NamesWire,
            StyleWire,
            VectorsWire,
            Interpolation,
            TermWire,
            SheetWire,
            UpscaleWire,
            RestyleWire,
            Format
        );
    }
}

/// A field's schema, from its description in the table.
fn property(field: &Field) -> RefOr<Schema> {
    let nullable = |kind| SchemaType::from_iter([kind, Type::Null]);
    let about = &field.parameter;
    let says = Some(about.description.en.to_string());
    let plain = |kind, format: Option<KnownFormat>| {
        ObjectBuilder::new()
            .schema_type(nullable(kind))
            .format(format.map(SchemaFormat::KnownFormat))
            .minimum(about.minimum.map(number))
            .maximum(about.maximum.map(number))
            .max_length(about.max_bytes)
            .description(says.clone())
            .default(about.default.clone())
            .examples(about.example.clone())
    };
    let part = |name: &str| RefBuilder::new().ref_location_from_schema_name(name);
    let either = |name: &str| {
        let described = part(name).description(says.clone());
        let null = ObjectBuilder::new().schema_type(Type::Null);
        Schema::OneOf(
            OneOfBuilder::new()
                .item(described.build())
                .item(null)
                .build(),
        )
    };
    let list = |items: RefOr<Schema>| {
        let list = ArrayBuilder::new()
            .schema_type(nullable(Type::Array))
            .items(items);
        let list = list.description(says.clone());
        Schema::Array(list.examples(about.example.clone()).build())
    };
    RefOr::T(match field.form {
        Form::Flag => Schema::Object(plain(Type::Boolean, None).build()),
        Form::Whole | Form::Milliseconds => {
            Schema::Object(plain(Type::Integer, Some(KnownFormat::Int64)).build())
        }
        Form::Number => Schema::Object(plain(Type::Number, Some(KnownFormat::Float)).build()),
        Form::Text | Form::File => Schema::Object(plain(Type::String, None).build()),
        Form::Wholes => list(u64::schema()),
        Form::Amounts => {
            let amounts = plain(Type::Object, None).additional_properties(Some(f32::schema()));
            Schema::Object(amounts.build())
        }
        Form::Format => either(&Format::name()),
        Form::Names => either(&NamesWire::name()),
        Form::Vectors => either(&VectorsWire::name()),
        Form::Class => either(&Class::name()),
        Form::Style => either(&StyleWire::name()),
        Form::Walk => either(&Interpolation::name()),
        Form::Grid => either(&SheetWire::name()),
        Form::Upscale => either(&UpscaleWire::name()),
        Form::Restyle => either(&RestyleWire::name()),
        Form::Mix => list(part(&TermWire::name()).build().into()),
    })
}

/// Whole numbers without a point.
fn number(number: f64) -> SchemaNumber {
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and small")]
    match number.fract() == 0.0 && number.abs() < 1e15 {
        true => SchemaNumber::Int(number as isize),
        false => SchemaNumber::Float(number),
    }
}

/// A kind of image file.
#[derive(Debug, Clone, Copy, serde::Deserialize, ToSchema)]
#[serde(
    rename_all = "kebab-case",
    expecting = "a kind of image file, such as png"
)]
#[schema(as = FileFormat)]
enum Format {
    /// Lossless, with alpha, and with its metadata in text chunks that many tools show.
    Png,
    /// Lossy and without alpha.
    Jpeg,
    /// Lossless, with alpha; smaller than PNG, and slower to write.
    Webp,
    /// At most 256 colours. The images of a walk are in one file, one after the other.
    Gif,
    /// All images in one PNG file, one after the other; what knows no APNG shows the first.
    Apng,
    /// All images in one WebP file, one after the other, lossless.
    WebpAnimation,
}

impl From<Format> for FileFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Png => Self::Png,
            Format::Jpeg => Self::Jpeg,
            Format::Webp => Self::Webp,
            Format::Gif => Self::Gif,
            Format::Apng => Self::Apng,
            Format::WebpAnimation => Self::WebpAnimation,
        }
    }
}
