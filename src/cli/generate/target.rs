//! Where the images go, and as what files.

use std::path::{Path, PathBuf};

use anyhow::bail;

use super::files::format_of;
use super::flags::Generate;
use super::plan::Plan;
use crate::imaging::FileFormat;
use crate::service::Model;

/// Where the images are wanted.
#[derive(Debug, Default)]
pub(super) struct Target {
    pub(super) folder: Option<PathBuf>,
    /// Whether nobody named the folder, so that another will do where it is taken.
    pub(super) any_folder: bool,
    pub(super) file: Option<PathBuf>,
    pub(super) stdout: bool,
    pub(super) sheet: Option<PathBuf>,
}

/// Endings of image files that are not written here. A name with one of them is no folder.
const OTHER_KINDS: [&str; 12] = [
    "bmp", "tif", "tiff", "avif", "heic", "heif", "jxl", "jp2", "ico", "svg", "tga", "ppm",
];

fn names_another_kind(out: &Path) -> bool {
    let ending = out.extension().and_then(|ending| ending.to_str());
    let is_one = |ending: &str| {
        OTHER_KINDS
            .iter()
            .any(|kind| ending.eq_ignore_ascii_case(kind))
    };
    ending.is_some_and(is_one) && !out.is_dir()
}

impl Generate {
    /// Where the images go.
    pub(super) fn target(&self, model: &Model, plan: &Plan) -> anyhow::Result<Target> {
        let stills = |format: FileFormat| FileFormat::ALL.contains(&format);
        match self.format()?.filter(|format| !stills(*format)) {
            Some(format) if self.grid.is_some() => {
                bail!("--grid makes one image of those in --format {format}; leave one of them out")
            }
            _ => {}
        }
        let mut target = Target {
            sheet: self.grid.clone(),
            ..Target::default()
        };
        match &self.out {
            Some(out) if out.as_os_str() == "-" => {
                if plan.files() != 1 {
                    let n = plan.files();
                    bail!("--out - can hold one image, not {n}; say --n 1, or give --out a folder");
                }
                if self.json {
                    bail!(
                        "--out - and --json both write to standard output; leave one of them out"
                    );
                }
                target.stdout = true;
            }
            Some(out) if self.names_one_file() => {
                if plan.files() != 1 {
                    let n = plan.files();
                    let out = out.display();
                    bail!("{out} can hold one image, not {n}; say --n 1, or give --out a folder");
                }
                target.file = Some(out.clone());
            }
            Some(out) if names_another_kind(out) => {
                bail!(
                    "--out {}: a file's name must end in .png, .jpg, .webp, .gif or .apng; for a folder of that name, make it first",
                    out.display()
                );
            }
            Some(out) if out.exists() && !out.is_dir() => {
                bail!(
                    "--out {}: it is there and no folder; name a folder, or a file that ends in .png, .jpg, .webp, .gif or .apng",
                    out.display()
                );
            }
            Some(out) => target.folder = Some(out.clone()),
            None if self.grid.is_some() => {}
            None => {
                target.folder = Some(Path::new("out").join(model.id()));
                target.any_folder = true;
            }
        }
        Ok(target)
    }

    /// Whether --out has room for one image: standard output, or a file that is named as one.
    pub(super) fn names_one_file(&self) -> bool {
        let out = self.out.as_deref();
        out.is_some_and(|out| out.as_os_str() == "-" || (format_of(out).is_some() && !out.is_dir()))
    }

    pub(super) fn format(&self) -> anyhow::Result<Option<FileFormat>> {
        let by_name = self.out.as_deref().and_then(format_of);
        match (self.fields.draft.format, by_name) {
            // An animated WebP file is named as a still one is.
            (Some(format), Some(other)) if format.extension() != other.extension() => {
                bail!("--format is {format} and --out names a {other} file; leave one of them out")
            }
            (format, by_name) => Ok(format.or(by_name)),
        }
    }
}
