//! Sorting a graph's inputs by what they look like, before it has run.

use crate::models::Encoding;
use crate::runtime::{ElementType, Port};

/// Words by which exporters name a latent, a class, and noise that isn't the latent.
const LATENT_WORDS: [&str; 6] = ["latent", "z", "noise", "input", "w", "x"];
const CLASS_WORDS: [&str; 7] = ["class", "label", "cond", "onehot", "one_hot", "y", "c"];

/// The shortest side from which three axes are rather an image than a latent.
const SHORTEST_SIDE: usize = 8;

/// The inputs of a graph, by what they seem to be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Inputs {
    /// The tensor that everything starts from: a latent, or an image.
    pub(super) main: Port,
    /// Whether `main` looks like an image.
    pub(super) takes_image: bool,
    /// Whether `main` is the class, there being nothing else to start from.
    pub(super) labels_alone: bool,
    /// What chooses a class.
    pub(super) class: Option<(Port, Encoding)>,
    /// Beside an image: a vector that says how to paint it.
    pub(super) vector: Option<Port>,
    /// Beside an image: another one, in the manner of which to paint.
    pub(super) second_image: Option<Port>,
    /// Beside an image: a mask over it, where it is to be filled in.
    pub(super) mask: Option<Port>,
    /// What is noise besides the latent: the maps that StyleGAN adds to its layers.
    pub(super) noises: Vec<Port>,
    /// What is fed the same numbers in every call, and which.
    pub(super) constants: Vec<(Port, Vec<f64>)>,
}

impl Inputs {
    /// Every input again.
    pub(super) fn all(&self) -> Vec<Port> {
        let class = self.class.iter().filter(|_| !self.labels_alone);
        let class = class.map(|(port, _)| port);
        let constants = self.constants.iter().map(|(port, _)| port);
        std::iter::once(&self.main)
            .chain(class)
            .chain(&self.vector)
            .chain(&self.second_image)
            .chain(&self.mask)
            .chain(&self.noises)
            .chain(constants)
            .cloned()
            .collect()
    }
}

/// Why inputs are none that a single image could come from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoInputs {
    #[error("no input looks like a latent or an image")]
    NoTensor,
    #[error("nothing is known of a second input {0}; write the model.toml by hand")]
    Second(String),
}

/// Sorts the inputs.
///
/// # Errors
/// [`NoInputs`], when no single image could come from them.
pub(super) fn sort(inputs: &[Port]) -> Result<Inputs, NoInputs> {
    let mut tensors = Vec::new();
    let mut class = None;
    let mut constants = Vec::new();
    for port in inputs {
        match kind(port) {
            Kind::Index if class.is_none() => class = Some((port.clone(), Encoding::Index)),
            Kind::Index | Kind::Switch => constants.push((port.clone(), vec![0.0])),
            Kind::Number => constants.push((port.clone(), vec![usual(&port.name)])),
            Kind::Tensor => tensors.push(port.clone()),
        }
    }
    let (tensors, noises) = without_noise_maps(tensors);
    let (mut tensors, mask) = without_mask(tensors);
    tensors.sort_by_key(|port| {
        let likely = (likeness(port, &LATENT_WORDS), size(port));
        std::cmp::Reverse((is_image(port), likely))
    });
    let mut tensors = tensors.into_iter();
    let start = match (tensors.next(), &class) {
        (Some(only), None) if tensors.len() == 0 => {
            class = label_alone(&only).map(|encoding| (only.clone(), encoding));
            Some(only)
        }
        (start, _) => start,
    };
    let labels_alone = match (&start, &class) {
        (Some(start), Some((class, _))) => start.name == class.name,
        (None, Some(_)) => true,
        _ => false,
    };
    let main = start.or_else(|| Some(class.clone()?.0));
    let main = main.ok_or(NoInputs::NoTensor)?;
    let takes_image = is_image(&main);
    let (mut vector, mut second_image) = (None, None);
    for port in tensors {
        let wide = width(&port);
        let says_class = !takes_image || likeness(&port, &CLASS_WORDS) > 0;
        match wide {
            Some(1) if class.is_none() => class = Some((port, Encoding::Index)),
            Some(_) if class.is_none() && says_class => class = Some((port, Encoding::OneHot)),
            Some(_) if takes_image && vector.is_none() => vector = Some(port),
            Some(wide) => constants.push((port, vec![0.0; wide])),
            None if is_image(&port) && second_image.is_none() => second_image = Some(port),
            None => return Err(NoInputs::Second(describe(&port))),
        }
    }
    Ok(Inputs {
        takes_image,
        labels_alone,
        main,
        class,
        vector,
        second_image,
        mask,
        noises,
        constants,
    })
}

