//! The signed manifest of a file, and whether it holds.

use std::collections::BTreeSet;
use std::io::Cursor;

use c2pa::validation_results::ValidationState;
use c2pa::{Manifest, Reader};

use super::claims::Claims;
use super::{Kind, Trust, cut};
use crate::imaging::manifests::{Unread, embedded};
use crate::language::Message;
use crate::message;

/// Faults that are told; there is one for each part that doesn't hold.
const MOST_FAULTS: usize = 16;

/// What checking a manifest came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Validation {
    /// It holds, and somebody who is trusted vouches for who signed it.
    Trusted,
    /// It holds, and nobody who is trusted vouches for who signed it.
    Valid,
    /// It doesn't hold.
    Invalid,
}

/// A reason why a manifest doesn't hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// As the C2PA's specification names it.
    pub code: String,
}

impl Fault {
    /// What the caller is told.
    #[must_use]
    pub fn message(&self) -> Message {
        match &*self.code {
            "assertion.dataHash.mismatch"
            | "assertion.boxesHash.mismatch"
            | "assertion.bmffHash.mismatch" => {
                message!("the file was changed after it was signed")
            }
            "assertion.hashedURI.mismatch" | "hashedURI.mismatch" => {
                message!("a part of the statement was changed after it was signed")
            }
            "claimSignature.mismatch" => {
                message!("the signature doesn't fit the statement or its certificate")
            }
            "claimSignature.missing" => message!("the statement isn't signed"),
            "claimSignature.outsideValidity" | "signingCredential.expired" => {
                message!("the certificate wasn't valid when it was signed")
            }
            "signingCredential.invalid" => {
                message!("the certificate is none that files may be signed with")
            }
            "signingCredential.ocsp.revoked" => message!("the certificate was revoked"),
            "signingCredential.untrusted" => {
                message!("nobody who is trusted here vouches for the certificate")
            }
            code if code.starts_with("ingredient.") => {
                message!(
                    "what it says of the picture that it was made from doesn't hold ({code})",
                    code
                )
            }
            code => message!("a part of the statement doesn't hold ({code})", code),
        }
    }
}

/// A signed manifest that could be read.
#[derive(Debug, Clone)]
pub struct Signed {
    /// Whether it holds.
    pub validation: Validation,
    /// Why it doesn't, or why it isn't trusted.
    pub faults: Vec<Fault>,
    /// Whom the certificate names.
    pub signer: Option<String>,
    /// When it was signed, where a time stamp says so.
    pub time: Option<String>,
    /// What it states.
    pub claims: Claims,
}

pub(super) fn read(file: &[u8], kind: Kind, trust: &Trust) -> Option<Result<Signed, Unread>> {
    let store = match embedded(file, kind.media_type()) {
        Ok(None) => return None,
        Ok(Some(store)) => store,
        Err(unread) => return Some(Err(unread)),
    };
    let reader = Reader::from_shared_context(&trust.context);
    let reader = reader.with_manifest_data_and_stream(&store, kind.media_type(), Cursor::new(file));
    Some(match reader {
        Ok(reader) => signed(&reader),
        Err(error) => Err(Unread::Damaged(cut(&error.to_string()))),
    })
}

fn signed(reader: &Reader) -> Result<Signed, Unread> {
    let manifest = reader.active_manifest();
    let manifest = manifest.ok_or_else(|| Unread::Damaged("it is empty".to_owned()))?;
    let validation = match reader.validation_state() {
        ValidationState::Trusted => Validation::Trusted,
        ValidationState::Valid => Validation::Valid,
        _ => Validation::Invalid,
    };
    Ok(Signed {
        validation,
        faults: faults(reader),
        signer: signer(manifest),
        time: manifest.time(),
        claims: Claims::of(manifest),
    })
}

/// Each reason once, in the order of its name.
fn faults(reader: &Reader) -> Vec<Fault> {
    let statuses = reader.validation_status().unwrap_or_default();
    let codes: BTreeSet<&str> = statuses.iter().map(|status| status.code()).collect();
    let faults = codes.into_iter().take(MOST_FAULTS);
    faults.map(|code| Fault { code: cut(code) }).collect()
}

fn signer(manifest: &Manifest) -> Option<String> {
    let named = |name: Option<String>| name.filter(|name| !name.trim().is_empty());
    let name = match (named(manifest.issuer()), named(manifest.common_name())) {
        (Some(organization), Some(name)) if organization != name => {
            format!("{name}, {organization}")
        }
        (organization, name) => organization.or(name)?,
    };
    Some(cut(&name))
}
