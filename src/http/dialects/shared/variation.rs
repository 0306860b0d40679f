//! Noise that is only in part its seed's, as clients ask for it: nearly all send these fields with every
//! request, with values that ask for nothing.

use uuid::Uuid;

use super::DraftBuilder;
use crate::http::wire::LooseSeed;

/// Mixes the noise of another seed in, where `strength` is above 0.
pub(super) fn mix(builder: &mut DraftBuilder, seed: Option<LooseSeed>, strength: Option<f32>) {
    let Some(strength) = strength.filter(|&strength| strength > 0.0) else {
        return;
    };
    let strength = builder.number("variation_strength", Some(strength));
    // A field that the model doesn't take was named once already.
    let Some(strength) = strength.filter(|_| builder.takes("variation_seed")) else {
        return;
    };
    let seed = seed.and_then(|LooseSeed(seed)| seed).unwrap_or_else(any);
    builder.draft.variation_strength = Some(strength);
    builder.draft.variation_seed = Some(seed);
}

/// Has the seed draw the noise of an image of another size, where both sides are above 0.
pub(super) fn resize(builder: &mut DraftBuilder, width: Option<f32>, height: Option<f32>) {
    let side = |side: Option<f32>| side.filter(|&side| side > 0.0);
    let (Some(width), Some(height)) = (side(width), side(height)) else {
        return;
    };
    if !builder.takes("noise_width") {
        builder.fitting("noise_width", Some(width));
        return;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "above 0, and brought within the range"
    )]
    let whole = |side: f32| side.max(1.0) as u64;
    builder.draft.noise_width = builder.whole("noise_width", Some(whole(width)));
    builder.draft.noise_height = builder.whole("noise_height", Some(whole(height)));
}

/// A seed that nobody asked for.
fn any() -> u64 {
    let [a, b, c, d, ..] = *Uuid::new_v4().as_bytes();
    u32::from_le_bytes([a, b, c, d]).into()
}
