//! Masks: white where an image is painted anew.

use crate::families::diffusion::order::Fill;
use crate::imaging::{Channels, Image, fit};

/// A mask of the image's size: 1 where it is to be painted anew.
pub(in crate::families::diffusion) fn binary(mask: &Image, width: u32, height: u32) -> Vec<f32> {
    let fitted = fit(mask, width, height, Channels::Grey);
    let anew = |byte: &u8| if *byte >= 128 { 1.0 } else { 0.0 };
    fitted.pixels().iter().map(anew).collect()
}

/// The same mask in another size, each cell the place above and to the left of its middle's cell:
/// `torch.nn.functional.interpolate`.
pub(in crate::families::diffusion) fn nearest(
    mask: &[f32],
    from: (u32, u32),
    (height, width): (usize, usize),
) -> Vec<f32> {
    let (tall, wide) = (from.0 as usize, from.1 as usize);
    let cell = |at: usize| {
        let (row, column) = (at / width, at % width);
        mask[row * tall / height * wide + column * wide / width]
    };
    (0..height * width).map(cell).collect()
}

/// Puts what the order wants under the mask into a latent, before the scheduler's noise comes onto it.
pub(in crate::families::diffusion) fn under(
    latent: &mut [f32],
    cells: &[f32],
    (fill, noise): (Fill, &[f32]),
) {
    let cells = cells.iter().cycle();
    for ((number, noise), mask) in latent.iter_mut().zip(noise).zip(cells) {
        let below = match fill {
            Fill::Image => continue,
            Fill::Noise => *noise,
            Fill::Empty => 0.0,
        };
        *number = (1.0 - mask) * *number + mask * below;
    }
}
