//! The real program, run as a person or an orchestrator runs it.

mod program;

mod generate;
mod import;
mod log;
mod models;
mod settings;
mod shutdown;
