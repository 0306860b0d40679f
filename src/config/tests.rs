use std::fs;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::runtime::Provider;
use crate::telemetry::LogFormat;

/// A working folder with a folder of models, and maybe a settings file.
struct Place {
    folder: TempDir,
    variables: Vec<(&'static str, &'static str)>,
}

impl Place {
    fn new(file: &str) -> Self {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("onnx")).unwrap();
        if !file.is_empty() {
            fs::write(folder.path().join("atelier.toml"), file).unwrap();
        }
        Self {
            folder,
            variables: Vec::new(),
        }
    }

    fn variable(mut self, name: &'static str, value: &'static str) -> Self {
        self.variables.push((name, value));
        self
    }

    fn resolve(&self, flags: &[&str]) -> Result<Resolved, String> {
        let around = Surroundings {
            variables: self
                .variables
                .iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            working: self.folder.path().to_owned(),
            executable: None,
        };
        resolve(written(flags), None, around).map_err(|error| error.to_string())
    }
}

/// All settings, checked.
struct Resolved {
    engine: EngineSettings,
    serving: ServingSettings,
    log: LogFormat,
    warnings: Vec<String>,
}

fn resolve(
    flags: RawSettings,
    config: Option<&Path>,
    around: Surroundings,
) -> Result<Resolved, ConfigError> {
    let settings = Settings::read(flags, config, around)?;
    Ok(Resolved {
        engine: settings.engine()?,
        serving: settings.serving()?,
        log: settings.log(),
        warnings: settings.warnings().collect(),
    })
}

fn written(flags: &[&str]) -> RawSettings {
    use clap::FromArgMatches as _;
    let matches = crate::config::raw::command().get_matches_from(flags);
    RawSettings::from_arg_matches(&matches).unwrap()
}

#[test]
fn with_nothing_written_the_defaults_hold() {
    let place = Place::new("");
    let settings = place.resolve(&[]).unwrap();
    assert_eq!(settings.serving.listen, "127.0.0.1:8080");
    assert_eq!(settings.serving.queue, 256);
    assert_eq!(settings.serving.max_images, 64);
    assert_eq!(settings.serving.max_body, 16 << 20);
    assert_eq!(settings.serving.deadline, Duration::from_secs(60));
    assert_eq!(settings.serving.drain, Duration::from_secs(30));
    assert_eq!(settings.serving.grace, Duration::ZERO);
    assert_eq!(settings.engine.provider, Provider::Auto);
    assert_eq!(settings.engine.models, place.folder.path().join("onnx"));
    assert_eq!(settings.log, LogFormat::Text);
    assert!(settings.warnings.is_empty());
}

#[test]
fn the_stronger_place_wins_setting_by_setting() {
    let file = "queue = 10\nmax_images = 20\ndrain_seconds = 30\nlog = \"json\"\n";
    let place = Place::new(file)
        .variable("ATELIER_MAX_IMAGES", "21")
        .variable("ATELIER_DRAIN_SECONDS", "31");
    let settings = place.resolve(&["--drain-seconds", "32"]).unwrap();
    assert_eq!(settings.serving.queue, 10);
    assert_eq!(settings.serving.max_images, 21);
    assert_eq!(settings.serving.drain, Duration::from_secs(32));
    assert_eq!(settings.log, LogFormat::Json);
}

#[test]
fn an_empty_variable_says_nothing() {
    let place = Place::new("queue = 10").variable("ATELIER_QUEUE", "");
    assert_eq!(place.resolve(&[]).unwrap().serving.queue, 10);
}

#[test]
fn an_unknown_key_is_refused_with_its_line() {
    let error = Place::new("queue = 10\n\nworker = 2\n")
        .resolve(&[])
        .err()
        .unwrap();
    assert!(
        error.starts_with("atelier.toml, line 3: there is no setting \"worker\"; the settings are"),
        "{error}"
    );
    assert!(error.contains("workers"), "{error}");
}