/// The numbers of a vector, with a batch axis or without, or with sides of 1: `[?, 8]`, `[?, 1, 1, 100]`.
pub(super) fn width(port: &Port) -> Option<usize> {
    match port.dims[..] {
        [Some(wide)] | [_, Some(wide)] => Some(wide),
        [_, Some(a), Some(1), Some(1)] | [_, Some(1), Some(1), Some(a)] => Some(a),
        _ => None,
    }
}

/// How a tensor that is called a label and stands alone chooses one.
fn label_alone(port: &Port) -> Option<Encoding> {
    let called = likeness(port, &["class", "label", "onehot", "one_hot", "y"]) > 0;
    match port.dims[..] {
        [_, Some(1)] if called => Some(Encoding::Index),
        [Some(_)] | [_, Some(_)] if called => Some(Encoding::OneHot),
        _ => None,
    }
}

/// Whether it has the sides of an image, and no name of a latent.
fn is_image(port: &Port) -> bool {
    looks_like_image(port) && likeness(port, &["latent", "z", "noise"]) == 0
}

/// Sets those aside that are maps of noise beside a latent: called so, and with sides.
fn without_noise_maps(tensors: Vec<Port>) -> (Vec<Port>, Vec<Port>) {
    let is_map = |port: &Port| {
        let sides = port.dims.len() >= 3 && port.dims[1..].iter().all(Option::is_some);
        sides && port.name.to_lowercase().contains("noise")
    };
    if tensors.iter().all(is_map) {
        return (tensors, Vec::new());
    }
    tensors.into_iter().partition(|port| !is_map(port))
}

/// Words by which a mask is known.
const MASK_WORDS: [&str; 3] = ["mask", "matte", "hole"];

/// Sets the one aside that is a mask beside an image: called so, or of one channel beside one in colour.
fn without_mask(mut tensors: Vec<Port>) -> (Vec<Port>, Option<Port>) {
    let images = tensors.iter().filter(|port| looks_like_image(port));
    let [a, b] = images.collect::<Vec<_>>()[..] else {
        return (tensors, None);
    };
    let called = |port: &Port| likeness(port, &MASK_WORDS);
    let flat = |port: &Port| {
        let sides = &port.dims[port.dims.len() - 3..];
        sides[0] == Some(1) || sides[2] == Some(1)
    };
    let mask = match (flat(a), flat(b)) {
        (true, false) => a,
        (false, true) => b,
        (true, true) if called(a) > called(b) => a,
        (true, true) if called(b) > called(a) => b,
        _ => return (tensors, None),
    };
    let name = mask.name.clone();
    let place = tensors.iter().position(|port| port.name == name);
    let mask = place.map(|place| tensors.remove(place));
    (tensors, mask)
}

enum Kind {
    Index,
    Switch,
    Number,
    Tensor,
}

