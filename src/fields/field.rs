//! One field of a request, and how it is read from a [`Draft`].

use std::borrow::Cow;

use super::member::{Form, Given};
use super::parameter::Parameter;
use super::table::Draft;

/// One field of a request.
#[derive(Debug)]
pub struct Field {
    /// How it is described, where no model says more of it.
    pub parameter: Parameter,
    /// What its value is made of, for whoever reads requests.
    pub form: Form,
    pub(super) read: for<'d> fn(&'d Draft) -> Option<Value<'d>>,
    pub(super) write: fn(&mut Draft, Given),
}

impl Field {
    /// Its name in the native dialect.
    pub fn name(&self) -> &str {
        &self.parameter.name
    }

    /// Its description, for a model to narrow.
    pub fn parameter(&self) -> Parameter {
        self.parameter.clone()
    }

    /// What a draft says in it.
    pub fn read<'d>(&self, draft: &'d Draft) -> Option<Value<'d>> {
        (self.read)(draft)
    }

    /// Writes a value of its [`form`](Self::form) into a draft.
    pub fn write(&self, draft: &mut Draft, given: Given) {
        (self.write)(draft, given);
    }
}

/// What a draft says in a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'d> {
    Flag(bool),
    Whole(u64),
    Number(f32),
    Text(&'d str),
    File(&'d [u8]),
    Vector(&'d [f32]),
    List(Vec<Self>),
    Object(Vec<(Cow<'d, str>, Self)>),
}

impl Value<'_> {
    /// Bytes of text, file or numbers in it, by which the work is bounded that reading it makes.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Flag(_) | Self::Whole(_) | Self::Number(_) => 8,
            Self::Text(text) => text.len(),
            Self::File(file) => file.len(),
            Self::Vector(numbers) => size_of_val(*numbers),
            Self::List(values) => values.iter().map(Self::bytes).sum(),
            Self::Object(fields) => fields.iter().map(|(_, value)| value.bytes()).sum(),
        }
    }
}
