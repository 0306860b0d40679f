//! How the tensors of rows become the inputs of one call.
//!
//! A sample has no batch axis and a graph usually does, but foreign exports freeze it, leave it
//! out, or give one only to some of their inputs. All of this is settled once, from a sample,
//! when the graph is loaded; afterwards rows are only checked and copied.

mod packing;

use ort::session::SessionInputValue;

use self::packing::{Axis, Packing};
use super::port::Port;
use crate::language::Message;
use crate::runtime::error::RowError;
use crate::runtime::tensor::{Row, Tensor};

/// The inputs of a graph and how a row's tensors become them; shared by a graph's executors.
#[derive(Debug, Clone)]
pub(in crate::runtime) struct Plan {
    inputs: Vec<Packing>,
    /// The length of a frozen batch axis: every call has so many rows, of which some may be
    /// repetitions that nobody asked for.
    frozen: Option<usize>,
    alone: Option<Message>,
    /// Whether all rows have one key, since the graph leaves no shape open and has no setting.
    uniform: bool,
}

impl Plan {
    /// Learns the plan from a representative row.
    pub(in crate::runtime) fn learn(ports: &[Port], sample: &Row) -> Result<Self, RowError> {
        let mut inputs = ports
            .iter()
            .map(|port| {
                let tensor = sample.get(&port.name).ok_or_else(|| RowError::Unbound {
                    input: port.name.to_string(),
                    declared: port.dims.clone(),
                })?;
                Packing::learn(port, tensor)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let counts_rows = |input: &Packing| match input.axis {
            Axis::Open => true,
            Axis::Frozen(length) => length > 1,
            Axis::Absent | Axis::Common { .. } => false,
        };
        if inputs.iter().any(counts_rows) {
            for input in &mut inputs {
                input.share();
            }
        }
        let frozen = inputs.iter().filter_map(|input| match input.axis {
            Axis::Frozen(length) => Some(length.max(1)),
            _ => None,
        });
        let frozen = frozen.max();
        Ok(Self {
            frozen,
            alone: inputs.iter().find_map(Packing::why_alone),
            uniform: !inputs
                .iter()
                .any(|input| input.is_open() || input.is_setting()),
            inputs,
        })
    }

    /// Refuses a row that the graph could not take, before it can spoil a shared call.
    pub(in crate::runtime) fn check(&self, row: &Row) -> Result<(), RowError> {
        self.inputs.iter().try_for_each(|input| {
            let name = &input.port.name;
            let tensor = row.get(name).ok_or_else(|| RowError::Missing {
                tensor: name.to_string(),
            })?;
            input.check(tensor)
        })
    }

    /// What rows of one call must have in common.
    pub(in crate::runtime) fn key(&self, row: &Row) -> Key {
        let mut key = Key::default();
        if self.uniform {
            return key;
        }
        for input in &self.inputs {
            let Some(tensor) = row.get(&input.port.name) else {
                continue;
            };
            if input.is_open() {
                key.shapes.push(tensor.shape().len());
                key.shapes.extend_from_slice(tensor.shape());
            }
            if input.is_setting() {
                let settings = &mut key.settings;
                match tensor {
                    Tensor::Float(array) => {
                        settings.extend(array.iter().map(|x| x.to_bits() as u64))
                    }
                    Tensor::Int(array) => settings.extend(array.iter().map(|&i| i as u64)),
                }
            }
        }
        key
    }

    /// The row with images of half the height and width, where the graph takes images of any size.
    pub(in crate::runtime) fn halved(&self, row: &Row) -> Option<Row> {
        let mut smaller = row.clone();
        let mut is_smaller = false;
        for input in &self.inputs {
            let name = &input.port.name;
            if let Some(tensor) = row.get(name).and_then(|tensor| input.halved(tensor)) {
                smaller.insert(name.clone(), tensor);
                is_smaller = true;
            }
        }
        is_smaller.then_some(smaller)
    }

    /// How large a row is: the elements of its images, where the graph takes images of any size; else
    /// of what may vary in length; else of all that it has.
    pub(in crate::runtime) fn extent(&self, row: &Row) -> usize {
        let most_open = self
            .inputs
            .iter()
            .map(|input| input.open_axes().len())
            .max();
        let counts = |input: &&Packing| Some(input.open_axes().len()) == most_open;
        let names = self
            .inputs
            .iter()
            .filter(counts)
            .map(|input| &input.port.name);
        names.filter_map(|name| Some(row.get(name)?.len())).sum()
    }

    /// The rows with the first one's values where a call has only one value for all.
    pub(in crate::runtime) fn in_common(&self, rows: &[Row]) -> Vec<Row> {
        let mut rows = rows.to_vec();
        for input in &self.inputs {
            let name = &input.port.name;
            let first = rows.first().and_then(|row| row.get(name)).cloned();
            if let (Axis::Common { .. }, Some(first)) = (&input.axis, first) {
                for row in &mut rows {
                    row.insert(name.clone(), first.clone());
                }
            }
        }
        rows
    }

    /// The inputs that have one value for a whole call and not the same in all of these rows.
    pub(in crate::runtime) fn settings(&self, rows: &[Row]) -> Vec<&str> {
        let varies = |name: &str| {
            let mut values = rows.iter().map(|row| row.get(name));
            let first = values.next();
            values.any(|value| Some(value) != first)
        };
        let settings = self.inputs.iter().filter(|input| input.is_setting());
        let names = settings.map(|input| &*input.port.name);
        names.filter(|name| varies(name)).collect()
    }

    /// Why rows can never share a call of this graph, if that is so.
    pub(in crate::runtime) fn why_alone(&self) -> Option<Message> {
        self.alone.clone()
    }

    /// How many samples a call on so many rows computes, where its outputs count samples.
    pub(in crate::runtime) fn samples(&self, rows: usize) -> Option<usize> {
        let counted = |input: &Packing| matches!(input.axis, Axis::Open | Axis::Frozen(_));
        self.inputs
            .iter()
            .any(counted)
            .then_some(self.frozen.unwrap_or(rows))
    }

    /// How many rows every call has, where the graph freezes that.
    pub(in crate::runtime) fn frozen(&self) -> Option<usize> {
        self.frozen
    }

    /// The inputs of a call, in the graph's order, for rows that were checked. `last` are those of
    /// the last call, whose buffers are filled again where they have the right shape.
    pub(in crate::runtime) fn pack(
        &self,
        rows: &[&Row],
        last: Vec<SessionInputValue<'static>>,
    ) -> Result<Vec<SessionInputValue<'static>>, ort::Error> {
        let mut last = last.into_iter();
        self.inputs
            .iter()
            .map(|input| input.pack(rows, self.frozen.unwrap_or(rows.len()), last.next()))
            .collect()
    }
}

/// What rows of one call must have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::runtime) struct Key {
    /// The shapes that the graph leaves open.
    pub(in crate::runtime) shapes: Vec<usize>,
    /// The bits of inputs that have no batch axis.
    settings: Vec<u64>,
}

