//! The real program, run as a person or an orchestrator runs it.

mod program;

mod connections;
mod generate;
mod import;
mod jobs;
mod keys;
mod log;
mod models;
mod outputs;
mod reload;
mod settings;
mod signing;
mod shutdown;
mod tls;
mod traces;
mod watermark;
