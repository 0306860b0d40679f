//! What goes into a graph and comes out of it: the named tensors of *one sample*.
//!
//! A row never has a batch axis. The executor adds it when rows run together and takes it off
//! again, so that families write their arithmetic as the paper does, for one image.

use std::sync::Arc;

use ndarray::ArrayD;

/// One tensor of a row, in the two element types that sampling algorithms compute with.
///
/// The executor converts to and from whatever the graph declares (float16, int32, uint8, bool).
#[derive(Debug, Clone, PartialEq)]
pub enum Tensor {
    /// Numbers: latents, images, embeddings, logits.
    Float(ArrayD<f32>),
    /// Indices: class labels, token ids, timesteps.
    Int(ArrayD<i64>),
}

impl Tensor {
    /// A number with no axes.
    #[must_use]
    pub fn scalar(value: f32) -> Self {
        Self::Float(ndarray::arr0(value).into_dyn())
    }

    /// An index with no axes.
    #[must_use]
    pub fn index(value: i64) -> Self {
        Self::Int(ndarray::arr0(value).into_dyn())
    }

    /// A vector.
    #[must_use]
    pub fn vector(values: Vec<f32>) -> Self {
        Self::Float(ndarray::Array1::from(values).into_dyn())
    }

    /// All zeros.
    #[must_use]
    pub fn zeros(shape: &[usize]) -> Self {
        Self::Float(ArrayD::zeros(shape))
    }

    /// The length of each axis.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        match self {
            Self::Float(array) => array.shape(),
            Self::Int(array) => array.shape(),
        }
    }

    /// The number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Float(array) => array.len(),
            Self::Int(array) => array.len(),
        }
    }

    /// Whether there is no element at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers; integers are converted.
    #[must_use]
    pub fn into_floats(self) -> ArrayD<f32> {
        match self {
            Self::Float(array) => array,
            #[expect(
                clippy::cast_precision_loss,
                reason = "pixels and scores are far below 2^24"
            )]
            Self::Int(array) => array.mapv(|value| value as f32),
        }
    }

    /// Whether every number is finite; indices always are.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        match self {
            Self::Float(array) => array.iter().all(|value| value.is_finite()),
            Self::Int(_) => true,
        }
    }
}

impl From<ArrayD<f32>> for Tensor {
    fn from(array: ArrayD<f32>) -> Self {
        Self::Float(array)
    }
}

/// One sample's named tensors, under the graph's own input or output names.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    tensors: Vec<(Arc<str>, Tensor)>,
}

impl Row {
    /// A row with no tensor yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A row with no tensor yet, and room for so many.
    #[must_use]
    pub fn with_capacity(tensors: usize) -> Self {
        Self {
            tensors: Vec::with_capacity(tensors),
        }
    }

    /// The row with one more tensor, replacing one of the same name.
    #[must_use]
    pub fn with(mut self, name: impl Into<Arc<str>>, tensor: impl Into<Tensor>) -> Self {
        self.insert(name, tensor);
        self
    }

    /// Adds a tensor, replacing one of the same name.
    pub fn insert(&mut self, name: impl Into<Arc<str>>, tensor: impl Into<Tensor>) {
        let (name, tensor) = (name.into(), tensor.into());
        match self.tensors.iter_mut().find(|(known, _)| *known == name) {
            Some((_, slot)) => *slot = tensor,
            None => self.tensors.push((name, tensor)),
        }
    }

    /// The tensor of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Tensor> {
        self.tensors
            .iter()
            .find(|(known, _)| &**known == name)
            .map(|(_, tensor)| tensor)
    }

    /// Takes the tensor of that name out of the row.
    pub fn take(&mut self, name: &str) -> Option<Tensor> {
        let at = self
            .tensors
            .iter()
            .position(|(known, _)| &**known == name)?;
        Some(self.tensors.swap_remove(at).1)
    }

    /// All names and tensors, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Tensor)> {
        self.tensors.iter().map(|(name, tensor)| (name, tensor))
    }

    /// Whether every number in the row is finite.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.tensors.iter().all(|(_, tensor)| tensor.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tensor_of_the_same_name_is_replaced() {
        let row = Row::new()
            .with("latent", Tensor::scalar(1.0))
            .with("latent", Tensor::scalar(2.0));
        assert_eq!(row.iter().count(), 1);
        assert_eq!(row.get("latent"), Some(&Tensor::scalar(2.0)));
    }

    #[test]
    fn a_taken_tensor_is_gone() {
        let mut row = Row::new().with("mean", Tensor::zeros(&[2]));
        assert_eq!(row.take("mean"), Some(Tensor::zeros(&[2])));
        assert_eq!(row.take("mean"), None);
    }

    #[test]
    fn one_nan_makes_a_row_not_finite() {
        let row = Row::new().with("x", Tensor::vector(vec![0.0, f32::NAN]));
        assert!(!row.is_finite());
    }
}
