//! Files that are signed: which model made the pixels, in a form that nobody can change unnoticed.
//!
//! A manifest of the C2PA's specification 2 goes into the file. It holds a hash of all other bytes, and
//! says by which actions they came to be; both are signed with the operator's key
//! ([`Credentials`]). Readers elsewhere find out with it whether the file is as it left here, and who
//! stands for it.
//!
//! Where images were handed in, each is an ingredient ([`Input`]), and the manifest that it carried
//! stays in the file.

mod actions;
mod certificate;
mod credentials;
mod input;
mod issue;
mod sign;
mod stamps;
mod template;
#[cfg(test)]
mod tests;

pub use self::certificate::CertificateError;
pub use self::credentials::{Credentials, CredentialsError};
pub use self::input::{Input, Role};
pub use self::issue::{IssueError, Issued, issue};
pub use self::sign::{SigningError, Statement};
pub use self::stamps::{NoAuthority, TimeStamps};
