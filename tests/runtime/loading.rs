//! What loading finds out about graphs, foreign ones above all.

use atelier::runtime::{Batching, ElementType, LoadError, Row, Tensor};
use ndarray::arr1;

use crate::harness::{Caller, House, bits, fixture, gan_row, latent, z_row};

fn gan_samples() -> [Row; 3] {
    [gan_row(0), gan_row(1), gan_row(2)]
}

fn generator(model: &str) -> String {
    format!("models/{model}/generator.onnx")
}

#[test]
fn graphs_with_an_honest_batch_axis_share_calls() {
    let house = House::with_workers(1);
    for model in [
        "gan",
        "gan-flat",
        "gan-bytes",
        "gan-half",
        "gan-external",
        "gan-newest",
        "gan-lying",
    ] {
        let graph = house.open(&generator(model), &gan_samples());
        let sizes: Vec<usize> = (1..=16).collect();
        assert_eq!(
            graph.proof().batching,
            Batching::Shared { sizes },
            "{model}"
        );
    }
}

#[test]
fn graphs_that_cannot_share_say_why() {
    let house = House::with_workers(1);
    let expected = [
        ("gan-frozen1", "the batch axis of input z is frozen at 1"),
        ("gan-pretended", "2 rows together fail"),
        (
            "gan-influencing",
            "rows that share a call influence each other",
        ),
    ];
    for (model, why) in expected {
        let graph = house.open(&generator(model), &gan_samples());
        let Batching::RowByRow { reason } = &graph.proof().batching else {
            panic!("{model} shares calls");
        };
        assert!(reason.to_string().contains(why), "{model}: {reason}");
    }
    let samples = [z_row(0, 8), z_row(1, 8)];
    let graph = house.open(&generator("gan-hwc"), &samples);
    let Batching::RowByRow { reason } = &graph.proof().batching else {
        panic!("gan-hwc shares calls");
    };
    assert_eq!(*reason, "input z has no batch axis");
}

#[tokio::test]
async fn graphs_that_run_row_by_row_answer_as_the_honest_one_does() {
    let house = House::with_workers(1);
    let honest = house.gan();
    for model in [
        "gan-frozen1",
        "gan-frozen4",
        "gan-pretended",
        "gan-influencing",
    ] {
        let graph = house.open(&generator(model), &gan_samples());
        for seed in 0..4 {
            let expected = honest.run(gan_row(seed)).await.unwrap();
            let found = graph.run(gan_row(seed)).await.unwrap();
            let (expected, found) = (expected.get("image"), found.get("image"));
            let [Some(Tensor::Float(expected)), Some(Tensor::Float(found))] = [expected, found]
            else {
                panic!("{model} answers with another output");
            };
            assert_eq!(expected.shape(), found.shape(), "{model}");
            let gap = (expected - found).mapv(f32::abs);
            assert!(gap.iter().all(|&gap| gap < 1e-6), "{model}");
        }
    }
}

#[test]
fn shapes_are_those_that_really_came_out() {
    let house = House::with_workers(1);
    let shape = |model: &str, samples: &[Row]| {
        let graph = house.open(&generator(model), samples);
        let answer = graph.proof().answers[0].get("image").unwrap().clone();
        answer.shape().to_vec()
    };
    assert_eq!(shape("gan-lying", &gan_samples()), [1, 8, 8]);
    assert_eq!(shape("gan-flat", &gan_samples()), [64]);
    let latents = [z_row(0, 8), z_row(1, 8)];
    assert_eq!(shape("gan-nhwc", &latents), [8, 4, 3]);
    assert_eq!(shape("gan-hwc", &latents), [8, 8, 1]);
    assert_eq!(shape("gan-rank4", &latents), [1, 8, 8]);
    let squeezed = house.open("graphs/squeezed.onnx", &latents);
    let image = squeezed.proof().answers[0].get("image").unwrap();
    assert_eq!(image.shape(), [8, 4, 3]);
}

#[test]
fn a_graph_that_yields_nan_is_refused() {
    let house = House::with_workers(1);
    let error = house.try_open("broken/nan/generator.onnx", &gan_samples());
    let error = error.unwrap_err();
    assert!(matches!(error, LoadError::Unusable { .. }));
    assert!(error.to_string().contains("image holds NaN"), "{error}");
}

#[test]
fn files_that_are_no_graphs_are_unreadable() {
    let house = House::with_workers(1);
    for file in ["broken/truncated/generator.onnx", "nowhere.onnx", "make.py"] {
        let error = house.engine.inspect(&fixture(file)).unwrap_err();
        let unreadable = matches!(error, LoadError::Unreadable { .. } | LoadError::File { .. });
        assert!(unreadable, "{error}");
        assert!(error.to_string().contains(file), "{error}");
    }
}

