//! The routes of Atelier's own interface, a file or folder each.

pub(in crate::http) mod encode;
pub(in crate::http) mod generate;
pub(in crate::http) mod generations;
pub(in crate::http) mod health;
pub(in crate::http) mod metrics;
pub(in crate::http) mod models;
pub(in crate::http) mod question;
pub(in crate::http) mod sample;
pub(in crate::http) mod score;
