//! What a session's allocator has handed out, and what a call needs on top.
//!
//! ONNX Runtime allocates from an arena of its own for each session, which keeps whatever its
//! largest call took. Its figures are the only ones that tell one session's memory from another's:
//! what the system counts for the process holds all of them.

use std::ffi::CStr;
use std::ptr;

use ort::AsPointer as _;
use ort::memory::{AllocationDevice, Allocator, AllocatorType, MemoryInfo, MemoryType};
use ort::session::Session;

/// Bytes of a session's arena.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::runtime) struct ArenaUse {
    /// In use now: between two calls, the weights.
    pub(in crate::runtime) in_use: u64,
    /// The most that were ever in use.
    pub(in crate::runtime) peak: u64,
    /// Taken from the system, in use or not.
    pub(in crate::runtime) held: u64,
}

impl ArenaUse {
    /// The figures of a session's CPU arena; `None` where the library doesn't give them.
    pub(in crate::runtime) fn of(session: &Session) -> Option<Self> {
        let memory = MemoryInfo::new(
            AllocationDevice::CPU,
            0,
            AllocatorType::Device,
            MemoryType::Default,
        );
        let allocator = Allocator::new(session, memory.ok()?).ok()?;
        let figures = Figures::of(&allocator)?;
        Some(Self {
            in_use: figures.get(c"InUse")?,
            peak: figures.get(c"MaxInUse")?,
            held: figures.get(c"TotalAllocated")?,
        })
    }
}

/// The figures of an allocator by their names, as ONNX Runtime's C interface gives them.
struct Figures(*mut ort::sys::OrtKeyValuePairs);

#[expect(unsafe_code, reason = "the crate has no safe call for it")]
impl Figures {
    fn of(allocator: &Allocator) -> Option<Self> {
        let mut figures = ptr::null_mut();
        // SAFETY: the allocator lives through the call, and the pairs are ours to release.
        let done = unsafe {
            ort::Error::result_from_status((ort::api().AllocatorGetStats)(
                allocator.ptr(),
                &raw mut figures,
            ))
        };
        (done.is_ok() && !figures.is_null()).then_some(Self(figures))
    }

    fn get(&self, name: &CStr) -> Option<u64> {
        // SAFETY: both pointers live through the call; what comes back is a text or null, and
        // belongs to the pairs.
        let value = unsafe {
            let value = (ort::api().GetKeyValue)(self.0, name.as_ptr());
            (!value.is_null()).then(|| CStr::from_ptr(value))
        };
        value?.to_str().ok()?.parse().ok()
    }
}

#[expect(unsafe_code, reason = "the crate has no safe call for it")]
impl Drop for Figures {
    fn drop(&mut self) {
        // SAFETY: the pairs are ours, and nothing refers to them any more.
        unsafe { (ort::api().ReleaseKeyValuePairs)(self.0) };
    }
}
