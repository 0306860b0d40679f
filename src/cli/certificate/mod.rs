//! `atelier certificate`: something to sign files with, for trying.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};

use super::{Exit, console};
use crate::imaging::signing::issue;

#[derive(Debug, Args)]
pub(super) struct Certificate {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a certificate to sign files with, for trying
    New(New),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  atelier certificate new --out signing
  atelier serve --sign-cert signing/certificate.pem --sign-key signing/key.pem
  atelier verify --trust signing/ca.pem seven.png

Three files are made: certificate.pem (the certificate, and its authority's after it), key.pem (its
private key, for its owner alone), ca.pem (the authority's certificate, for those who are to trust it).
Readers elsewhere will say that nobody they trust vouches for the name. For the public, have an
authority on the C2PA's trust list issue a certificate; docs/provenance.md says more.")]
struct New {
    /// Folder for the three files
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// In whose name files are signed
    #[arg(long, value_name = "NAME", default_value = "Atelier on trial")]
    name: String,
}

/// The files, and whether others may read them.
const CHAIN: &str = "certificate.pem";
const KEY: &str = "key.pem";
const AUTHORITY: &str = "ca.pem";

impl Certificate {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        match self.command {
            Command::New(new) => new.run(),
        }
    }
}

impl New {
    fn run(self) -> anyhow::Result<Exit> {
        for name in [CHAIN, KEY, AUTHORITY] {
            let path = self.out.join(name);
            // What was signed with a key can't be signed again without it.
            if path.symlink_metadata().is_ok() {
                bail!("{} is there already; name another folder", path.display());
            }
        }
        let issued = issue(&self.name)?;
        std::fs::create_dir_all(&self.out)
            .with_context(|| format!("cannot make {}", self.out.display()))?;
        self.write(KEY, &issued.key, 0o600)?;
        self.write(CHAIN, &issued.chain, 0o644)?;
        self.write(AUTHORITY, &issued.authority, 0o644)?;
        let path = |name: &str| self.out.join(name).display().to_string();
        console::line(format_args!(
            "{}\n{}\n{}",
            path(CHAIN),
            path(KEY),
            path(AUTHORITY)
        ))?;
        console::remark(format_args!(
            "The certificate is for trying, and ends in a year. Readers elsewhere will call it untrusted: \
             nobody that they know vouches for {:?}.",
            self.name
        ));
        Ok(Exit::Success)
    }

    fn write(&self, name: &str, text: &str, mode: u32) -> anyhow::Result<()> {
        let path = self.out.join(name);
        write_new(&path, text, mode).with_context(|| format!("cannot write {}", path.display()))
    }
}

/// Writes a file that isn't there yet; others see it with that mode from its first moment.
pub(super) fn write_new(path: &Path, text: &str, mode: u32) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    options.open(path)?.write_all(text.as_bytes())
}