#[test]
fn a_value_of_the_wrong_kind_is_refused_with_its_line_and_name() {
    let error = Place::new("\nqueue = \"many\"\n")
        .resolve(&[])
        .err()
        .unwrap();
    assert!(
        error.starts_with("atelier.toml, line 2: queue: "),
        "{error}"
    );
    let error = Place::new("variant = \"fp8\"").resolve(&[]).err().unwrap();
    assert!(
        error.starts_with(
            "atelier.toml, line 1: variant: found \"fp8\"; expected one of fp32, fp16"
        ),
        "{error}"
    );
    let error = Place::new("provider = \"tpu\"").resolve(&[]).err().unwrap();
    assert!(
        error.starts_with("atelier.toml, line 1: provider: unknown variant `tpu`"),
        "{error}"
    );
    let error = Place::new("queue = = 1").resolve(&[]).err().unwrap();
    assert!(error.starts_with("atelier.toml, line 1: "), "{error}");
}

#[test]
fn a_wrong_variable_is_named() {
    let resolve = |name, value| Place::new("").variable(name, value).resolve(&[]);
    let error = resolve("ATELIER_QUEUE", "many").err().unwrap();
    assert_eq!(
        error,
        "ATELIER_QUEUE: found \"many\": invalid digit found in string"
    );
    let error = resolve("ATELIER_PROVIDER", "tpu").err().unwrap();
    assert_eq!(
        error,
        "ATELIER_PROVIDER: found \"tpu\": expected auto, cpu, cuda"
    );
}

#[test]
fn a_variable_that_is_no_setting_is_mentioned() {
    let settings = Place::new("").variable("ATELIER_QUEU", "1").resolve(&[]);
    assert_eq!(
        settings.unwrap().warnings,
        ["ATELIER_QUEU is set, and there is no such setting"]
    );
}

#[test]
fn a_value_out_of_bounds_is_named_by_where_it_was_written() {
    let message = ": found 0, expected 1 to 4096";
    let error = Place::new("# a comment\nworkers = 0")
        .resolve(&[])
        .err()
        .unwrap();
    assert_eq!(error, format!("atelier.toml, line 2: workers{message}"));
    let place = Place::new("").variable("ATELIER_WORKERS", "0");
    assert_eq!(
        place.resolve(&[]).err().unwrap(),
        format!("ATELIER_WORKERS{message}")
    );
    assert_eq!(
        place.resolve(&["--workers", "0"]).err().unwrap(),
        format!("--workers{message}")
    );
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    let error = Place::new("queue = 500")
        .resolve(&["--max-connections", "100"])
        .err()
        .unwrap();
    assert!(
        error.starts_with("--max-connections: found 100, and queue is 500"),
        "{error}"
    );
    let error = Place::new("cors = [\"*\", \"https://a.example\"]")
        .resolve(&[])
        .err()
        .unwrap();
    assert!(error.starts_with("atelier.toml, line 1: cors: "), "{error}");
}

#[test]
fn lists_are_separated_by_commas() {
    let place = Place::new("").variable("ATELIER_CORS", "https://a.example,http://b.example:3000");
    assert_eq!(
        place.resolve(&[]).unwrap().serving.cors,
        ["https://a.example", "http://b.example:3000"]
    );
    let error = place.resolve(&["--cors", "example.org"]).err().unwrap();
    assert!(error.starts_with("--cors: found"), "{error}");
}

#[test]
fn models_may_have_other_names() {
    let names = |place: Place, flags: &[&str]| {
        let aliases = place.resolve(flags).unwrap().engine.aliases;
        aliases.into_iter().collect::<Vec<_>>()
    };
    let pair = |name: &str, model: &str| (name.to_owned(), model.to_owned());
    let file = "[aliases]\ndall-e-3 = \"gan\"\n\"gpt.1\" = \"vae\"\n";
    let both = [pair("dall-e-3", "gan"), pair("gpt.1", "vae")];
    assert_eq!(names(Place::new(file), &[]), both);
    let place = || Place::new(file).variable("ATELIER_ALIASES", "a=gan,b=vae");
    assert_eq!(names(place(), &[]), [pair("a", "gan"), pair("b", "vae")]);
    let flags = ["--alias", "c=gan", "--alias", "d=vae"];
    assert_eq!(names(place(), &flags), [pair("c", "gan"), pair("d", "vae")]);

    let wrong = Place::new("").variable("ATELIER_ALIASES", "dall-e-3");
    let error = wrong.resolve(&[]).err().unwrap();
    assert!(error.contains("expected NAME=MODEL"), "{error}");
}

