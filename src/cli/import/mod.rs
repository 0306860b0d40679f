//! `atelier import`: a model folder for a graph that came without a description.
//!
//! A graph names its tensors and says how many numbers they hold. The rest is found by running it:
//! which latent it takes, how many labels it tells apart, which values its images have. What no
//! run can show is guessed, and the draft says of each line which of the three it is. The draft is
//! loaded and paints a preview before anything is put in its place.

mod denoiser;
mod image;
mod draft;
mod graph;
mod kind;
mod masked;
mod painter;
mod pair;
mod picture;
mod ports;
mod preview;
mod remarks;
mod stage;
mod translator;
mod trial;
mod viewer;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use clap::Args;

use super::{ConfigFlag, Exit, console};
use crate::config::{EngineSettings, EngineWritten, LogWritten, RawSettings};
use crate::imaging::{Channels, Layout, Standard, ValueRange};
use crate::models::{self, Distribution, Family, Manifest, is_id};
use crate::runtime::{Engine, EngineOptions};
use crate::telemetry;

use self::draft::Hints;
use self::image::Told;
use self::preview::preview;
use self::remarks::{Certainty, Remarks};
use self::stage::Stage;

/// What the axis of a graph that chooses a class is called.
const AXIS: &str = "label";
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  atelier import generator.onnx --id faces
  atelier import cifar.onnx --labels plane,car,bird,cat,deer,dog,frog,horse,ship,truck
  atelier import encoder.onnx decoder.onnx --id letters      a VAE
  atelier import generator.onnx discriminator.onnx           a GAN that can choose its best
  atelier import stylist.onnx painter.onnx                   the style of one image for another

The folder that comes of it holds the graphs, a model.toml with a comment on every line that was
found by running, guessed, or could not be known, and a preview.png. Look at the preview: wrong
colours mean another range, stripes another layout, and flags say so.")]
pub(super) struct Import {
    /// A graph that generates images, and perhaps its encoder, discriminator or stylist; or a folder
    /// with one graph, in whichever variants
    #[arg(value_name = "FILE.onnx", required = true, num_args = 1..=2)]
    files: Vec<PathBuf>,
    /// The model's id: what its folder and requests call it [default: by the file's name]
    #[arg(long)]
    id: Option<String>,
    /// What people should read [default: the id]
    #[arg(long)]
    title: Option<String>,
    /// gan, vae, diffusion, translate, style or upscale [default: by the graphs]
    #[arg(long, value_parser = family)]
    family: Option<Family>,
    /// The latent's shape without batch axis, such as 512 or 4,64,64 [default: by running]
    #[arg(long, value_name = "SIDES", value_delimiter = ',')]
    latent: Vec<usize>,
    /// How latents are drawn: normal, `truncated_normal` or uniform [default: normal]
    #[arg(long, value_parser = distribution)]
    distribution: Option<Distribution>,
    /// What the classes show, in order [default: 0, 1, 2 …]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    labels: Vec<String>,
    /// nchw, nhwc, chw, hwc, flat-hwc or flat-chw [default: by the image's shape and smoothness]
    #[arg(long, value_parser = layout)]
    layout: Option<Layout>,
    /// -1..1, 0..1, 0..255, any other BLACK..WHITE, or imagenet for what is normalised as its images
    /// are [default: by the image's values]
    #[arg(long, value_parser = range, allow_hyphen_values = true)]
    range: Option<ValueRange>,
    /// The same for images that go in, where they are of another range [default: as --range]
    #[arg(long, value_parser = range, allow_hyphen_values = true)]
    input_range: Option<ValueRange>,
    /// The image's width in pixels [default: by the image's shape]
    #[arg(long, requires = "height")]
    width: Option<u32>,
    /// The image's height in pixels
    #[arg(long, requires = "width")]
    height: Option<u32>,
    /// The image's channels: 1, 3 or 4 [default: by the image's shape]
    #[arg(long, value_parser = channels)]
    channels: Option<Channels>,
    /// The licence of the weights, as an SPDX expression
    #[arg(long, value_name = "SPDX")]
    license: Option<String>,
    /// Replace a model of this id
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    engine: EngineWritten,
    #[command(flatten)]
    log: LogWritten,
}

