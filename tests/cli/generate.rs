//! `atelier generate`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use atelier::imaging::{DecodeLimits, Image, decode};
use serde_json::json;
use tempfile::TempDir;

use crate::program::{Running, Server, atelier, fail, fixture, repository, run, succeed, until};

/// A working folder with some models in `models`.
pub(crate) fn with(models: &[&str]) -> TempDir {
    let folder = TempDir::new().expect("there is a temporary folder");
    repository(&folder, models);
    folder
}

const GENERATE: [&str; 3] = ["generate", "--models", "models"];

pub(crate) fn generate<'a>(flags: &[&'a str]) -> Vec<&'a str> {
    [&GENERATE[..], flags].concat()
}

/// All files of a folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    entries
        .map(|entry| {
            let path = entry.expect("it is readable").path();
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, std::fs::read(path).expect("a file"))
        })
        .collect()
}

pub(crate) fn rows(folder: &Path) -> Vec<String> {
    let labels = std::fs::read_to_string(folder.join("labels.csv")).expect("it has labels");
    labels.lines().map(str::to_owned).collect()
}

fn image(path: &Path) -> Image {
    let file = std::fs::read(path).expect("the image is there");
    decode(&file, &DecodeLimits::default()).expect("it is an image")
}

#[test]
fn without_out_another_run_goes_to_the_next_free_folder_and_says_so() {
    let folder = with(&["models/gan"]);
    succeed(&folder, generate(&["--n", "2", "--prompt", "two"]));
    let second = run(&folder, generate(&["--n", "2", "--prompt", "three"]));
    assert_eq!(second.code, Some(0), "{second:?}");
    assert!(
        second
            .stderr
            .contains("out/gan holds images of another run"),
        "{second:?}"
    );
    assert!(
        second.stderr.contains("these go to out/gan-2"),
        "{second:?}"
    );
    assert!(second.stdout.contains("in out/gan-2"), "{second:?}");
    // Two images, their labels, and what the run is.
    assert_eq!(files(&folder.path().join("out/gan-2")).len(), 4);
    // The same command goes on where it was, and who names a folder means that one.
    let again = succeed(&folder, generate(&["--n", "2", "--prompt", "three"]));
    assert!(again.contains("2 were there already"), "{again}");
    let named = generate(&["--n", "2", "--prompt", "four", "--out", "out/gan"]);
    assert!(fail(&folder, 1, named).contains("give --out another folder"));
}

#[test]
fn a_file_of_another_kind_is_no_folder() {
    let folder = with(&["models/gan"]);
    let refused = fail(&folder, 1, generate(&["--n", "1", "--out", "one.bmp"]));
    assert!(refused.contains("must end in .png"), "{refused}");
    assert!(!folder.path().join("one.bmp").exists());
}

#[test]
fn a_line_of_json_names_the_sheet() {
    let folder = with(&["models/gan"]);
    let said = succeed(
        &folder,
        generate(&["--n", "3", "--grid", "sheet.png", "--json"]),
    );
    let lines: Vec<serde_json::Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    assert_eq!(lines, [json!({"file": "sheet.png", "images": 3})]);
}

#[test]
fn a_refused_run_leaves_nothing_behind() {
    let folder = with(&["models/gan"]);
    for flags in [
        &["--prompt", "a giraffe", "--out", "refused"][..],
        &["--grid", "sheet.bmp", "--out", "refused"],
        &[
            "--n",
            "100000001",
            "--grid",
            "sheet.png",
            "--out",
            "refused",
        ],
    ] {
        let ended = run(&folder, generate(flags));
        assert_ne!(ended.code, Some(0), "{ended:?}");
        assert!(!folder.path().join("refused").exists(), "{flags:?}");
    }
}

#[tokio::test]
async fn an_image_is_the_one_that_the_service_answers() {
    let folder = with(&["models/gan"]);
    let server = Server::start(&fixture("models"), &["--default-model", "gan"]);
    for (name, media_type) in [("a.png", "image/png"), ("a.webp", "image/webp")] {
        let flags = ["--n", "1", "--seed", "5", "--prompt", "two", "--out", name];
        succeed(&folder, generate(&flags));
        let answer = server
            .client
            .post(format!("{}/generate", server.url))
            .header("accept", media_type)
            .json(&json!({ "seed": 5, "prompt": "two" }))
            .send()
            .await
            .expect("it is answered");
        let answered = answer.bytes().await.expect("an image");
        let written = std::fs::read(folder.path().join(name)).expect("an image");
        assert_eq!(written, answered, "{name}");
    }
}

#[test]
fn a_folder_has_a_row_for_each_image_and_every_label_equally_often() {
    let folder = with(&["models/gan"]);
    succeed(
        &folder,
        generate(&["--n", "8", "--balance", "bar", "--out", "set"]),
    );
    let rows = rows(&folder.path().join("set"));
    assert_eq!(rows[0], "file,seed,bar,score");
    assert_eq!(rows[1], "000001.png,1,second,");
    assert_eq!(rows.len(), 9);
    for label in ["first", "second", "third", "fourth"] {
        let count = rows.iter().filter(|row| row.contains(label)).count();
        assert_eq!(count, 2, "{label}");
    }
}