#[test]
fn what_is_no_graph_is_called_what_it_is() {
    let house = House::with_workers(1);
    let folder = tempfile::tempdir().unwrap();
    let said = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let error = house.engine.inspect(&path).unwrap_err();
        assert!(matches!(error, LoadError::Foreign { .. }), "{error}");
        error.to_string()
    };
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n";
    let error = said("generator.onnx", pointer);
    assert!(
        error.contains("generator.onnx is a Git LFS pointer"),
        "{error}"
    );
    assert!(error.contains("git lfs pull"), "{error}");
    let error = said("model.pt", b"\x80\x02\x8a\x0al\xfc");
    assert!(error.contains("torch.onnx.export"), "{error}");
    assert!(said("model.onnx", b"").contains("is empty"));
}

#[test]
fn weights_that_have_not_come_along_are_named() {
    let house = House::with_workers(1);
    let folder = tempfile::tempdir().unwrap();
    let model = fixture("models/gan-external");
    let graph = folder.path().join("generator.onnx");
    std::fs::copy(model.join("generator.onnx"), &graph).unwrap();
    let mut files = std::fs::read_dir(&model)
        .unwrap()
        .map(|file| file.unwrap().path());
    let is_text =
        |path: &std::path::Path| path.extension().is_some_and(|e| e == "onnx" || e == "toml");
    let weights = files
        .find(|path| !is_text(path))
        .expect("its weights lie beside it");
    let name = weights.file_name().unwrap();
    let refused = || house.engine.inspect(&graph).unwrap_err();
    let error = refused();
    assert!(matches!(error, LoadError::Weights { .. }), "{error}");
    let text = error.to_string();
    assert!(
        text.contains(name.to_str().unwrap()) && text.contains("is not there"),
        "{text}"
    );
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n";
    std::fs::write(folder.path().join(name), pointer).unwrap();
    let text = refused().to_string();
    assert!(text.contains("git lfs pull"), "{text}");
    let whole = std::fs::read(&weights).unwrap();
    std::fs::write(folder.path().join(name), &whole[..whole.len() - 4]).unwrap();
    let text = refused().to_string();
    assert!(text.contains("of the"), "{text}");
    std::fs::write(folder.path().join(name), whole).unwrap();
    house.engine.inspect(&graph).expect("all is there");
}

#[tokio::test]
async fn a_frozen_batch_holds_as_many_different_rows() {
    let house = House::with_workers(1);
    let samples = gan_samples();
    let frozen = house.open(&generator("gan-frozen4"), &samples);
    let sizes = (1..=4).collect();
    assert_eq!(frozen.proof().batching, Batching::Shared { sizes });
    // Whatever stands in the other places, a row gets what it gets alone.
    let mut alone = Vec::new();
    for seed in 0..7 {
        alone.push(frozen.run(gan_row(seed)).await.unwrap());
    }
    let slow = house.slow();
    let busy = house.occupy(&slow).await;
    let mut waiting = Vec::new();
    for seed in 0..7 {
        waiting.push(Caller::queue(&frozen, gan_row(seed)).await);
    }
    drop(busy);
    for (caller, alone) in waiting.into_iter().zip(alone) {
        assert_eq!(bits(&caller.answer().await.unwrap()), bits(&alone));
    }
    let reports = house.log.of(frozen.name());
    let rows: Vec<usize> = reports.iter().skip(7).map(|report| report.rows).collect();
    assert_eq!(rows, [4, 3]);
}

#[test]
fn a_port_that_cannot_be_fed_is_named() {
    let house = House::with_workers(1);
    let error = house.engine.inspect(&fixture("graphs/text.onnx"));
    let error = error.unwrap_err().to_string();
    assert!(error.contains("y has elements of type String"), "{error}");
}

#[tokio::test]
async fn an_output_that_cannot_be_read_is_left_alone_beside_one_that_can() {
    let house = House::with_workers(1);
    let row = |seed| Row::new().with("x", latent(seed, 2));
    let graph = house.open("graphs/captioned.onnx", &[row(0), row(1)]);
    let notes = graph.proof().notes.iter().map(ToString::to_string);
    let notes = notes.collect::<Vec<_>>().join("; ");
    assert!(notes.contains("caption has elements of type"), "{notes}");
    let answer = graph.run(row(2)).await.unwrap();
    let doubled = latent(2, 2).into_floats() * 2.0;
    assert_eq!(answer.get("y"), Some(&Tensor::Float(doubled)));
    assert_eq!(answer.get("caption"), None);
}

