//! Every family through the service, on models whose pictures can be worked out by hand.

mod ending;
mod harness;
mod latents;
mod pictures;
mod pixels;
mod refusals;
mod serving;