#[test]
fn a_file_of_prompts_is_painted_line_by_line() {
    let folder = with(&["models/gan"]);
    let file = folder.path().join("prompts.txt");
    std::fs::write(&file, "two\n\npremière\n").expect("it can be written");
    let flags = ["--prompts", "prompts.txt", "--out", "set"];
    succeed(&folder, generate(&flags));
    let expected = [
        "file,seed,bar,prompt,score",
        "000001.png,1,second,two,",
        "000002.png,2,first,première,",
    ];
    assert_eq!(rows(&folder.path().join("set")), expected);

    // More images of the same are the same folder's; another order is not.
    succeed(&folder, generate(&[&flags[..], &["--n", "3"]].concat()));
    assert_eq!(
        rows(&folder.path().join("set"))[3],
        "000003.png,3,second,two,"
    );
    std::fs::write(&file, "première\ntwo\n").expect("it can be written");
    let sentence = fail(&folder, 1, generate(&flags));
    assert!(sentence.contains("prompts_sha256 was"), "{sentence}");

    // A line that means nothing is told before anything is painted.
    std::fs::write(&file, "two\na giraffe\n").expect("it can be written");
    let sentence = fail(
        &folder,
        1,
        generate(&["--prompts", "prompts.txt", "--out", "none"]),
    );
    assert!(sentence.contains("\"a giraffe\""), "{sentence}");
    assert!(!folder.path().join("none").exists());
}

#[test]
fn any_axis_can_be_balanced_before_the_others() {
    let folder = with(&["models/faces"]);
    let count = |out: &str, words: &str| {
        let rows = rows(&folder.path().join(out));
        rows[1..].iter().filter(|row| row.contains(words)).count()
    };
    let flags = |balance, n, out| generate(&["--n", n, "--balance", balance, "--out", out]);
    succeed(&folder, flags("glasses", "4", "asked"));
    assert_eq!(
        rows(&folder.path().join("asked"))[0],
        "file,seed,style,hair,glasses,score"
    );
    assert_eq!((count("asked", ",yes,"), count("asked", ",no,")), (2, 2));
    succeed(&folder, flags("class", "18", "all"));
    for words in [",robot,none,no,", ",girl,pink,yes,", ",pixel-art,black,no,"] {
        assert_eq!(count("all", words), 1, "{words}");
    }
    let sentence = fail(&folder, 1, flags("hair", "4", "asked"));
    assert!(
        sentence.contains("balance was \"glasses\" and is \"hair\""),
        "{sentence}"
    );
}

#[test]
fn a_walk_is_an_animation_in_one_file() {
    let folder = with(&["models/vae"]);
    let walk = [
        "--interpolate-from",
        "3",
        "--interpolate-to",
        "8",
        "--n",
        "4",
        "--loop",
    ];
    for (flags, file) in [
        (&["--out", "walk.apng"][..], "walk.apng"),
        (
            &["--out", "walk.webp", "--format", "webp-animation"],
            "walk.webp",
        ),
        (
            &["--out", "set", "--format", "apng", "--frame-ms", "50"],
            "set/walk.apng",
        ),
        (&["--out", "walk.gif"], "walk.gif"),
    ] {
        succeed(&folder, generate(&[&walk[..], flags].concat()));
        let file = std::fs::read(folder.path().join(file)).expect("an animation");
        let frames = |name: &[u8]| {
            file.windows(name.len())
                .filter(|some| *some == name)
                .count()
        };
        // A frame of a GIF begins with its graphic control.
        let frames = frames(b"fcTL") + frames(b"ANMF") + frames(b"\x21\xf9\x04");
        assert_eq!(frames, 6, "there and back again");
    }
    let sheet = [&walk[..], &["--format", "apng", "--grid", "sheet.png"]].concat();
    let sentence = fail(&folder, 1, generate(&sheet));
    assert!(sentence.contains("leave one of them out"), "{sentence}");
}

#[test]
fn latents_are_mixed_and_edited() {
    let folder = with(&["models/vae"]);
    let grey = |flags: &[&str]| {
        succeed(&folder, generate(&[flags, &["--out", "one.png"]].concat()));
        image(&folder.path().join("one.png")).into_pixels()[0]
    };
    let mixed = grey(&["--mix", "3=0.5", "--mix", "3=-0.5"]);
    assert_eq!(mixed, 128, "it adds up to nothing");
    let mixed = grey(&["--mix", "3=0.5", "--mix", "3=-0.5", "--edit", "left=0.5"]);
    assert_eq!(mixed, 191);
    let ended = run(&folder, generate(&["--edit", "left"]));
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("as in smile=1.5"), "{ended:?}");
}

