//! Noise for inputs that stand where a graph would have drawn random numbers by itself.
//!
//! Whoever sends a row knows nothing of such inputs, and need not: what goes in besides the row is
//! drawn from a generator that the row itself seeds, with every bit of it. An image's latent comes
//! from the image's own generator, so another seed gives other noise here as well; and the same row
//! gets the same noise, whatever shares its call, today and after a restart.

use std::f64::consts::TAU;

use rand_mt::Mt64;

use super::port::Port;
use crate::runtime::tensor::{Row, Tensor};

/// The inputs of a graph that take noise.
#[derive(Debug, Clone, Default)]
pub(in crate::runtime) struct NoiseInputs(Vec<Port>);

impl NoiseInputs {
    /// Each declares a batch axis, and the lengths of all others.
    pub(in crate::runtime) fn new(ports: Vec<Port>) -> Self {
        Self(ports)
    }

    pub(in crate::runtime) fn ports(&self) -> &[Port] {
        &self.0
    }

    /// The row with noise in each of these inputs.
    pub(in crate::runtime) fn fill(&self, mut row: Row) -> Row {
        if self.0.is_empty() {
            return row;
        }
        let mut generator = Mt64::new(fingerprint(&row));
        for port in &self.0 {
            let inner = port.dims.get(1..).unwrap_or_default();
            let shape: Vec<usize> = inner.iter().map(|dim| dim.unwrap_or(1)).collect();
            let values = normal(&mut generator, shape.iter().product());
            let noise = ndarray::ArrayD::from_shape_vec(shape, values);
            let noise = noise.expect("as many numbers as the shape has");
            row.insert(port.name.clone(), Tensor::Float(noise));
        }
        row
    }
}

/// A number that any change to the row changes: FNV-1a (Fowler, Noll and Vo) over its tensors' names,
/// shapes and bits. The standard library's hashes may differ from one of its versions to the next.
fn fingerprint(row: &Row) -> u64 {
    const START: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let mut hash = START;
    let mut take = |word: u64| hash = (hash ^ word).wrapping_mul(PRIME).rotate_left(29);
    for (name, tensor) in row.iter() {
        name.bytes().for_each(|byte| take(byte.into()));
        tensor
            .shape()
            .iter()
            .for_each(|&length| take(length as u64));
        match tensor {
            Tensor::Float(array) => array.iter().for_each(|x| take(x.to_bits().into())),
            Tensor::Int(array) => array.iter().for_each(|&i| take(i as u64)),
        }
    }
    hash
}

/// Normal numbers in pairs (Box and Muller 1958).
fn normal(generator: &mut Mt64, count: usize) -> Vec<f32> {
    // Above 0, where the logarithm ends.
    let mut uniform = || ((generator.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
    let mut values = Vec::with_capacity(count + 1);
    while values.len() < count {
        let (radius, angle) = ((-2.0 * uniform().ln()).sqrt(), TAU * uniform());
        values.push((radius * angle.cos()) as f32);
        values.push((radius * angle.sin()) as f32);
    }
    values.truncate(count);
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::session::port::ElementType;

    fn noise(row: Row) -> Vec<f32> {
        let port = Port {
            name: "noise".into(),
            element: ElementType::Float32,
            dims: vec![None, Some(100), Some(101)],
        };
        let mut row = NoiseInputs::new(vec![port]).fill(row);
        let noise = row.take("noise").expect("it was filled");
        assert_eq!(noise.shape(), [100, 101]);
        noise.into_floats().into_raw_vec_and_offset().0
    }

    fn row(x: f32) -> Row {
        Row::new().with("x", Tensor::vector(vec![1.0, x]))
    }

    #[test]
    fn the_same_row_gets_the_same_noise_and_another_row_gets_other_noise() {
        assert_eq!(noise(row(2.0)), noise(row(2.0)));
        assert_ne!(noise(row(2.0)), noise(row(2.000_000_2)));
        assert_ne!(noise(row(0.0)), noise(row(-0.0)));
    }

    #[test]
    fn it_is_normal() {
        let noise = noise(row(1.0));
        let count = noise.len() as f64;
        let mean = noise.iter().map(|&x| f64::from(x)).sum::<f64>() / count;
        let square = noise.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / count;
        let within = noise.iter().filter(|x| x.abs() < 1.0).count() as f64 / count;
        assert!(
            mean.abs() < 0.04 && (square - 1.0).abs() < 0.06,
            "{mean} {square}"
        );
        assert!((within - 0.6827).abs() < 0.02, "{within}");
    }
}
