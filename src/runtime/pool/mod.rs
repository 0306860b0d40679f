//! The bounded workers, the rows that wait for them, and the answers on their way back.

pub(in crate::runtime) mod answers;
pub(in crate::runtime) mod batcher;
pub(in crate::runtime) mod session_growth;
pub(in crate::runtime) mod shared;
pub(in crate::runtime) mod slots;
pub(in crate::runtime) mod worker;
