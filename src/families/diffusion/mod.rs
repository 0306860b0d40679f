//! Latent diffusion in the layout of Hugging Face diffusers, run from its exported ONNX graphs.
//!
//! A folder that `optimum-cli export onnx` wrote is a model as it stands: `model_index.json` names its
//! parts, each part brings its own configuration, and [`schedulers`] repeats the Python package number
//! for number, so that a seed gives the picture that it gives there.

pub mod schedulers;