#[test]
fn a_longer_run_goes_on_from_a_shorter_one() {
    let folder = with(&["models/gan"]);
    succeed(&folder, generate(&["--n", "3", "--out", "grown"]));
    let said = succeed(&folder, generate(&["--n", "7", "--out", "grown"]));
    assert!(said.starts_with("4 images by gan in grown"), "{said}");
    assert!(said.contains("3 were there already"), "{said}");
    succeed(&folder, generate(&["--n", "7", "--out", "whole"]));
    assert_eq!(
        files(&folder.path().join("grown")),
        files(&folder.path().join("whole"))
    );
}

#[tokio::test]
async fn a_run_that_is_killed_goes_on_to_the_same_set() {
    let folder = with(&["models/gan-busy"]);
    let flags = |out| generate(&["--n", "120", "--out", out]);
    for (signal, code) in [("KILL", None), ("INT", Some(130))] {
        let out = folder.path().join(signal);
        let mut command = atelier(&folder, flags(signal));
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut running = Running::start(&mut command);
        until(async || out.join("labels.csv").exists() && rows(&out).len() > 5).await;
        running.signal(signal);
        assert_eq!(running.exit_code().await, code);
        assert!(rows(&out).len() < 121, "it was too quick to be stopped");
        succeed(&folder, flags(signal));
        // What was being written when it was killed.
        let mut files = files(&out);
        files.retain(|name, _| !name.ends_with(".part"));
        assert_eq!(files.len(), 122);
        succeed(&folder, flags("whole"));
        assert!(
            files == self::files(&folder.path().join("whole")),
            "{signal}"
        );
    }
}

#[test]
fn images_of_another_kind_are_kept_out_of_a_folder() {
    let folder = with(&["models/gan"]);
    succeed(
        &folder,
        generate(&["--n", "2", "--class", "first", "--out", "set"]),
    );
    let sentence = fail(
        &folder,
        1,
        generate(&["--n", "2", "--class", "third", "--out", "set"]),
    );
    assert!(
        sentence.contains(r#"class was {"bar":"first"} and is {"bar":"third"}"#),
        "{sentence}"
    );
}

#[test]
fn a_sheet_holds_all_images_also_those_of_an_earlier_run() {
    let folder = with(&["models/gan"]);
    succeed(&folder, generate(&["--n", "4", "--out", "set"]));
    let sheet = ["--grid", "sheet.png", "--columns", "3"];
    succeed(
        &folder,
        generate(&[&["--n", "6", "--out", "set"], &sheet[..]].concat()),
    );
    let sheet = image(&folder.path().join("sheet.png"));
    // Three by two images of 8 × 8, two pixels apart.
    assert_eq!((sheet.width(), sheet.height()), (28, 18));
    let first = image(&folder.path().join("set/000001.png"));
    for (sheet, own) in sheet.pixels().chunks(28).zip(first.pixels().chunks(8)) {
        assert_eq!(sheet[..8], *own);
    }
}

#[test]
fn a_sheet_alone_makes_no_folder() {
    let folder = with(&["models/gan"]);
    succeed(&folder, generate(&["--grid", "sheet.jpg"]));
    assert!(folder.path().join("sheet.jpg").is_file());
    assert!(!folder.path().join("out").exists());
}

#[test]
fn the_best_of_many_come_with_their_scores() {
    let folder = with(&["models/gan"]);
    let flags = [
        "--n",
        "3",
        "--best-of",
        "12",
        "--class",
        "1",
        "--out",
        "best",
    ];
    succeed(&folder, generate(&flags));
    let rows = rows(&folder.path().join("best"));
    let scores: Vec<f32> = rows[1..]
        .iter()
        .map(|row| row.rsplit(',').next().unwrap().parse().expect("a score"))
        .collect();
    assert_eq!(scores.len(), 3);
    assert!(scores.is_sorted_by(|one, other| one >= other), "{scores:?}");
    assert!(rows[1].contains(",second,"), "{rows:?}");
}

#[test]
fn a_walk_is_numbered_and_a_reconstruction_is_one_image() {
    let folder = with(&["models/vae"]);
    let walk = [
        "--interpolate-from",
        "3",
        "--interpolate-to",
        "8",
        "--n",
        "5",
    ];
    succeed(&folder, generate(&[&walk[..], &["--out", "walk"]].concat()));
    assert_eq!(rows(&folder.path().join("walk")).len(), 6);
    let step = "walk/step-001.png";
    succeed(&folder, generate(&["--image", step, "--out", "again.png"]));
    // The fixture keeps quadrants, so an image of it survives the round trip.
    let (one, other) = (
        image(&folder.path().join(step)),
        image(&folder.path().join("again.png")),
    );
    assert_eq!(one.pixels(), other.pixels());
}

#[test]
fn latents_are_read_from_a_file() {
    let folder = with(&["models/vae"]);
    std::fs::write(
        folder.path().join("z.json"),
        "[[1, 1, 1, 1], [-1, -1, -1, -1]]",
    )
    .unwrap();
    succeed(&folder, generate(&["--latents", "z.json", "--out", "set"]));
    let pixels = |name: &str| image(&folder.path().join("set").join(name)).into_pixels();
    assert!(pixels("step-001.png").iter().all(|&pixel| pixel == 255));
    assert!(pixels("step-002.png").iter().all(|&pixel| pixel == 0));
}
