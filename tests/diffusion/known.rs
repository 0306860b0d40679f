//! Prompts held against the captions that a model was trained on.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use atelier::families::diffusion::Pipeline;
use atelier::imaging::read_provenance;
use atelier::service::{Draft, Endpoint, Generated, Grid, Studio, Walk, WalkMode};
use safetensors::tensor::{Dtype, TensorView};
use serde::Deserialize;

use crate::harness::{copied, engine, lay, open, root, studio};

/// As the card of the tiny model has it.
const FAR: f64 = 0.8;

#[derive(Deserialize)]
struct Nearest {
    nearest: String,
    likeness: f64,
}

fn draft(prompt: &str) -> Draft {
    Draft {
        model: Some("emoji-diffusion".to_owned()),
        prompt: Some(prompt.to_owned()),
        seed: Some(1),
        steps: Some(1),
        ..Draft::default()
    }
}

async fn painted(draft: Draft) -> Generated {
    let generation = studio().parse(draft).await.unwrap();
    studio().generate(generation).await.unwrap()
}

/// What is said of a prompt that is far from all captions.
fn warning(prompt: &str, near: &Nearest) -> String {
    format!(
        "prompt: nothing in this model's training captions is near {prompt:?}; the nearest, {:?}, \
         is at a likeness of {:.2} ({FAR} and more is near)",
        near.nearest, near.likeness
    )
}

fn goldens() -> BTreeMap<String, Nearest> {
    let path = root().join("tests/goldens/diffusion/emoji-known.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[tokio::test]
async fn a_prompt_is_as_far_from_the_captions_as_it_is_in_python() {
    let mut far = 0;
    for (prompt, near) in goldens() {
        // Once read by the encoder, and once found among what it has read.
        for _ in 0..2 {
            let warnings = painted(draft(&prompt)).await.warnings;
            match near.likeness < FAR {
                true => assert_eq!(warnings, [warning(&prompt, &near)]),
                false => assert!(warnings.is_empty(), "{prompt}: {warnings:?}"),
            }
        }
        far += usize::from(near.likeness < FAR);
    }
    assert!(far > 0, "one of them is far");
}

#[tokio::test]
async fn several_images_of_one_prompt_give_one_warning() {
    let (prompt, near) = (goldens().into_iter().find(|(_, near)| near.likeness < FAR)).unwrap();
    let expected = [warning(&prompt, &near)];
    let three = Draft {
        n: Some(3),
        ..draft(&prompt)
    };
    let generated = painted(three.clone()).await;
    assert_eq!(generated.warnings, expected);
    assert_eq!(generated.images[2].warnings, expected);
    let sheet = Draft {
        grid: Some(Grid::default()),
        ..three
    };
    assert_eq!(painted(sheet).await.warnings, expected);
    let end = |prompt: &str| Endpoint::Prompt {
        prompt: prompt.to_owned(),
        seed: None,
    };
    let walk = Draft {
        interpolate: Some(Walk {
            from: end("a red apple"),
            to: end(&prompt),
            steps: 3,
            mode: WalkMode::Linear,
        }),
        ..draft("")
    };
    assert_eq!(painted(walk).await.warnings, expected);
}

#[tokio::test]
async fn nothing_is_said_of_what_a_prompt_keeps_away_from_or_of_no_prompt() {
    let (far, _) = (goldens().into_iter().find(|(_, near)| near.likeness < FAR)).unwrap();
    let away = Draft {
        negative_prompt: Some(far),
        ..draft("a red apple")
    };
    assert!(painted(away).await.warnings.is_empty());
    // The example takes the place of none, and of it too nothing is said but that.
    let warnings = painted(draft("")).await.warnings;
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].to_string().starts_with("there is no prompt"));
}

