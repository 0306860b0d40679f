//! Sorting a graph's inputs by what they look like, before it has run.

use crate::models::Encoding;
use crate::runtime::{ElementType, Port};

/// Words by which exporters name a latent, a class, and the strength of an effect.
const LATENT_WORDS: [&str; 6] = ["latent", "noise", "z", "input", "w", "x"];
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
    /// What chooses a class.
    pub(super) class: Option<(Port, Encoding)>,
    /// What is fed the same numbers in every call, and which.
    pub(super) constants: Vec<(Port, Vec<f64>)>,
}

/// Sorts the inputs, or says why they are none that a single image could come from.
pub(super) fn sort(inputs: &[Port]) -> Result<Inputs, String> {
    let mut vectors = Vec::new();
    let mut class = None;
    let mut constants = Vec::new();
    for port in inputs {
        match kind(port) {
            Kind::Index if class.is_none() => class = Some((port.clone(), Encoding::Index)),
            Kind::Index | Kind::Switch => constants.push((port.clone(), vec![0.0])),
            Kind::Number => constants.push((port.clone(), vec![usual(&port.name)])),
            Kind::Tensor => vectors.push(port.clone()),
        }
    }
    vectors.sort_by_key(|port| std::cmp::Reverse((likeness(port, &LATENT_WORDS), size(port))));
    let mut vectors = vectors.into_iter();
    let Some(main) = vectors.next() else {
        let names: Vec<String> = inputs.iter().map(describe).collect();
        let names = names.join(", ");
        return Err(format!(
            "no input looks like a latent or an image; it has {names}"
        ));
    };
    for port in vectors {
        let wide = port
            .dims
            .last()
            .copied()
            .flatten()
            .filter(|_| port.dims.len() == 2);
        match wide {
            Some(_) if class.is_none() => class = Some((port, Encoding::OneHot)),
            Some(wide) => constants.push((port, vec![0.0; wide])),
            None => {
                let port = describe(&port);
                return Err(format!(
                    "nothing is known of a second input {port}; write the model.toml by hand"
                ));
            }
        }
    }
    Ok(Inputs {
        takes_image: looks_like_image(&main) && likeness(&main, &["latent", "noise", "z"]) == 0,
        main,
        class,
        constants,
    })
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
        element if element.is_integer() => Kind::Index,
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

fn looks_like_image(port: &Port) -> bool {
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
    fn what_has_no_tensor_is_refused() {
        let error = sort(&[port("y", Int64, &[0])]).unwrap_err();
        assert!(error.contains("it has y [?]"), "{error}");
    }
}
