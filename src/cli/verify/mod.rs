//! `atelier verify`: what files say of where they come from.

mod pixels;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;

use self::pixels::PixelReader;
use super::{ConfigFlag, Exit, console};
use crate::app::{credentials, trust};
use crate::config::{RawSettings, ServingWritten, SigningWritten};
use crate::http::VerifyAnswer;
use crate::imaging::verify::{Trust, examine};
use crate::language::Language;

/// A file above this is none that is read whole; `POST /verify` takes less by default.
const MOST_BYTES: u64 = 256 << 20;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  atelier verify picture.jpg
  atelier verify --trust ca.pem seven.png eight.png
  atelier verify --json *.webp | jq .origin
  atelier verify --watermark watermark --watermark-key watermark.key copy.jpg

It reads the signed statement (C2PA), the unsigned metadata and the settings of tools for generating
images, in files from anywhere; with --watermark also what the pixels of PNG, JPEG and WebP files carry,
and with --watermark-key whether that is one's own. It fetches nothing and needs no model. A file that
says nothing proves nothing. It ends with 1 where a file is none that can be looked into, or its signed statement doesn't
hold.")]
pub(super) struct Verify {
    /// Image files; - is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Authorities, in PEM, whose signed files are trusted
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// Folder of the graphs that read watermarks, to look at the pixels too
    #[arg(long, value_name = "DIR")]
    watermark: Option<PathBuf>,
    /// File of the keys that tell whose a watermark is
    #[arg(long, value_name = "FILE")]
    watermark_key: Option<PathBuf>,
    /// Write a line of JSON for each file
    #[arg(long)]
    json: bool,
    /// Language of the sentences: en, fr or vi [default: the system’s]
    #[arg(long, value_name = "CODE", value_parser = language)]
    language: Option<Language>,
}

/// What `--json` writes for a file.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    #[serde(flatten)]
    answer: Option<VerifyAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Verify {
    pub(super) async fn run(mut self, config: &ConfigFlag) -> anyhow::Result<Exit> {
        let settings = config.settings(RawSettings {
            signing: SigningWritten {
                watermark: self.watermark.take(),
                watermark_key: self.watermark_key.take(),
                ..SigningWritten::default()
            },
            serving: ServingWritten {
                trust: self.trust.take(),
                ..ServingWritten::default()
            },
            ..RawSettings::default()
        })?;
        let own = settings.signing()?;
        let own = own.map(|own| credentials(&own.files)).transpose()?;
        let trust = trust(settings.trust()?.as_deref(), own.as_ref())?;
        let pixels = PixelReader::open(&settings)?;
        let language = self.language.unwrap_or_else(language_of_process);
        let mut exit = Exit::Success;
        for path in &self.files {
            if !self.tell(path, (&trust, pixels.as_ref()), language).await? {
                exit = Exit::Failure;
            }
        }
        Ok(exit)
    }

    /// Says what a file says, and whether that holds.
    async fn tell(
        &self,
        path: &Path,
        (trust, pixels): (&Trust, Option<&PixelReader>),
        language: Language,
    ) -> anyhow::Result<bool> {
        let name = path.display().to_string();
        let found = async {
            let file = read(path).map_err(|error| console::whole(&error))?;
            let findings = examine(&file, trust);
            let mut findings = findings.map_err(|error| error.message().to(language))?;
            if let Some(reader) = pixels {
                let found = reader.look(&file).await;
                findings.pixels = Some(found.map_err(|error| error.to_string())?);
            }
            Ok(findings)
        };
        match found.await {
            Ok(findings) => {
                let answer = VerifyAnswer::new(findings, language);
                let holds = answer.holds();
                if self.json {
                    line(&name, Some(answer), None)?;
                } else {
                    console::line(format_args!("{name}"))?;
                    for sentence in answer.summary() {
                        console::line(format_args!("  {sentence}"))?;
                    }
                }
                Ok(holds)
            }
            Err(reason) if self.json => {
                line(&name, None, Some(reason))?;
                Ok(false)
            }
            Err(reason) => {
                console::complain(&format!("{name}: {reason}"));
                Ok(false)
            }
        }
    }
}

fn line(file: &str, answer: Option<VerifyAnswer>, error: Option<String>) -> anyhow::Result<()> {
    let line = Line {
        file,
        answer,
        error,
    };
    console::line(serde_json::to_string(&line)?)?;
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut read_whole =
        |from: &mut dyn std::io::Read| from.take(MOST_BYTES + 1).read_to_end(&mut file).map(|_| ());
    if path == Path::new("-") {
        read_whole(&mut std::io::stdin().lock()).context("cannot read standard input")?;
    } else {
        std::fs::File::open(path)
            .and_then(|mut file| read_whole(&mut file))
            .with_context(|| "cannot read it")?;
    }
    anyhow::ensure!(
        file.len() as u64 <= MOST_BYTES,
        "it is larger than {MOST_BYTES} bytes, the most that is read"
    );
    Ok(file)
}

fn language(code: &str) -> Result<Language, String> {
    Language::of_tag(code).ok_or_else(|| "expected en, fr or vi".to_owned())
}

/// As other programs choose theirs.
fn language_of_process() -> Language {
    let said = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty());
    said.and_then(|tag| Language::of_tag(&tag))
        .unwrap_or_default()
}
