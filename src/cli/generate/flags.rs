//! The flags of `atelier generate`, and the request that they add up to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;

use super::diffusion::DiffusionFlags;
use super::files::{format_of, read};
use super::latent::{LatentFlags, endpoint};
use super::painting::Plan;
use super::turns::Turns;
use crate::config::{EngineWritten, LogWritten};
use crate::imaging::FileFormat;
use crate::models::ClassAxis;
use crate::models::nearest::{nearest, proposal};
use crate::service::{ClassChoice, Draft, Model, Walk, WalkMode};

/// Images that are painted if nobody says how many.
const USUAL: u64 = 8;
/// The seed of the first image if nobody says.
const FIRST_SEED: u64 = 1;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  atelier generate --model digits-gan --prompt seven       eight sevens, into out/MODEL
  atelier generate --model digits-gan --prompt bảy --n 1 --out seven.png
  atelier generate --model digits-gan --prompt sept --n 1 --out - | display
  atelier generate --model digits-vae --n 100 --grid digits.png --columns 10
  atelier generate --model digits-gan --n 50000 --balance digit --out digits
                                                           a set to train on, with labels.csv
  atelier generate --model digits-vae --interpolate-from 3 --interpolate-to 8 --n 12 --grid walk.png
  atelier generate --model digits-vae --interpolate-from 3 --interpolate-to 8 --loop --out walk.apng
  atelier generate --model digits-vae --mix 3=0.7 --mix 8=0.3 --n 10 --grid mix.png
  atelier generate --model digits-pixelcnn --image upper-half.png --n 4
  atelier generate --model emoji-diffusion --prompts wishes.txt --grid wishes.png

Image i is painted from seed + i, and the service answers the same bytes for the same seed. A
folder of images can be stopped with Ctrl-C and gone on with by the same command.")]
pub(in crate::cli) struct Generate {
    /// The model's id [default: the one that the service would use]
    #[arg(long, value_name = "ID")]
    pub(super) model: Option<String>,
    /// What to paint, in words; a model with classes chooses one by it
    #[arg(long, value_name = "TEXT", group = "words")]
    pub(super) prompt: Option<String>,
    /// A file with one prompt a line, for one image each; with a larger --n they go round
    #[arg(long, value_name = "FILE", group = "words", conflicts_with_all = [
        "prompt", "balance", "best_of", "latents", "interpolate_from", "mix",
    ])]
    pub(super) prompts: Option<PathBuf>,
    /// What to paint, by label; AXIS=LABEL, repeated, where a model has several axes
    #[arg(long, value_name = "LABEL")]
    pub(super) class: Vec<String>,
    /// Paint every label of this axis equally often; `class` means all axes, and all that they make
    /// together
    #[arg(long, value_name = "AXIS", conflicts_with = "prompt")]
    pub(super) balance: Option<String>,
    /// How many images [default: 8]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) n: Option<u64>,
    /// The first image's seed [default: 1]
    #[arg(long)]
    pub(super) seed: Option<u64>,
    /// Draw latent numbers beyond ± this again: less variety, fewer failures
    #[arg(long, value_name = "X")]
    pub(super) truncation: Option<f32>,
    /// Below 1, surer pixels; above 1, bolder ones
    #[arg(long, value_name = "X")]
    pub(super) temperature: Option<f32>,
    /// Paint this many and keep the n that the discriminator scores highest
    #[arg(long, value_name = "K")]
    pub(super) best_of: Option<u64>,
    /// Walk through latent space from this seed or image
    #[arg(long, value_name = "SEED|FILE", requires = "interpolate_to")]
    pub(super) interpolate_from: Option<String>,
    /// Where the walk ends, n images later
    #[arg(long, value_name = "SEED|FILE", requires = "interpolate_from")]
    pub(super) interpolate_to: Option<String>,
    /// The line that the walk follows
    #[arg(long, value_name = "LINE", default_value = "spherical", value_parser = ["linear", "spherical"])]
    pub(super) interpolate_mode: String,
    /// Latents to paint from: a JSON file with one list of numbers, or a list of them
    #[arg(long, value_name = "FILE")]
    pub(super) latents: Option<PathBuf>,
    /// An image to reconstruct, to complete the upper part of, or to start from
    #[arg(long, value_name = "FILE")]
    pub(super) image: Option<PathBuf>,
    /// How many rows of the image to keep, from the top
    #[arg(long, value_name = "N", requires = "image")]
    pub(super) keep_rows: Option<u64>,
    /// png, jpeg or webp, or for all images in one file, apng or webp-animation [default: by the
    /// name of the file, or png]
    #[arg(long)]
    pub(super) format: Option<FileFormat>,
    /// What lies behind images with transparency: transparent, opaque (white) or #rrggbb
    #[arg(long, value_name = "COLOUR")]
    pub(super) background: Option<String>,
    /// Write the prompt into the files' metadata
    #[arg(long, requires = "words")]
    pub(super) keep_prompt: bool,
    /// Folder for the images and their labels.csv, the file of a single image, or - to write a single
    /// image to standard output [default: out/MODEL, unless there is a --grid]
    #[arg(long, value_name = "DIR|FILE")]
    pub(super) out: Option<PathBuf>,
    /// Put all images on one sheet
    #[arg(long, value_name = "FILE")]
    pub(super) grid: Option<PathBuf>,
    /// Images in a row of the sheet [default: as square as it goes]
    #[arg(long, value_name = "K", requires = "grid", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) columns: Option<u32>,
    /// Write a line of JSON to standard output for each file, instead of a summary
    #[arg(long)]
    pub(super) json: bool,
    /// Say nothing but what goes wrong
    #[arg(long, short)]
    pub(super) quiet: bool,
    #[command(flatten)]
    pub(super) latent: LatentFlags,
    #[command(flatten)]
    pub(super) diffusion: DiffusionFlags,
    #[command(flatten)]
    pub(super) engine: EngineWritten,
    #[command(flatten)]
    pub(super) log: LogWritten,
}