fn kind(port: &Port) -> Kind {
    // A batch axis, or nothing, and then at most one number.
    let single = match port.dims.as_slice() {
        [] | [None | Some(1)] => true,
        [_, rest @ ..] => {
            !rest.is_empty() && rest.iter().all(|side| *side == Some(1)) && rest.len() < 3
        }
    };
    match port.element {
        ElementType::Bool => Kind::Switch,
        element if element.is_integer() && (single || port.dims.len() < 2) => Kind::Index,
        _ if single && likeness(port, &CLASS_WORDS) == 0 => Kind::Number,
        _ => Kind::Tensor,
    }
}

/// What a number is fed that says how strong an effect is: all of a truncation, none of a noise.
fn usual(name: &str) -> f64 {
    let name = name.to_lowercase();
    if name.contains("noise") || name.contains("train") || name.contains("dropout") {
        0.0
    } else {
        1.0
    }
}

/// How early in `words` a word is that the port's name is, or holds if it is longer than two
/// letters; 0 for none.
pub(super) fn likeness(port: &Port, words: &[&str]) -> usize {
    let name = port.name.to_lowercase();
    let fits = |word: &str| name == word || (word.len() > 2 && name.contains(word));
    words
        .iter()
        .position(|word| fits(word))
        .map_or(0, |place| words.len() - place)
}

/// Numbers in a sample; an open axis counts as many.
fn size(port: &Port) -> usize {
    let sides = port.dims.iter().skip(1);
    sides.map(|side| side.unwrap_or(1 << 10)).product()
}

pub(super) fn looks_like_image(port: &Port) -> bool {
    let sides = match port.dims.len() {
        4 => &port.dims[1..],
        3 => &port.dims[..],
        _ => return false,
    };
    let colours = |side: Option<usize>| matches!(side, Some(1 | 3 | 4));
    let long = |side: Option<usize>| side.is_none_or(|side| side >= SHORTEST_SIDE);
    (colours(sides[0]) && long(sides[1]) && long(sides[2]))
        || (colours(sides[2]) && long(sides[0]) && long(sides[1]))
}

