//! `atelier.toml`.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::de::DeTable;

use super::error::ConfigError;
use super::raw::{RawSettings, keys};
use super::sourced::Place;
use crate::models::read_text;

/// The file's name where nobody names another.
const NAME: &str = "atelier.toml";

/// A settings file that has been read.
#[derive(Debug)]
pub(super) struct FileLayer {
    pub(super) written: RawSettings,
    path: PathBuf,
    text: String,
}

impl FileLayer {
    /// Reads the named file, or the one in the working folder if it is there.
    pub(super) fn open(named: Option<&Path>, working: &Path) -> Result<Option<Self>, ConfigError> {
        let path = named.map_or_else(|| PathBuf::from(NAME), Path::to_owned);
        match read_text(&working.join(&path)) {
            Ok(text) => Self::parse(path, text).map(Some),
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                Ok(None)
            }
            Err(source) => Err(ConfigError::Unreadable { path, source }),
        }
    }

    pub(super) fn parse(path: PathBuf, text: String) -> Result<Self, ConfigError> {
        let at = |position: usize, reason: String| ConfigError::File {
            path: path.clone(),
            line: line(&text, position),
            reason,
        };
        let unreadable = |error: toml::de::Error| {
            let position = error.span().map_or(0, |span| span.start);
            let reason = in_words(&error.message().trim().replace('\n', "; "));
            at(position, named(&text, position, &reason))
        };
        let table = DeTable::parse(&text).map_err(unreadable)?;
        let known = keys();
        for key in table.get_ref().keys() {
            if !known.iter().any(|known| known == key.get_ref()) {
                let reason = format!(
                    "there is no setting {:?}; the settings are {}",
                    key.get_ref(),
                    known.join(", ")
                );
                return Err(at(key.span().start, reason));
            }
        }
        // Each concern takes its own keys and passes over the others'.
        fn concern<T: DeserializeOwned>(text: &str) -> Result<T, toml::de::Error> {
            toml::from_str(text)
        }
        let mut written = RawSettings {
            engine: concern(&text).map_err(unreadable)?,
            signing: concern(&text).map_err(unreadable)?,
            serving: concern(&text).map_err(unreadable)?,
            jobs: concern(&text).map_err(unreadable)?,
            log: concern(&text).map_err(unreadable)?,
        };
        // A path in a file is seen from that file, wherever the program is started.
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let engine = &mut written.engine;
        for file in [&mut engine.models, &mut engine.onnxruntime] {
            *file = file.take().map(|file| folder.join(file));
        }
        // A name alone is that of a folder among the models.
        let is_path = |judge: &PathBuf| judge.components().count() > 1;
        for judge in engine.judge.iter_mut().flatten().filter(|one| is_path(one)) {
            *judge = folder.join(&*judge);
        }
        let (serving, signing) = (&mut written.serving, &mut written.signing);
        for file in [
            &mut serving.keys,
            &mut serving.trust,
            &mut serving.deny,
            &mut serving.tls_cert,
            &mut serving.tls_key,
            &mut signing.sign_cert,
            &mut signing.sign_key,
            &mut signing.watermark,
            &mut signing.watermark_key,
            &mut written.jobs.state,
        ] {
            *file = file.take().map(|file| folder.join(file));
        }
        Ok(Self {
            written,
            path,
            text,
        })
    }

    /// Where a setting stands.
    pub(super) fn place(&self, key: &'static str) -> Place {
        let table = DeTable::parse(&self.text).expect("the text was parsed before");
        let start = table
            .get_ref()
            .keys()
            .find(|found| found.get_ref() == key)
            .map_or(0, |found| found.span().start);
        Place::File {
            path: self.path.clone(),
            line: line(&self.text, start),
            key,
        }
    }
}

/// The reason with the setting's name before it, if the position is that of a setting's value.
fn named(text: &str, position: usize, reason: &str) -> String {
    let name = DeTable::parse(text).ok().and_then(|table| {
        let setting = table
            .get_ref()
            .iter()
            .find(|(_, value)| value.span().contains(&position))?;
        Some(setting.0.get_ref().to_string())
    });
    name.map_or_else(|| reason.to_owned(), |name| format!("{name}: {reason}"))
}

/// What the parser says without Rust's names of types.
fn in_words(reason: &str) -> String {
    let Some((found, expected)) = reason.rsplit_once(", expected ") else {
        return reason.to_owned();
    };
    let found = found.replace(" as i128", "").replace(" as u128", "");
    let expected = match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number from 0",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        other => other,
    };
    format!("{found}, expected {expected}")
}

fn line(text: &str, position: usize) -> usize {
    let before = text.as_bytes().iter().take(position);
    before.filter(|&&byte| byte == b'\n').count() + 1
}
