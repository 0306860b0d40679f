//! `atelier openapi`: the HTTP interface, described by the code that serves it.

use super::{Exit, console};
use crate::http::openapi_yaml;

pub(super) fn run() -> anyhow::Result<Exit> {
    console::text(&openapi_yaml())?;
    Ok(Exit::Success)
}
