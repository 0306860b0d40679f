//! Every family through the service, on models whose images can be worked out by hand.

mod ending;
mod harness;
mod latents;
mod images;
mod pixels;
mod refusals;
mod serving;