impl Key {
    /// How many times as large a row of this key is as one of other open shapes: by the input that
    /// differs most, since the others may be the same few numbers at any size.
    pub(in crate::runtime) fn times(&self, proved: &[usize]) -> f64 {
        if self.shapes == proved {
            return 1.0;
        }
        let ratios = volumes(&self.shapes).zip(volumes(proved));
        let ratios = ratios.map(|(own, proved)| own / proved);
        let most = |a: f64, b: f64| if b.ln().abs() > a.ln().abs() { b } else { a };
        ratios.fold(1.0, most).clamp(1e-6, 1e6)
    }
}

/// The numbers in each tensor, of shapes that stand one after the other with their lengths before.
fn volumes(mut shapes: &[usize]) -> impl Iterator<Item = f64> {
    std::iter::from_fn(move || {
        let (&axes, rest) = shapes.split_first()?;
        let (shape, rest) = rest.split_at_checked(axes)?;
        shapes = rest;
        Some(shape.iter().map(|&side| side.max(1) as f64).product())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::session::port::ElementType;

    const N: Option<usize> = None;

    fn plan(ports: &[(&str, &[Option<usize>])], row: &Row) -> Result<Plan, RowError> {
        let ports: Vec<Port> = ports
            .iter()
            .map(|&(name, dims)| Port {
                name: name.into(),
                element: ElementType::Float32,
                dims: dims.to_vec(),
            })
            .collect();
        Plan::learn(&ports, row)
    }

    fn row(tensors: &[(&'static str, &[usize])]) -> Row {
        tensors.iter().fold(Row::new(), |row, &(name, shape)| {
            row.with(name, Tensor::zeros(shape))
        })
    }

    #[test]
    fn a_vector_is_recast_to_the_axes_of_an_image() {
        let plan = plan(
            &[("z", &[N, Some(8), Some(1), Some(1)])],
            &row(&[("z", &[8])]),
        );
        let plan = plan.expect("eight numbers fit");
        assert_eq!(plan.samples(3), Some(3));
        assert!(plan.check(&row(&[("z", &[8])])).is_ok());
        assert!(plan.check(&row(&[("z", &[7])])).is_err());
    }

    #[test]
    fn a_sample_that_cannot_fit_is_refused_with_both_shapes() {
        let error = plan(&[("z", &[N, Some(8)])], &row(&[("z", &[5])])).expect_err("five numbers");
        let error = error.to_string();
        assert!(error.contains("[?, 8]") && error.contains("[5]"), "{error}");
    }

    #[test]
    fn an_input_that_nothing_is_bound_to_is_named() {
        let error = plan(&[("psi", &[])], &row(&[])).expect_err("psi is bound to nothing");
        let error = error.to_string();
        assert!(error.contains("psi"), "{error}");
    }

    #[test]
    fn axes_in_another_order_are_refused_before_the_call() {
        let dims = [N, Some(3), Some(8), Some(4)];
        let plan = plan(&[("x", &dims)], &row(&[("x", &[3, 8, 4])])).expect("the axes fit");
        let error = plan.check(&row(&[("x", &[8, 4, 3])])).expect_err("HWC");
        let error = error.to_string();
        assert!(error.contains("[8, 4, 3]"), "{error}");
    }

    #[test]
    fn only_rows_of_equal_open_shapes_have_the_same_key() {
        let plan = plan(&[("x", &[N, N])], &row(&[("x", &[4])])).expect("the axes fit");
        let key = |length| plan.key(&row(&[("x", &[length])]));
        assert_eq!(key(4), key(4));
        assert_ne!(key(4), key(5));
    }

    #[test]
    fn only_images_of_any_size_are_halved() {
        let ports: &[(&str, &[Option<usize>])] =
            &[("x", &[N, Some(3), N, N]), ("words", &[N, N, Some(8)])];
        let sample = row(&[("x", &[3, 32, 64]), ("words", &[77, 8])]);
        let smaller = plan(ports, &sample).expect("the axes fit").halved(&sample);
        assert_eq!(
            smaller,
            Some(row(&[("x", &[3, 16, 32]), ("words", &[77, 8])]))
        );
        let fixed = row(&[("z", &[8])]);
        let plan = plan(&[("z", &[N, Some(8)])], &fixed).expect("the axes fit");
        assert_eq!(plan.halved(&fixed), None);
    }

    #[test]
    fn a_row_is_as_many_times_as_large_as_the_input_that_grew_most() {
        let ports: &[(&str, &[Option<usize>])] = &[("x", &[N, N, N]), ("text", &[N, N])];
        let sample = |side| row(&[("x", &[side, side]), ("text", &[768])]);
        let plan = plan(ports, &sample(8)).expect("the axes fit");
        let shapes = |side| plan.key(&sample(side)).shapes;
        let times = |side| plan.key(&sample(side)).times(&shapes(8));
        assert_eq!((times(8), times(16), times(4)), (1.0, 4.0, 0.25));
    }

    #[test]
    fn a_setting_without_a_batch_axis_is_what_rows_must_agree_on() {
        let ports: &[(&str, &[Option<usize>])] =
            &[("x", &[N, Some(4)]), ("t", &[]), ("u", &[Some(1)])];
        let sample = |t: f32| row(&[("x", &[4]), ("u", &[])]).with("t", Tensor::scalar(t));
        let plan = plan(ports, &sample(1.0)).expect("the axes fit");
        assert_eq!(plan.why_alone(), None);
        assert_eq!(plan.key(&sample(1.0)), plan.key(&sample(1.0)));
        assert_ne!(plan.key(&sample(1.0)), plan.key(&sample(2.0)));
        let aligned = plan.in_common(&[sample(1.0), sample(2.0)]);
        assert_eq!(aligned[1].get("t"), Some(&Tensor::scalar(1.0)));
    }

    #[test]
    fn a_graph_without_any_batch_axis_runs_alone() {
        let plan = plan(&[("z", &[Some(8)])], &row(&[("z", &[8])])).expect("the axes fit");
        assert_eq!(plan.samples(1), None);
        let reason = plan.why_alone().expect("no axis to share").to_string();
        assert!(reason.contains("input z has no batch axis"), "{reason}");
    }

    #[test]
    fn a_frozen_axis_fills_the_open_ones_beside_it() {
        let ports: &[(&str, &[Option<usize>])] = &[("z", &[Some(4), Some(8)]), ("y", &[N])];
        let plan = plan(ports, &row(&[("z", &[8]), ("y", &[])])).expect("the axes fit");
        assert_eq!(plan.samples(1), Some(4));
        assert_eq!(plan.samples(3), Some(4));
        assert_eq!((plan.frozen(), plan.why_alone()), (Some(4), None));
    }

    #[test]
    fn an_axis_that_is_frozen_at_one_takes_rows_alone() {
        let row = row(&[("z", &[8])]);
        let plan = plan(&[("z", &[Some(1), Some(8)])], &row).expect("the axes fit");
        let reason = plan.why_alone().expect("z is frozen").to_string();
        assert!(reason.contains("frozen at 1"), "{reason}");
    }
}