/// Where the images are wanted.
#[derive(Debug, Default)]
pub(super) struct Target {
    pub(super) folder: Option<PathBuf>,
    pub(super) file: Option<PathBuf>,
    pub(super) stdout: bool,
    pub(super) sheet: Option<PathBuf>,
}

impl Generate {
    /// What to ask the engine for.
    pub(super) fn plan(&self, model: &Model) -> anyhow::Result<Plan> {
        let manifest = model.manifest();
        let mut draft = Draft {
            model: Some(model.id().to_owned()),
            prompt: self.prompt.clone(),
            class: self.class_choice(&manifest.classes)?,
            truncation: self.truncation,
            temperature: self.temperature,
            best_of: self.best_of,
            image: self.image.as_deref().map(read).transpose()?,
            keep_rows: self.keep_rows,
            format: self.format()?,
            background: self.background.clone(),
            keep_prompt: self.keep_prompt.then_some(true),
            ..Draft::default()
        };
        self.latent.fill(&mut draft)?;
        self.diffusion.fill(&mut draft)?;
        if let Some(path) = &self.latents {
            draft.latents = Some(latents(path)?);
            draft.n = self.n;
            draft.seed = self.seed;
            return Ok(Plan::Together { draft });
        }
        if let (Some(from), Some(to)) = (&self.interpolate_from, &self.interpolate_to) {
            draft.interpolate = Some(Walk {
                from: endpoint(from)?,
                to: endpoint(to)?,
                steps: self.n.unwrap_or(USUAL),
                mode: match self.interpolate_mode.as_str() {
                    "linear" => WalkMode::Linear,
                    _ => WalkMode::Spherical,
                },
            });
            draft.seed = self.seed;
            return Ok(Plan::Together { draft });
        }
        // A reconstruction is one image, and no seed has a part in it.
        if draft.image.is_some() && model.encoder().is_some() {
            draft.n = self.n;
            return Ok(Plan::Together { draft });
        }
        let first = self.seed.unwrap_or(FIRST_SEED);
        let written = self
            .prompts
            .as_deref()
            .map(|path| Turns::prompts(path, first));
        let written = written.transpose()?;
        let usual = match &written {
            Some(Turns::Prompts { prompts, .. }) => prompts.len() as u64,
            _ if draft.mix.is_some() => 1,
            _ => USUAL,
        };
        let n = self.n.unwrap_or(usual);
        if first.checked_add(n).is_none() {
            bail!(
                "--seed {first}: image i has seed + i; expected at most {}",
                u64::MAX - n
            );
        }
        let animated = draft.format.is_some_and(FileFormat::is_animated);
        if written.is_some() && animated {
            bail!(
                "--prompts paints one image a line, and --format an animation; leave one of them out"
            );
        }
        if self.best_of.is_some() || animated {
            draft.n = Some(n);
            draft.seed = Some(first);
            return Ok(Plan::Together { draft });
        }
        let turns = written.or_else(|| self.turns(&manifest.classes, draft.class.as_ref()));
        Ok(Plan::OneByOne {
            draft,
            first,
            n,
            turns,
        })
    }