/// A tensor file of these tensors, each of half floats.
fn write(path: &Path, tensors: &[(&str, &[usize], Vec<f32>)]) {
    let bytes: Vec<Vec<u8>> = tensors
        .iter()
        .map(|(_, _, values)| {
            let halves = values.iter().map(|&value| half::f16::from_f32(value));
            halves.flat_map(half::f16::to_le_bytes).collect()
        })
        .collect();
    let views = tensors.iter().zip(&bytes).map(|((name, shape, _), bytes)| {
        let view = TensorView::new(Dtype::F16, shape.to_vec(), bytes).unwrap();
        (*name, view)
    });
    fs::write(path, safetensors::serialize(views, None).unwrap()).unwrap();
}

/// The tiny model, as if it looked up pictures by the state that is held against its captions.
fn recalling() -> (tempfile::TempDir, Studio) {
    let models = tempfile::tempdir().unwrap();
    let folder = models.path().join("emoji-diffusion");
    fs::create_dir(&folder).unwrap();
    lay(copied("emoji-diffusion").path(), &folder);
    let card = fs::read_to_string(folder.join("card.toml")).unwrap();
    let more = "far = 0.8\nrecalled = [0]\ncollections = [{ name = \"Round\", license = \"MIT\" }, \
                { name = \"Flat\", lacks = [\"a red apple\"] }]";
    fs::write(folder.join("card.toml"), card.replace("far = 0.8", more)).unwrap();
    let studio = open(models.path());
    (models, studio)
}

