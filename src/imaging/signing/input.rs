//! Images that others handed in, as ingredients of what was made of them.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use c2pa::{Builder, Ingredient, Relationship};
use serde_json::json;

use crate::imaging::FileFormat;
use crate::imaging::manifests::{CONTEXT, embedded};

/// A manifest above this stays behind: it would be copied into each file that comes of the image.
const MOST_MANIFEST: usize = 1 << 20;

/// What an input was to the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The image was made of it.
    Parent,
    /// Something was taken from it: a style.
    Reference,
}

impl Role {
    fn relationship(self) -> Relationship {
        match self {
            Self::Parent => Relationship::ParentOf,
            Self::Reference => Relationship::InputTo,
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::Reference => "reference",
        }
    }
}

/// An image that was handed in, with what it said of itself.
#[derive(Debug)]
pub struct Input {
    role: Role,
    ingredient: Ingredient,
}

impl Input {
    /// Takes a file in. Whatever its manifest is like, the file is an ingredient: a manifest that can't be
    /// read, or is too large, is left out.
    #[must_use]
    pub fn read(file: &[u8], role: Role) -> Self {
        let format = FileFormat::sniff(file).unwrap_or_default();
        let whole = catch_unwind(AssertUnwindSafe(|| with_manifest(file, format, role)));
        let ingredient = whole.ok().flatten().unwrap_or_else(|| bare(format, role));
        Self { role, ingredient }
    }

    /// The same without what it said of itself.
    pub(super) fn without_manifest(&self) -> Self {
        let format = self.ingredient.format().unwrap_or_default();
        let mut ingredient = Ingredient::new_v2("", format);
        ingredient.set_relationship(self.role.relationship());
        ingredient.set_label(self.role.label());
        Self {
            role: self.role,
            ingredient,
        }
    }

    /// Bytes that it adds to a file, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.ingredient.manifest_data().map_or(0, |data| data.len())
    }

    pub(super) fn role(&self) -> Role {
        self.role
    }

    pub(super) fn label(&self) -> &str {
        self.role.label()
    }

    pub(super) fn ingredient(&self) -> &Ingredient {
        &self.ingredient
    }
}

fn with_manifest(file: &[u8], format: FileFormat, role: Role) -> Option<Ingredient> {
    let store = embedded(file, format.media_type()).ok()?;
    if store.is_some_and(|store| store.len() > MOST_MANIFEST) {
        return None;
    }
    let about = json!({ "relationship": role.relationship(), "label": role.label() });
    let mut builder = Builder::from_shared_context(&CONTEXT);
    let media_type = format.media_type();
    let added =
        builder.add_ingredient_from_stream(about.to_string(), media_type, &mut Cursor::new(file));
    added.ok()?;
    builder.definition.ingredients.pop()
}

fn bare(format: FileFormat, role: Role) -> Ingredient {
    let mut ingredient = Ingredient::new_v2("", format.media_type());
    ingredient.set_relationship(role.relationship());
    ingredient.set_label(role.label());
    ingredient
}
