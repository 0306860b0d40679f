//! The flags of `atelier generate`: those of a request's fields, and its own.

use std::path::PathBuf;

use clap::Args;

use super::fields::FieldFlags;
use crate::config::{EngineWritten, LogWritten, SigningWritten};

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
folder of images can be stopped with Ctrl-C and gone on with by the same command; a greater --n or
another --seed adds images to it. What else differs makes other images, and is refused there.")]
pub(in crate::cli) struct Generate {
    /// A file with one prompt a line, for one image each; with a larger --n they go round
    #[arg(long, value_name = "FILE", conflicts_with_all = [
        "prompt", "balance", "best_of", "latents", "interpolate_from", "mix", "seeds",
    ])]
    pub(super) prompts: Option<PathBuf>,
    /// Folder for the images and their labels.csv, the file of a single image, or - to write a single
    /// image to standard output [default: out/MODEL, unless there is a --grid]
    #[arg(long, value_name = "DIR|FILE")]
    pub(super) out: Option<PathBuf>,
    /// Put all images on one sheet
    #[arg(long, value_name = "FILE")]
    pub(super) grid: Option<PathBuf>,
    /// Images in a row of the sheet [default: as square as possible]
    #[arg(long, value_name = "K", requires = "grid", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) columns: Option<u32>,
    /// Write a line of JSON to standard output for each file, instead of a summary
    #[arg(long)]
    pub(super) json: bool,
    /// Print only errors
    #[arg(long, short)]
    pub(super) quiet: bool,
    #[command(flatten)]
    pub(super) fields: FieldFlags,
    #[command(flatten)]
    pub(super) engine: EngineWritten,
    #[command(flatten)]
    pub(super) signing: SigningWritten,
    #[command(flatten)]
    pub(super) log: LogWritten,
}