#[test]
fn samples_that_do_not_fit_are_refused_with_both_shapes() {
    let house = House::with_workers(1);
    let misfit = |sample: Row| {
        let samples = [gan_row(0), sample];
        let error = house.try_open("graphs/gan.onnx", &samples);
        error.unwrap_err().to_string()
    };
    let error = misfit(gan_row(1).with("z", latent(1, 5)));
    assert!(error.contains("tensor z has shape [5]"), "{error}");
    let error = misfit(z_row(1, 8));
    assert!(error.contains("tensor y is missing"), "{error}");
    let error = house.try_open("graphs/gan.onnx", &[]).unwrap_err();
    assert!(error.to_string().contains("no sample"), "{error}");
}

#[test]
fn initializers_listed_as_inputs_are_not_inputs() {
    let house = House::with_workers(1);
    let file = fixture("models/gan-opset6/generator.onnx");
    let inspected = house.engine.inspect(&file).unwrap();
    let names: Vec<&str> = inspected.inputs().iter().map(|port| &*port.name).collect();
    assert_eq!(names, ["z"]);
    house.open(&generator("gan-opset6"), &[z_row(0, 8), z_row(1, 8)]);
}

#[tokio::test]
async fn weights_in_a_file_of_their_own_paint_the_same_image() {
    let house = House::with_workers(1);
    let inside = house.gan().run(gan_row(5)).await.unwrap();
    let outside = house.open(&generator("gan-external"), &gan_samples());
    assert_eq!(outside.run(gan_row(5)).await.unwrap(), inside);
}

#[tokio::test]
async fn half_floats_and_bytes_are_converted() {
    let house = House::with_workers(1);
    let exact = house.gan().run(gan_row(5)).await.unwrap();
    let Some(Tensor::Float(exact)) = exact.get("image") else {
        panic!("the image is made of numbers");
    };
    let half = house.open(&generator("gan-half"), &gan_samples());
    assert_eq!(half.inputs()[0].element, ElementType::Float16);
    let half = half.run(gan_row(5)).await.unwrap().take("image").unwrap();
    let gaps = (half.into_floats() - exact).mapv(f32::abs);
    assert!(gaps.iter().all(|&gap| gap < 2e-3));

    let bytes = house.open(&generator("gan-bytes"), &gan_samples());
    let bytes = bytes.run(gan_row(5)).await.unwrap().take("image").unwrap();
    let Tensor::Int(bytes) = bytes else {
        panic!("bytes are whole numbers");
    };
    // The graph adds 128 where 127.5 would be the middle, so that its cast rounds to nearest.
    for (byte, value) in bytes.iter().zip(exact) {
        assert_eq!(*byte, (value * 127.5 + 128.0) as i64);
    }
}

#[tokio::test]
async fn every_element_type_goes_in_and_comes_out() {
    let house = House::with_workers(1);
    let floats = |seed| Tensor::vector(vec![1.5, -2.0 - seed]);
    let ints = |seed: i64| Tensor::Int(arr1(&[1, 3 + seed]).into_dyn());
    let row = |seed: i64| {
        let row = Row::new().with("b", Tensor::Int(arr1(&[0, 1]).into_dyn()));
        let row = ["f64", "f16", "bf16"]
            .into_iter()
            .fold(row, |row, name| row.with(name, floats(seed as f32)));
        ["i64", "i32", "u8"]
            .into_iter()
            .fold(row, |row, name| row.with(name, ints(seed)))
    };
    let kinds = house.open("graphs/kinds.onnx", &[row(0), row(1)]);
    assert!(matches!(kinds.proof().batching, Batching::Shared { .. }));
    let answer = kinds.run(row(4)).await.unwrap();
    for (name, tensor) in row(4).iter() {
        assert_eq!(answer.get(&format!("{name}_out")), Some(tensor), "{name}");
    }
}

#[tokio::test]
async fn constants_of_the_manifest_do_not_keep_rows_apart() {
    let house = House::with_workers(1);
    let row = |seed| {
        z_row(seed, 8)
            .with("psi", Tensor::scalar(0.5))
            .with("shift", Tensor::vector(vec![0.0, 0.5]))
    };
    let graph = house.open(&generator("gan-constants"), &[row(0), row(1)]);
    assert!(matches!(graph.proof().batching, Batching::Shared { .. }));
    let image = graph.run(row(2)).await.unwrap().take("image").unwrap();
    let image = image.into_floats();
    // tanh(±3) is ±0.995, so about 0.25 ± 0.5 with the bar on row 0.
    assert!(image[[0, 0, 3]] > 0.6 && image[[0, 5, 3]] < -0.1, "{image}");
}
