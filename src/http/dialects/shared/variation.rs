//! Noise that is only in part its seed's, as clients ask for it: nearly all send these fields with every
//! request, with values that ask for nothing.

use uuid::Uuid;

use super::DraftBuilder;
use crate::http::wire::LooseSeed;
use crate::message;

/// Mixes the noise of another seed in, where `strength` is above 0.
pub(super) fn mix(builder: &mut DraftBuilder, seed: Option<LooseSeed>, strength: Option<f32>) {
    // Clients that send a seed by habit send a strength of 0 with it.
    if strength.is_none() && seed.as_ref().is_some_and(|LooseSeed(seed)| seed.is_some()) {
        return alone(builder, "variation_seed", "variation_strength");
    }
    let Some(strength) = strength.filter(|&strength| strength != 0.0) else {
        return;
    };
    let strength = builder.number("variation_strength", Some(strength));
    // A field that the model doesn't take was named once already.
    let mixes = strength.filter(|&strength| strength > 0.0 && builder.takes("variation_seed"));
    let Some(strength) = mixes else { return };
    let seed = seed.and_then(|LooseSeed(seed)| seed).unwrap_or_else(any);
    builder.draft.variation_strength = Some(strength);
    builder.draft.variation_seed = Some(seed);
}

/// Has the seed draw the noise of an image of another size, where both sides are above 0.
pub(super) fn resize(builder: &mut DraftBuilder, width: Option<f32>, height: Option<f32>) {
    let side = |side: Option<f32>| side.filter(|&side| side > 0.0);
    let (width, height) = match (side(width), side(height)) {
        (Some(width), Some(height)) => (width, height),
        (None, None) => return,
        (Some(_), None) => return alone(builder, "noise_width", "noise_height"),
        (None, Some(_)) => return alone(builder, "noise_height", "noise_width"),
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

/// Says of a field that it does nothing without the other.
fn alone(builder: &mut DraftBuilder, field: &str, other: &str) {
    let [field, other] = [field, other].map(|name| builder.names.of(name).to_owned());
    builder.unused(&field, message!("it goes with {other}", other));
}

/// A seed that nobody asked for.
fn any() -> u64 {
    let [a, b, c, d, ..] = *Uuid::new_v4().as_bytes();
    u32::from_le_bytes([a, b, c, d]).into()
}
