//! The bounded workers, the rows that wait for them, and the answers on their way back.
//!
//! Requests come and go as they like, sessions take one call at a time, and a machine has so many
//! processors. This is where the one is fitted to the other: rows wait in one place, a worker takes
//! those that may run together with a session to run them, and nothing that a caller does (leaving,
//! failing, being slow) reaches another caller.

pub(in crate::runtime) mod answers;
pub(in crate::runtime) mod batcher;
pub(in crate::runtime) mod call_memory;
pub(in crate::runtime) mod fair_shares;
pub(in crate::runtime) mod flow;
pub(in crate::runtime) mod row_cost;
pub(in crate::runtime) mod session_growth;
pub(in crate::runtime) mod shared;
pub(in crate::runtime) mod slots;
pub(in crate::runtime) mod worker;
