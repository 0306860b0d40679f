//! Models that make images of images: translators, painters and upscalers.

mod harness;
mod inpaint;
mod sharing;
mod style;
mod translate;
mod upscale;
mod watermark;