#[tokio::test]
async fn an_image_and_its_file_name_what_it_was_painted_from() {
    let (_models, studio) = recalling();
    let painted = async |draft: Draft| {
        let generation = studio.parse(draft).await.unwrap();
        studio.generate(generation).await.unwrap()
    };
    for (prompt, near) in goldens() {
        let image = painted(draft(&prompt)).await.images.remove(0);
        let whose = match &*near.nearest {
            "a red apple" => vec!["Round, MIT"],
            _ => vec!["Round, MIT", "Flat"],
        };
        let expected = whose.iter().map(|one| format!("{} ({one})", near.nearest));
        let expected: Vec<String> = expected.collect();
        let told: Vec<String> = image.sources.iter().map(ToString::to_string).collect();
        assert_eq!(told, expected, "{prompt}");
        let likeness = f64::from(image.sources[0].likeness);
        assert!(
            (likeness - near.likeness).abs() < 2e-3,
            "{prompt}: {likeness}"
        );
        let read = read_provenance(&image.bytes).unwrap();
        assert_eq!(read.sources, expected);
    }
    let end = |prompt: &str| Endpoint::Prompt {
        prompt: prompt.to_owned(),
        seed: None,
    };
    let walk = Draft {
        interpolate: Some(Walk {
            from: end("a red apple"),
            to: end("une maison"),
            steps: 2,
            mode: WalkMode::Linear,
        }),
        grid: Some(Grid::default()),
        ..draft("")
    };
    let sheet = painted(walk).await.images.remove(0);
    let names = sheet.sources.iter().map(|one| &*one.name);
    let expected = ["a red apple", "une maison", "une maison"];
    assert_eq!(names.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn a_model_that_looks_nothing_up_names_no_sources() {
    let image = painted(draft("a red apple")).await.images.remove(0);
    assert!(image.sources.is_empty());
    assert!(read_provenance(&image.bytes).unwrap().sources.is_empty());
}

#[test]
fn what_is_wrong_with_the_captions_is_said_by_file_and_tensor() {
    let engine = engine();
    let refused = |spoil: &dyn Fn(&Path), wanted: &str| {
        let copy = copied("emoji-diffusion");
        spoil(copy.path());
        let error = Pipeline::load(&engine, "emoji", copy.path()).unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}");
    };
    let unit = |rows: usize, columns: usize| {
        let one = |at: usize| f32::from(u8::from(at.is_multiple_of(columns)));
        (0..rows * columns).map(one).collect::<Vec<f32>>()
    };
    let tensors = |tensors: &[(&str, &[usize], Vec<f32>)], wanted: &str| {
        refused(
            &|folder| write(&folder.join("known.safetensors"), tensors),
            wanted,
        );
    };
    let file = |name: &str, bytes: &[u8], wanted: &str| {
        refused(
            &|folder| fs::write(folder.join(name), bytes).unwrap(),
            wanted,
        );
    };
    for name in ["known.safetensors", "known.txt"] {
        let remove = |folder: &Path| fs::remove_file(folder.join(name)).unwrap();
        refused(&remove, &format!("{name} is missing"));
        let large = vec![b'\n'; (8 << 20) + 1];
        file(name, &large, &format!("{name}: more than 8 MiB"));
    }
    let place = |folder: &Path| {
        let card = folder.join("card.toml");
        let text = fs::read_to_string(&card).unwrap();
        fs::write(card, text.replace("far =", "place = 4096\nfar =")).unwrap();
    };
    refused(&place, "prompts.place: found 4096, expected one of the");
    let recalled = |folder: &Path| {
        let card = folder.join("card.toml");
        let text = fs::read_to_string(&card).unwrap();
        fs::write(card, text.replace("far =", "recalled = [0, 4096]\nfar =")).unwrap();
    };
    refused(&recalled, "prompts.recalled[1]: found 4096, expected");
    file(
        "known.safetensors",
        b"no tensors",
        "known.safetensors can't be read",
    );
    file("known.txt", b"\xff", "known.txt can't be read");
    file(
        "known.txt",
        b"a cat\na dog\n",
        "known.txt: 2 lines for the 5 rows of `keys`",
    );
    file("known.txt", b"a\nb\n\nd\ne\n", "known.txt: line 3 is empty");

    tensors(
        &[("project", &[64, 2], unit(64, 2))],
        "there is no tensor `keys`",
    );
    tensors(
        &[
            ("keys", &[5, 64], unit(5, 64)),
            ("values", &[1, 1], unit(1, 1)),
        ],
        "there is a tensor `values`",
    );
    tensors(
        &[("keys", &[320], unit(1, 320))],
        "`keys` is F16 of shape [320]",
    );
    tensors(
        &[("keys", &[0, 64], Vec::new())],
        "`keys` is of shape [0, 64], and holds nothing",
    );
    tensors(
        &[("keys", &[5, 12], unit(5, 12))],
        "`keys` have 12 numbers each, and the text encoder's states 64",
    );
    tensors(
        &[
            ("keys", &[5, 12], unit(5, 12)),
            ("project", &[63, 12], unit(63, 12)),
        ],
        "`project` is of shape [63, 12], expected [64, 12]",
    );
    let mut long = unit(5, 64);
    long[64] = 2.0;
    tensors(&[("keys", &[5, 64], long)], "`keys`[1] is 2.00 long");
    let mut nan = unit(5, 64);
    nan[2 * 64 + 3] = f32::NAN;
    tensors(&[("keys", &[5, 64], nan)], "`keys`[2, 3] is NaN");
    let single = |folder: &Path| {
        let bytes = vec![0; 4 * 5 * 64];
        let view = TensorView::new(Dtype::F32, vec![5, 64], &bytes).unwrap();
        let file = safetensors::serialize([("keys", view)], None).unwrap();
        fs::write(folder.join("known.safetensors"), file).unwrap();
    };
    refused(
        &single,
        "`keys` is F32 of shape [5, 64], expected F16 with two axes",
    );
}

#[test]
fn keys_in_the_encoders_own_space_need_no_projection() {
    let copy = copied("emoji-diffusion");
    let mut keys = vec![0.0; 5 * 64];
    keys.iter_mut().step_by(65).for_each(|value| *value = 1.0);
    write(
        &copy.path().join("known.safetensors"),
        &[("keys", &[5, 64], keys)],
    );
    Pipeline::load(&engine(), "emoji", copy.path()).unwrap();
}