/// What came of it.
struct Imported {
    id: String,
    folder: PathBuf,
    manifest: Manifest,
    remarks: Remarks,
    warnings: Vec<String>,
}

impl Import {
    pub(super) async fn run(mut self, config: &ConfigFlag) -> anyhow::Result<Exit> {
        if let Some(models) = &self.engine.models {
            // The first model of a new folder.
            std::fs::create_dir_all(models)
                .with_context(|| format!("cannot make {}", models.display()))?;
        }
        let settings = config.settings(RawSettings {
            engine: std::mem::take(&mut self.engine),
            log: std::mem::take(&mut self.log),
            ..RawSettings::default()
        })?;
        telemetry::start_quietly(settings.log());
        let engine = settings.engine()?;
        let runtime = tokio::runtime::Handle::current();
        // Loading graphs blocks, and between loads they are run.
        let working = move || runtime.block_on(self.import(&engine));
        let imported = tokio::task::spawn_blocking(working).await??;
        imported.report()?;
        Ok(Exit::Success)
    }

    async fn import(mut self, settings: &EngineSettings) -> anyhow::Result<Imported> {
        let mut remarks = Remarks::default();
        for file in &mut self.files {
            *file = graph::choose(file, settings.variant.as_deref(), &mut remarks)?;
        }
        let id = match &self.id {
            Some(id) if is_id(id) => id.clone(),
            Some(id) => {
                bail!("--id {id}: an id has 1 to 64 of the characters a-z, 0-9, `.`, `_` and `-`")
            }
            None => id_of(&self.files[0])?,
        };
        let stage = Stage::set_up(&settings.models, &id, &self.files, self.force)?;
        let hints = self.hints(&id);
        let manifest = {
            let engine = Engine::start(&engine_options(settings))?;
            draft::draft(&engine, &self.files, &hints, &mut remarks).await?
        };
        let text = manifest.to_toml(&remarks.notes());
        std::fs::write(stage.folder.join("model.toml"), text)?;
        let root = stage.folder.parent().unwrap_or(&stage.folder);
        let (preview, warnings) = preview(settings, root, &id).await?;
        std::fs::write(stage.folder.join("preview.png"), preview)?;
        Ok(Imported {
            folder: stage.put_in_place()?,
            id,
            manifest,
            remarks,
            warnings,
        })
    }

    fn hints(&self, id: &str) -> Hints {
        Hints {
            title: self.title.clone().unwrap_or_else(|| id.to_owned()),
            family: self.family,
            latent: (!self.latent.is_empty()).then(|| self.latent.clone()),
            distribution: self.distribution,
            labels: self.labels.clone(),
            license: self.license.clone(),
            image: Told {
                layout: self.layout,
                range: self.range,
                sides: self.width.zip(self.height),
                channels: self.channels,
            },
            input_range: self.input_range,
        }
    }
}

impl Imported {
    fn report(&self) -> anyhow::Result<()> {
        let spec = &self.manifest.image;
        let size = spec.width.zip(spec.height);
        let size = size.filter(|&(width, height)| width > 0 && height > 0);
        let size = size.map_or("any size".to_owned(), |(width, height)| {
            format!("{width}×{height}")
        });
        let family = self.manifest.family;
        let count = spec.channels.count();
        let folder = self.folder.display();
        console::line(format_args!(
            "{}: {family}, {size}, {count} {}, in {folder}",
            self.id,
            if count == 1 { "channel" } else { "channels" },
        ))?;
        for certainty in [
            Certainty::Seen,
            Certainty::Guessed,
            Certainty::Unknown,
            Certainty::Doubt,
        ] {
            for line in self.remarks.lines(certainty) {
                console::line(format_args!("  {certainty}: {line}"))?;
            }
        }
        for warning in &self.warnings {
            let note = if warning.starts_with("CAREFUL") {
                ""
            } else {
                "Note: "
            };
            console::line(format_args!("  {note}{warning}"))?;
        }
        console::line(format_args!(
            "Look at {folder}/preview.png, then at the comments in {folder}/model.toml"
        ))?;
        Ok(())
    }
}