#[test]
fn links_begin_where_callers_reach_the_service() {
    let url = |url| Place::new("").resolve(&["--public-url", url]);
    let found = url("https://example.org/atelier/").unwrap();
    let expected = Some("https://example.org/atelier".to_owned());
    assert_eq!(found.serving.public_url, expected);
    for bad in [
        "example.org",
        "https://",
        "ftp://x",
        "https://a b",
        "https://a?b",
    ] {
        let error = url(bad).err().unwrap();
        assert!(error.starts_with("--public-url: found"), "{error}");
    }
}

#[test]
fn an_address_has_a_host_and_a_port() {
    let listen = |address| Place::new("").resolve(&["--listen", address]);
    for good in ["127.0.0.1:80", "[::1]:8080", "localhost:0"] {
        assert_eq!(listen(good).unwrap().serving.listen, good);
    }
    for bad in [
        "8080",
        ":8080",
        "::1:8080",
        "localhost:http",
        "localhost:99999",
    ] {
        let error = listen(bad).err().unwrap();
        assert!(error.contains("expected HOST:PORT"), "{error}");
    }
}

#[test]
fn paths_in_a_file_are_seen_from_the_file() {
    let place = Place::new("");
    let other = place.folder.path().join("etc");
    fs::create_dir_all(other.join("images")).unwrap();
    fs::write(other.join("a.toml"), "models = \"images\"").unwrap();
    let around = Surroundings {
        working: place.folder.path().to_owned(),
        ..Surroundings::default()
    };
    let config = Some(Path::new("etc/a.toml"));
    let settings = resolve(RawSettings::default(), config, around).unwrap();
    assert_eq!(settings.engine.models, Path::new("etc/images"));
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let around = Surroundings::default();
    let config = Some(Path::new("/nowhere/atelier.toml"));
    let error = resolve(RawSettings::default(), config, around)
        .err()
        .unwrap();
    assert!(
        error
            .to_string()
            .starts_with("cannot read /nowhere/atelier.toml: ")
    );
}

#[test]
fn models_are_found_above_the_program() {
    let place = Place::new("");
    let around = Surroundings {
        working: "/nowhere".into(),
        executable: Some(place.folder.path().join("target/release/atelier")),
        ..Surroundings::default()
    };
    let settings = resolve(RawSettings::default(), None, around).unwrap();
    assert_eq!(settings.engine.models, place.folder.path().join("onnx"));
}

#[test]
fn a_folder_of_models_that_was_named_must_be_there() {
    let error = Place::new("")
        .resolve(&["--models", "nowhere"])
        .err()
        .unwrap();
    assert_eq!(error, "--models: there is no folder nowhere");
}

#[test]
fn an_address_that_others_reach_needs_keys_or_a_word_that_it_is_open() {
    let place = Place::new("");
    for reachable in [
        "0.0.0.0:80",
        "[::]:80",
        "images.example.org:80",
        "192.0.2.1:80",
    ] {
        let error = place.resolve(&["--listen", reachable]).err().unwrap();
        assert!(
            error.contains("--keys FILE") && error.contains("--open"),
            "{error}"
        );
        assert!(place.resolve(&["--listen", reachable, "--open"]).is_ok());
        assert!(
            place
                .resolve(&["--listen", reachable, "--api-key", "k"])
                .is_ok()
        );
    }
    let hosts = |flags: &[&str]| place.resolve(flags).unwrap().serving.hosts;
    assert_eq!(hosts(&["--listen", "0.0.0.0:80", "--open"]), None);
    assert!(hosts(&[]).unwrap().contains(&"localhost".to_owned()));
    assert_eq!(
        hosts(&["--hosts", "a.example"]),
        Some(vec!["a.example".to_owned()])
    );
}
