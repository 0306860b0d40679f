//! What every route needs: bodies within limits, the form of an answer, one log line a request.

pub(in crate::http) mod accept;
pub(in crate::http) mod access;
pub(in crate::http) mod address;
pub(in crate::http) mod answer;
pub(in crate::http) mod base;
pub(in crate::http) mod body;
pub(in crate::http) mod language;
pub(in crate::http) mod observe;
pub(in crate::http) mod options;
pub(in crate::http) mod static_file;
mod surrogates;
pub(in crate::http) mod time;
pub(in crate::http) mod warning;