/// A port as people write it: `z [?, 64]`.
pub(super) fn describe(port: &Port) -> String {
    let side = |side: &Option<usize>| side.map_or("?".to_owned(), |side| side.to_string());
    let sides: Vec<String> = port.dims.iter().map(side).collect();
    format!("{} [{}]", port.name, sides.join(", "))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn port(name: &str, element: ElementType, dims: &[usize]) -> Port {
        Port {
            name: name.into(),
            element,
            // Nought stands for an open axis.
            dims: dims.iter().map(|&dim| (dim > 0).then_some(dim)).collect(),
        }
    }

    use ElementType::{Bool, Float32, Int64};

    #[test]
    fn a_latent_and_an_index() {
        let inputs = [port("y", Int64, &[0]), port("z", Float32, &[0, 64])];
        let sorted = sort(&inputs).unwrap();
        assert_eq!(&*sorted.main.name, "z");
        assert_eq!(sorted.class, Some((inputs[0].clone(), Encoding::Index)));
        assert!(!sorted.takes_image);
    }

    #[test]
    fn the_longer_vector_is_the_latent_where_names_say_nothing() {
        let inputs = [port("a", Float32, &[0, 10]), port("b", Float32, &[0, 100])];
        let sorted = sort(&inputs).unwrap();
        assert_eq!(&*sorted.main.name, "b");
        assert_eq!(sorted.class, Some((inputs[0].clone(), Encoding::OneHot)));
    }

    #[test]
    fn names_weigh_more_than_length() {
        let inputs = [
            port("label", Float32, &[0, 1000]),
            port("noise", Float32, &[0, 128]),
        ];
        assert_eq!(&*sort(&inputs).unwrap().main.name, "noise");
    }

    #[test]
    fn switches_and_strengths_are_constants() {
        let inputs = [
            port("z", Float32, &[0, 512]),
            port("truncation_psi", Float32, &[]),
            port("training", Bool, &[]),
            port("noise_strength", Float32, &[0, 1]),
        ];
        let constants = sort(&inputs).unwrap().constants;
        let values: Vec<_> = constants
            .iter()
            .map(|(port, value)| (&*port.name, value[0]))
            .collect();
        assert_eq!(
            values,
            [
                ("truncation_psi", 1.0),
                ("training", 0.0),
                ("noise_strength", 0.0)
            ]
        );
    }

    #[test]
    fn three_axes_are_an_image_or_a_latent() {
        let takes =
            |name: &str, dims: &[usize]| sort(&[port(name, Float32, dims)]).unwrap().takes_image;
        assert!(takes("image", &[0, 3, 32, 32]));
        assert!(takes("input", &[0, 28, 28, 1]));
        assert!(takes("x", &[0, 3, 0, 0]));
        assert!(!takes("z", &[0, 100, 1, 1]));
        assert!(!takes("latent_sample", &[0, 4, 64, 64]));
    }

    #[test]
    fn noise_maps_beside_a_latent_are_no_latent() {
        let inputs = [
            port("noise_0", Float32, &[0, 1, 16, 16]),
            port("z", Float32, &[0, 8]),
        ];
        let sorted = sort(&inputs).unwrap();
        assert_eq!(&*sorted.main.name, "z");
        assert_eq!(sorted.noises, inputs[..1]);
        // Alone, it is what the image starts from.
        let alone = sort(&[port("noise", Float32, &[0, 64, 1, 1])]).unwrap();
        assert_eq!(&*alone.main.name, "noise");
        assert!(alone.noises.is_empty());
    }

    #[test]
    fn a_class_may_have_one_axis_or_be_one_number() {
        let class = |class: Port| {
            let latent = port("z", Float32, &[100]);
            sort(&[latent, class]).unwrap().class.unwrap().1
        };
        assert_eq!(class(port("label", Float32, &[10])), Encoding::OneHot);
        assert_eq!(class(port("label", Float32, &[0, 1])), Encoding::Index);
        assert_eq!(class(port("label", Int64, &[1])), Encoding::Index);
        assert_eq!(class(port("label", Int64, &[0, 10])), Encoding::OneHot);
    }

    #[test]
    fn beside_an_image_a_vector_says_how_to_paint_it() {
        let image = || port("content", Float32, &[0, 3, 0, 0]);
        let styled = sort(&[port("style_vector", Float32, &[0, 100]), image()]).unwrap();
        assert_eq!(&*styled.main.name, "content");
        assert_eq!(&*styled.vector.unwrap().name, "style_vector");
        let drawn = sort(&[port("z", Float32, &[0, 8]), image()]).unwrap();
        assert!(drawn.takes_image && drawn.vector.is_some());
        let labelled = sort(&[image(), port("label", Float32, &[0, 5])]).unwrap();
        assert_eq!(labelled.class.unwrap().1, Encoding::OneHot);
        let two = sort(&[image(), port("style", Float32, &[0, 3, 0, 0])]).unwrap();
        assert!(two.second_image.is_some());
    }

    #[test]
    fn a_label_alone_is_what_an_image_starts_from() {
        let alone = |inputs: &[Port]| {
            let sorted = sort(inputs).unwrap();
            let encoding = sorted.class.clone().map(|(_, encoding)| encoding);
            (sorted.labels_alone, encoding, sorted.all().len())
        };
        let index = alone(&[port("y", Int64, &[0]), port("training", Bool, &[])]);
        assert_eq!(index, (true, Some(Encoding::Index), 2));
        let hot = alone(&[port("one_hot", Float32, &[0, 10])]);
        assert_eq!(hot, (true, Some(Encoding::OneHot), 1));
        let vector = alone(&[port("z", Float32, &[0, 10])]);
        assert_eq!(vector, (false, None, 1));
    }

    #[test]
    fn what_has_no_tensor_and_no_label_is_refused() {
        let error = sort(&[port("training", Bool, &[])]).unwrap_err();
        assert_eq!(error, NoInputs::NoTensor);
    }
}
