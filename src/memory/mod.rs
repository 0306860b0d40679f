//! How much memory there is, and who holds how much of it.
//!
//! A [`Budget`] counts bytes before they are allocated: bodies as they come in, images before their
//! pixels are unpacked, generations before they begin. What doesn't fit now waits, or is refused as
//! something that passes; what could never fit is refused for good, with a word on what would.
//!
//! Nothing here allocates for others: a [`Reservation`] is a promise, and dropping it gives the
//! bytes back.

mod budget;
mod held;
mod limit;

pub use self::budget::{Budget, NoRoom, Reservation};
pub use self::held::Held;
pub use self::limit::{addresses_left, limit, resident};
