//! How much memory a generation may need at its worst.

use super::{Bundle, Generation, refused};
use crate::fields::InvalidField;
use crate::memory::NoRoom;
use crate::message;
use crate::service::failure::Failure;

/// Bytes for each number of an image: as a tensor, as the copy that a batch is packed into, as
/// pixels, and as a file.
const BYTES: u64 = 4 + 4 + 1 + 1;
/// An image that joins others in one file is copied into it.
const JOINED: u64 = 2;

impl Generation {
    /// Images that are sampled, those that are not answered included.
    pub(in crate::service) fn strands(&self) -> usize {
        let candidates = self
            .candidates
            .and_then(|count| usize::try_from(count).ok());
        candidates.unwrap_or(0).max(self.count())
    }

    /// The field that says how many images are sampled.
    pub(in crate::service) fn counting_field(&self) -> &'static str {
        match self.candidates {
            Some(_) => "best_of",
            None => "n",
        }
    }

    /// Steps that were asked for.
    pub(in crate::service) fn steps(&self) -> Option<u64> {
        self.steps
    }

    /// Bytes that it may need at its worst.
    pub(in crate::service) fn bytes(&self) -> u64 {
        self.bytes_of(self.strands() as u64)
    }

    /// The same for so many images.
    fn bytes_of(&self, images: u64) -> u64 {
        let (width, height) = self.order.size();
        let mut channels = self.model.channels().count() as u64;
        let marking = self.marking_bytes(images);
        if !self.chain.is_empty() || marking > 0 {
            // Whatever was grey may come back in colour.
            channels = channels.max(3);
        }
        let numbers = u64::from(width) * u64::from(height) * channels;
        let each = match self.bundle {
            Bundle::Each => BYTES,
            Bundle::Sheet { .. } | Bundle::Animation(_) => BYTES + JOINED,
        };
        let kept = self
            .signing
            .as_ref()
            .map_or(0, |(signing, _)| signing.bytes());
        numbers
            .saturating_mul(each)
            .saturating_mul(images)
            .saturating_add(marking)
            .saturating_add(kept)
    }

    /// Whether each of its graph calls could run within so many bytes.
    ///
    /// # Errors
    /// [`Failure::Invalid`], with a size that would fit.
    pub(in crate::service) fn fits_calls(&self, total: u64) -> Result<(), Failure> {
        let wanted = self.call_bytes(1.0);
        if wanted <= total {
            return Ok(());
        }
        let (least, mut fitting, mut beyond) = (1.0 / 4096.0, 1.0 / 4096.0, 1.0);
        let (mib, has) = (wanted.div_ceil(1 << 20), total >> 20);
        if self.call_bytes(least) > total {
            let message = message!(
                "one image of this model needs {wanted} MiB of memory, and graph calls have {total} MiB; the \
                 server needs more memory (--memory-mib) for it",
                wanted = mib,
                total = has
            );
            return Err(refused(InvalidField::new("model", message)));
        }
        for _ in 0..32 {
            let middle = f64::midpoint(fitting, beyond);
            if self.call_bytes(middle) <= total {
                fitting = middle;
            } else {
                beyond = middle;
            }
        }
        Err(refused(self.smaller((mib, has), fitting)))
    }

    /// Names a size with so many times as many pixels.
    fn smaller(&self, (wanted, total): (u64, u64), times: f64) -> InvalidField {
        let size = self.scaled(times);
        let message = message!(
            "this needs {wanted} MiB of memory, and requests have {total} MiB; one image of about {size} would fit",
            wanted,
            total,
            size
        );
        let field = if self.model.parameter("width").is_some() {
            "width"
        } else {
            "image"
        };
        InvalidField::new(field, message)
    }

    /// Width and height with so many times as many pixels, in eights: "64 × 40".
    pub(in crate::service) fn scaled(&self, times: f64) -> String {
        let (width, height) = self.order.size();
        let side = |side: u32| ((f64::from(side) * times.sqrt() / 8.0).floor() * 8.0).max(1.0);
        format!("{} × {}", side(width), side(height))
    }

    /// Names what would have to be smaller, and how small.
    pub(in crate::service) fn what_would_fit(&self, no_room: NoRoom) -> InvalidField {
        let NoRoom::Never { wanted, total } = no_room else {
            return InvalidField::new("n", no_room.message());
        };
        let share = total as f64 / wanted.max(1) as f64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "fewer images than were asked for"
        )]
        let mut images = (self.strands() as f64 * share) as u64;
        // What the first images take, the others don't.
        while images > 0 && self.bytes_of(images) > total {
            images -= 1;
        }
        let (wanted, total) = (wanted.div_ceil(1 << 20), total >> 20);
        if images > 0 {
            let field = self.counting_field();
            let message = message!(
                "this needs {wanted} MiB of memory, and requests have {total} MiB; {field} = {images} would fit",
                wanted,
                total,
                field,
                images
            );
            return InvalidField::new(field, message);
        }
        self.smaller((wanted, total), share)
    }
}
