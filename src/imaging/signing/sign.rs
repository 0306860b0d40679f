//! One file, and its manifest.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::SystemTime;

use c2pa::Builder;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::actions::actions;
use super::template::Template;
use super::{Credentials, Input};
use crate::imaging::manifests::CONTEXT;
use crate::imaging::{FileFormat, Provenance};

/// What is said of a file.
#[derive(Debug, Clone, Copy)]
pub struct Statement<'a> {
    /// Which model made it.
    pub provenance: &'a Provenance,
    /// Of what, where images were handed in.
    pub inputs: &'a [Input],
}

/// A file that could not be signed.
#[derive(Debug, thiserror::Error)]
#[error("the file could not be signed: {reason}")]
pub struct SigningError {
    reason: String,
}

impl Credentials {
    /// The file with a signed manifest in it. It must not be changed after this.
    ///
    /// # Errors
    /// [`SigningError`]: the certificate has expired since it was read, say.
    pub fn sign(
        &self,
        file: &[u8],
        format: FileFormat,
        statement: Statement<'_>,
    ) -> Result<Vec<u8>, SigningError> {
        let when = now();
        let is_common = statement.inputs.is_empty() && statement.provenance.prompt.is_none();
        let is_png = matches!(format, FileFormat::Png | FileFormat::Apng);
        // A template holds no stamp: each is of its own time.
        let is_common = is_common && !self.asks_for_stamps();
        if is_common && is_png && self.expires() > SystemTime::now() {
            return self.sign_by_template(file, statement, &when);
        }
        // What strangers' manifests hold was checked by a library that parses much; the worst that may
        // come of one is that it isn't kept.
        let signed = catch_unwind(AssertUnwindSafe(|| {
            self.by_library(file, format, statement, &when)
        }));
        let signed = signed.unwrap_or_else(|_| Err(c2pa::Error::ClaimEncoding));
        let signed = match signed {
            Err(_) if !statement.inputs.is_empty() => {
                let bare: Vec<Input> = statement
                    .inputs
                    .iter()
                    .map(Input::without_manifest)
                    .collect();
                let inputs = &bare[..];
                self.by_library(
                    file,
                    format,
                    Statement {
                        inputs,
                        ..statement
                    },
                    &when,
                )
            }
            signed => signed,
        };
        signed.map(|(file, _)| file).map_err(|error| failed(&error))
    }

    /// Signs with the template for such statements, and makes one if there is none yet.
    fn sign_by_template(
        &self,
        file: &[u8],
        statement: Statement<'_>,
        when: &str,
    ) -> Result<Vec<u8>, SigningError> {
        let Provenance {
            model,
            digest,
            chain,
            ..
        } = statement.provenance;
        let key = (model.clone(), digest.clone(), chain.clone());
        if let Some(template) = self.templates().get(&key) {
            let filled = template
                .as_ref()
                .as_ref()
                .and_then(|template| template.fill(file, when, self.signer()));
            if let Some(filled) = filled {
                return Ok(filled);
            }
        }
        let signed = self.by_library(file, FileFormat::Png, statement, when);
        let (signed, manifest) = signed.map_err(|error| failed(&error))?;
        if !self.templates().contains_key(&key) {
            let template = Template::of((&manifest, when), file, self.signer());
            if template.is_none() {
                tracing::warn!("manifests are made one by one: no template could be made");
            }
            self.templates().insert(key, Arc::new(template));
        }
        Ok(signed)
    }

    /// The file, and the manifest that was put into it.
    pub(super) fn by_library(
        &self,
        file: &[u8],
        format: FileFormat,
        statement: Statement<'_>,
        when: &str,
    ) -> c2pa::Result<(Vec<u8>, Vec<u8>)> {
        let manifest = manifest(statement, when);
        let mut builder = Builder::from_shared_context(&CONTEXT).with_definition(manifest)?;
        for input in statement.inputs {
            builder.add_ingredient(input.ingredient().clone());
        }
        // An APNG is a PNG file with more chunks.
        let media_type = format.still().media_type();
        let mut signed = Cursor::new(Vec::with_capacity(file.len() + 4096));
        let manifest = builder.sign(
            self.signer(),
            media_type,
            &mut Cursor::new(file),
            &mut signed,
        )?;
        Ok((signed.into_inner(), manifest))
    }
}

fn manifest(Statement { provenance, inputs }: Statement<'_>, when: &str) -> Value {
    json!({
        "claim_generator_info": [{ "name": "Atelier", "version": env!("CARGO_PKG_VERSION") }],
        "assertions": [{
            "label": "c2pa.actions.v2",
            "data": { "actions": actions(provenance, inputs, when), "allActionsIncluded": true },
            "created": true,
        }],
    })
}

/// Without the parts of a second: nobody needs to know so exactly when it was.
pub(super) fn now() -> String {
    let now = OffsetDateTime::now_utc().replace_nanosecond(0);
    let now = now.unwrap_or(OffsetDateTime::UNIX_EPOCH).format(&Rfc3339);
    now.expect("the years of this clock have four digits")
}

fn failed(error: &c2pa::Error) -> SigningError {
    SigningError {
        reason: error.to_string(),
    }
}
