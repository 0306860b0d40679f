//! Reading a request's fields from the query of an address.
//!
//! The query is put into the shape of a JSON body and read by the same reader, so that a field, its
//! checks and its errors are the same in both. `class.hair=red` is `{"class": {"hair": "red"}}`.

use axum::extract::Query;
use axum::http::Uri;
use serde_json::{Map, Value};

use crate::fields::{Draft, Field, Form, fields};
use crate::http::error::{Kind, Problem};
use crate::http::native::generate::GenerateRequest;
use crate::http::plumbing::body;
use crate::message;

/// The names and values of a query, decoded, in their order.
pub(super) fn pairs(uri: &Uri) -> Result<Vec<(String, String)>, Problem> {
    let unreadable = || {
        let detail = message!("the address holds % signs or bytes that are no UTF-8 text");
        Problem::new(Kind::UnreadableBody, detail)
    };
    let Query(pairs) =
        Query::<Vec<(String, String)>>::try_from_uri(uri).map_err(|_| unreadable())?;
    // What takes the place of bytes that are no text; nobody means it.
    let is_mended = |text: &str| text.contains(char::REPLACEMENT_CHARACTER);
    if pairs
        .iter()
        .any(|(name, text)| is_mended(name) || is_mended(text))
    {
        return Err(unreadable());
    }
    Ok(pairs)
}

/// The request that these pairs make.
///
/// # Errors
/// A field twice, one that is too much for an address, or what a body's reader would say.
pub(super) fn draft(pairs: Vec<(String, String)>) -> Result<Draft, Problem> {
    let mut request = Map::new();
    for (name, text) in pairs {
        let (whole, part) = match name.split_once('.') {
            Some((whole, part)) => (whole, Some(part)),
            None => (name.as_str(), None),
        };
        let field = fields().find(|field| field.name() == whole);
        if let Some(field) = field.filter(|field| !fits(field)) {
            let detail = message!("can't stand in an address; POST /generate takes it");
            return Err(Problem::field(field.name(), detail));
        }
        let form = field.map(|field| field.form);
        let known = match part {
            None => request.insert(whole.to_owned(), value(form, text)),
            Some(part) => {
                let inner = request
                    .entry(whole)
                    .or_insert_with(|| Value::Object(Map::new()));
                match inner {
                    Value::Object(inner) => inner.insert(part.to_owned(), part_of(form, text)),
                    _ => Some(Value::Null),
                }
            }
        };
        if known.is_some() {
            return Err(twice(name));
        }
    }
    let bytes = serde_json::to_vec(&Value::Object(request))
        .map_err(|error| Problem::internal(format!("writing a query as JSON: {error}")))?;
    let GenerateRequest(draft) = body::parse(&bytes)?;
    Ok(draft)
}

/// A field that is there twice: nobody could tell which is meant.
pub(super) fn twice(name: String) -> Problem {
    Problem::field(name, message!("stands in the address twice"))
}

/// Whether a field's value is short enough for an address.
fn fits(field: &Field) -> bool {
    !matches!(
        field.form,
        Form::File | Form::Wholes | Form::Vectors | Form::Walk | Form::Mix | Form::Grid
    )
}

/// A field's value as JSON would have it; what it can't be stays text, and the reader says so.
fn value(form: Option<Form>, text: String) -> Value {
    match form {
        Some(Form::Flag) => match text.as_str() {
            "" | "1" | "true" => Value::Bool(true),
            "0" | "false" => Value::Bool(false),
            _ => Value::String(text),
        },
        Some(Form::Whole | Form::Number | Form::Milliseconds | Form::Upscale) => number(text),
        _ => Value::String(text),
    }
}

/// A part of a field: labels stay text, and all else that looks like a number is one.
fn part_of(form: Option<Form>, text: String) -> Value {
    match form {
        Some(Form::Class) => Value::String(text),
        _ => number(text),
    }
}

fn number(text: String) -> Value {
    match serde_json::from_str(&text) {
        Ok(number @ Value::Number(_)) => number,
        _ => Value::String(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::ClassChoice;

    fn read(query: &str) -> Result<Draft, Problem> {
        let uri = format!("/x?{query}").parse().expect("an address");
        pairs(&uri).and_then(draft)
    }

    fn fault(query: &str) -> String {
        read(query).expect_err(query).field.expect("a field")
    }

    #[test]
    fn fields_are_read_as_from_a_body() {
        let draft =
            read("seed=18446744073709551615&truncation=0.5&prompt=b%E1%BA%A3y&class.hair=red")
                .expect("a request");
        assert_eq!(draft.seed, Some(u64::MAX));
        assert_eq!(draft.truncation, Some(0.5));
        assert_eq!(draft.prompt.as_deref(), Some("bảy"));
        let Some(ClassChoice::Axes(axes)) = draft.class else {
            panic!("no class");
        };
        assert_eq!(axes["hair"], ClassChoice::Name("red".to_owned()));
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(fault("truncation=much"), "truncation");
        assert_eq!(fault("seed=1&seed=2"), "seed");
        assert_eq!(fault("image=abc"), "image");
        assert_eq!(fault("latents=1"), "latents");
        assert_eq!(fault("class=3&class.hair=red"), "class.hair");
        assert_eq!(fault("sede=1"), "sede");
    }
}