    /// Where the images go.
    pub(super) fn target(&self, model: &Model, plan: &Plan) -> anyhow::Result<Target> {
        let animated = self.format()?.is_some_and(FileFormat::is_animated);
        if self.grid.is_some() && animated {
            bail!("--grid makes one image, and --format an animation; leave one of them out");
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
            Some(out) if format_of(out).is_some() && !out.is_dir() => {
                if plan.files() != 1 {
                    let n = plan.files();
                    let out = out.display();
                    bail!("{out} can hold one image, not {n}; say --n 1, or give --out a folder");
                }
                target.file = Some(out.clone());
            }
            Some(out) => target.folder = Some(out.clone()),
            None if self.grid.is_some() => {}
            None => target.folder = Some(Path::new("out").join(model.id())),
        }
        Ok(target)
    }

    fn format(&self) -> anyhow::Result<Option<FileFormat>> {
        let by_name = self.out.as_deref().and_then(format_of);
        match (self.format, by_name) {
            // An animated WebP file is named as a still one is.
            (Some(format), Some(other)) if format.extension() != other.extension() => {
                bail!("--format is {format} and --out names a {other} file; leave one of them out")
            }
            (format, by_name) => Ok(format.or(by_name)),
        }
    }

    /// The labels that are chosen; axes that are balanced are left to follow the seed, which goes
    /// through their labels in turn.
    fn class_choice(&self, axes: &[ClassAxis]) -> anyhow::Result<Option<ClassChoice>> {
        let names = || {
            let names: Vec<&str> = axes.iter().map(|axis| axis.name.as_str()).collect();
            names.join(", ")
        };
        if axes.is_empty() && (self.balance.is_some() || !self.class.is_empty()) {
            bail!("this model has no classes to choose from");
        }
        let balanced = match (self.balance.as_deref(), axes) {
            (Some("class"), [only]) => Some(only.name.as_str()),
            (Some("class"), axes) if axes.iter().all(|axis| axis.name != "class") => None,
            (Some(name), axes) if axes.iter().any(|axis| axis.name == name) => Some(name),
            (Some(name), _) => {
                let known = axes.iter().map(|axis| (&*axis.name, &*axis.name));
                let meant = proposal(&nearest(name, known));
                bail!("--balance {name}: this model's axes are {}{meant}", names())
            }
            (None, _) => None,
        };
        let mut chosen = BTreeMap::new();
        for text in &self.class {
            let parts = text.split_once('=');
            let named = parts
                .and_then(|(name, label)| Some((axes.iter().find(|a| a.name == name)?, label)));
            let (axis, label) = match (named, axes) {
                (Some(named), _) => named,
                (None, [only]) => (only, text.as_str()),
                (None, _) if let Some((name, _)) = parts => {
                    let known = axes.iter().map(|axis| (&*axis.name, &*axis.name));
                    let meant = proposal(&nearest(name, known));
                    bail!(
                        "--class {text}: there is no axis {name:?}{meant}; this model has {}",
                        names()
                    )
                }
                (None, _) => bail!(
                    "--class {text}: say of which axis, as in AXIS={text}; this model has {}",
                    names()
                ),
            };
            if balanced == Some(axis.name.as_str()) {
                bail!(
                    "--class chooses one {0}, and --balance wants them all",
                    axis.name
                );
            }
            if chosen
                .insert(axis.name.clone(), choice(axis, label))
                .is_some()
            {
                bail!("--class chooses {} twice", axis.name);
            }
        }
        Ok((!chosen.is_empty()).then_some(ClassChoice::Axes(chosen)))
    }