fn engine_options(settings: &EngineSettings) -> EngineOptions {
    EngineOptions {
        library: settings.library.clone(),
        provider: settings.provider,
        // One graph runs one row at a time while it is being studied.
        workers: 1,
        threads: settings.threads,
        ..EngineOptions::default()
    }
}

/// By the file's name, or its folder's where the file is only called by its role.
fn id_of(file: &Path) -> anyhow::Result<String> {
    let own = models::variant::plain_stem(file).to_lowercase();
    let role =
        ["generator", "decoder", "encoder", "discriminator", "model"].contains(&own.as_str());
    let folder = || {
        let file = file.canonicalize().ok()?;
        let names = file.ancestors().skip(1).filter_map(Path::file_name);
        let mut names = names.map(|name| name.to_string_lossy().to_lowercase());
        names.find(|name| name != "onnx")
    };
    let name = if role { folder().unwrap_or(own) } else { own };
    models::id_of(&name).with_context(|| format!("{} gives no id; say --id", file.display()))
}

/// A value as a manifest spells it.
fn spelled<T: serde::de::DeserializeOwned>(text: &str) -> anyhow::Result<T> {
    Ok(serde_json::from_value(text.into())?)
}

fn family(text: &str) -> anyhow::Result<Family> {
    spelled(text)
}

fn distribution(text: &str) -> anyhow::Result<Distribution> {
    spelled(text)
}

fn layout(text: &str) -> anyhow::Result<Layout> {
    spelled(text)
}

fn range(text: &str) -> anyhow::Result<ValueRange> {
    if let Ok(range) = spelled(text) {
        return Ok(range);
    }
    if text == "imagenet" {
        return Ok(ValueRange::Standard(Standard::IMAGENET));
    }
    let expected = || anyhow!("expected -1..1, 0..1, 0..255, BLACK..WHITE or imagenet");
    let (black, white) = text.split_once("..").ok_or_else(expected)?;
    let number = |text: &str| text.trim().parse::<f32>().map_err(|_| expected());
    let range = ValueRange::Bounds {
        black: number(black)?,
        white: number(white)?,
    };
    range.check()?;
    Ok(range)
}

fn channels(text: &str) -> anyhow::Result<Channels> {
    match text {
        "1" => Ok(Channels::Grey),
        "3" => Ok(Channels::Rgb),
        "4" => Ok(Channels::Rgba),
        _ => bail!("expected 1, 3 or 4"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_names_the_model_unless_it_only_says_its_role() {
        let id = |path: &str| id_of(Path::new(path)).map_err(|error| error.to_string());
        assert_eq!(id("/x/Faces v2.onnx"), Ok("faces-v2".to_owned()));
        assert_eq!(
            id(&format!("/x/{}.onnx", "long-".repeat(40))).map(|id| id.len()),
            Ok(64)
        );
        let folder = tempfile::Builder::new()
            .prefix("letters-")
            .tempdir()
            .unwrap();
        let graph = folder.path().join("generator.onnx");
        std::fs::write(&graph, "").unwrap();
        assert!(id(graph.to_str().unwrap()).unwrap().starts_with("letters-"));
        assert!(id("/x/日本.onnx").is_err());
    }

    #[test]
    fn values_are_spelled_as_in_a_manifest() {
        assert_eq!(range("-1..1").unwrap(), ValueRange::SignedUnit);
        let bounds = ValueRange::Bounds {
            black: -0.5,
            white: 0.5,
        };
        assert_eq!(range("-0.5..0.5").unwrap(), bounds);
        assert!(range("1..1").is_err() && range("bright").is_err());
        assert_eq!(layout("nhwc").unwrap(), Layout::Nhwc);
        let error = family("gna").unwrap_err().to_string();
        assert!(error.contains("unknown variant `gna`"), "{error}");
    }
}