    /// The labels that go round with the seeds, where one axis is to be balanced before others.
    fn turns(&self, axes: &[ClassAxis], chosen: Option<&ClassChoice>) -> Option<Turns> {
        let is_free = |axis: &&ClassAxis| match chosen {
            Some(ClassChoice::Axes(chosen)) => !chosen.contains_key(&axis.name),
            _ => true,
        };
        Turns::of(
            axes.iter().filter(is_free),
            self.balance
                .as_deref()
                .filter(|name| axes.iter().any(|axis| axis.name == *name)),
        )
    }
}

/// A label by its name, or else by its number.
fn choice(axis: &ClassAxis, label: &str) -> ClassChoice {
    match (axis.index_of(label), label.parse()) {
        (None, Ok(index)) => ClassChoice::Index(index),
        _ => ClassChoice::Name(label.to_owned()),
    }
}

fn latents(path: &Path) -> anyhow::Result<Vec<Vec<f32>>> {
    let text = read(path)?;
    let many = serde_json::from_slice::<Vec<Vec<f32>>>(&text);
    let one = || serde_json::from_slice::<Vec<f32>>(&text).map(|one| vec![one]);
    let wanted = || {
        format!(
            "{} holds no list of numbers, nor a list of them",
            path.display()
        )
    };
    many.or_else(|_| one()).with_context(wanted)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::models::Label;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        generate: Generate,
    }

    fn generate(flags: &[&str]) -> Generate {
        let line = std::iter::once(&"generate").chain(flags);
        Line::try_parse_from(line).expect("good flags").generate
    }

    fn axis(name: &str) -> ClassAxis {
        ClassAxis {
            name: name.to_owned(),
            encoding: Default::default(),
            labels: ["red", "7"].map(Label::named).to_vec(),
        }
    }

    fn chosen(flags: &[&str], axes: &[&str]) -> Result<Option<ClassChoice>, String> {
        let axes: Vec<ClassAxis> = axes.iter().map(|name| axis(name)).collect();
        let choice = generate(flags).class_choice(&axes);
        choice.map_err(|error| error.to_string())
    }

    fn by_axis(name: &str, choice: ClassChoice) -> Option<ClassChoice> {
        Some(ClassChoice::Axes([(name.to_owned(), choice)].into()))
    }

    #[test]
    fn a_label_goes_by_its_name_before_its_number() {
        let name = |label: &str| ClassChoice::Name(label.to_owned());
        assert_eq!(
            chosen(&["--class", "7"], &["a"]),
            Ok(by_axis("a", name("7")))
        );
        assert_eq!(
            chosen(&["--class", "1"], &["a"]),
            Ok(by_axis("a", ClassChoice::Index(1)))
        );
        assert_eq!(
            chosen(&["--class", "b=red"], &["a", "b"]),
            Ok(by_axis("b", name("red")))
        );
    }

    #[test]
    fn an_axis_is_balanced_by_leaving_it_to_the_seed() {
        assert_eq!(chosen(&["--balance", "class"], &["a"]), Ok(None));
        assert_eq!(chosen(&["--balance", "b"], &["a", "b"]), Ok(None));
        assert_eq!(chosen(&["--balance", "class"], &["a", "b"]), Ok(None));
        let error = chosen(&["--balance", "c"], &["a", "b"]).unwrap_err();
        assert_eq!(error, "--balance c: this model's axes are a, b");
        let error = chosen(&["--balance", "a", "--class", "red"], &["a"]).unwrap_err();
        assert!(error.contains("wants them all"), "{error}");
    }

    #[test]
    fn the_name_of_a_file_says_its_format() {
        let format = |flags: &[&str]| generate(flags).format().map_err(|error| error.to_string());
        assert_eq!(format(&["--out", "a.jpg"]), Ok(Some(FileFormat::Jpeg)));
        assert_eq!(format(&["--out", "a"]), Ok(None));
        assert!(format(&["--out", "a.webp", "--format", "png"]).is_err());
        let moving = format(&["--out", "a.webp", "--format", "webp-animation"]);
        assert_eq!(moving, Ok(Some(FileFormat::WebpAnimation)));
        assert_eq!(format(&["--out", "a.apng"]), Ok(Some(FileFormat::Apng)));
    }
}
