//! Starting the program, and reading what it says.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::{Instant, sleep};

/// Longer than anything here takes; what hangs fails after it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A file or folder of the fixtures.
pub(crate) fn fixture(path: &str) -> PathBuf {
    checkout().join("tests/fixtures").join(path)
}

fn checkout() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The program in `folder`, in an environment that says nothing but where the library is.
pub(crate) fn atelier<A: AsRef<OsStr>>(
    folder: &TempDir,
    arguments: impl IntoIterator<Item = A>,
) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_atelier"));
    for (name, _) in std::env::vars_os() {
        let ours = name.to_string_lossy().starts_with("ATELIER_");
        if (ours && name != "ATELIER_ONNXRUNTIME") || name == "RUST_LOG" {
            command.env_remove(name);
        }
    }
    if std::env::var_os("ATELIER_ONNXRUNTIME").is_none() {
        let library = if cfg!(target_os = "macos") {
            "libonnxruntime.dylib"
        } else {
            "libonnxruntime.so"
        };
        let library = checkout().join(".onnxruntime/lib").join(library);
        command.env("ATELIER_ONNXRUNTIME", library);
    }
    command.args(arguments).current_dir(folder.path());
    command
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the program speaks UTF-8");
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

/// Runs a command to its end.
pub(crate) fn run<A: AsRef<OsStr>>(
    folder: &TempDir,
    arguments: impl IntoIterator<Item = A>,
) -> Ended {
    let output = atelier(folder, arguments).stdin(Stdio::null()).output();
    output.expect("the program starts").into()
}

/// Runs a command that must succeed, and answers with its stdout.
pub(crate) fn succeed<A: AsRef<OsStr>>(
    folder: &TempDir,
    arguments: impl IntoIterator<Item = A>,
) -> String {
    let ended = run(folder, arguments);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.stdout
}

/// Runs a command that must fail, and answers with the sentence that it says.
pub(crate) fn fail<A: AsRef<OsStr>>(
    folder: &TempDir,
    code: i32,
    arguments: impl IntoIterator<Item = A>,
) -> String {
    let ended = run(folder, arguments);
    assert_eq!(ended.code, Some(code), "{ended:?}");
    let sentence = ended.stderr.trim_end();
    assert!(sentence.starts_with("atelier: "), "{sentence}");
    assert_eq!(sentence.lines().count(), 1, "{sentence}");
    sentence.to_owned()
}

/// A copy of some fixture models as a repository of their own.
pub(crate) fn repository(folder: &TempDir, models: &[&str]) -> PathBuf {
    let repository = folder.path().join("models");
    for model in models {
        let source = fixture(model);
        let target = repository.join(source.file_name().expect("a model's folder has a name"));
        std::fs::create_dir_all(&target).expect("the folder is writable");
        for file in std::fs::read_dir(source).expect("the fixture is there") {
            let file = file.expect("the fixture is readable").path();
            let name = file.file_name().expect("a file has a name");
            std::fs::copy(&file, target.join(name)).expect("the fixture is readable");
        }
    }
    repository
}

/// A process that is stopped when the test is over, however it ends.
#[derive(Debug)]
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        Self(command.spawn().expect("the program starts"))
    }

    /// Sends a signal by its name, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.0.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.expect("there is a kill command").success());
    }

    /// What it writes to stderr, which must be piped.
    pub(crate) fn log(&mut self) -> ChildStderr {
        self.0.stderr.take().expect("stderr is piped")
    }

    /// The exit code, once it has one.
    pub(crate) async fn exit_code(&mut self) -> Option<i32> {
        self.end().await.code()
    }

    /// How it ended, once it has.
    pub(crate) async fn end(&mut self) -> ExitStatus {
        let waiting = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().expect("it is our child") {
                return status;
            }
            assert!(waiting.elapsed() < PATIENCE, "the program did not end");
            sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// A server on a port of its own.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) process: Running,
    pub(crate) url: String,
    /// What it printed on stdout when the port was open.
    pub(crate) greeting: String,
    pub(crate) client: reqwest::Client,
    _folder: TempDir,
}

impl Server {
    /// Serves the models of a folder, and throws its log away.
    pub(crate) fn start(models: &Path, flags: &[&str]) -> Self {
        Self::logging_to(Stdio::null(), models, flags)
    }

    /// Serves the models of a folder.
    pub(crate) fn logging_to(log: Stdio, models: &Path, flags: &[&str]) -> Self {
        let folder = TempDir::new().expect("there is a temporary folder");
        let mut command = atelier(&folder, ["serve", "--listen", "127.0.0.1:0"]);
        command.arg("--models").arg(models).args(flags);
        command.stdout(Stdio::piped()).stderr(log);
        let mut process = Running::start(&mut command);
        let stdout = process.0.stdout.take().expect("stdout is piped");
        let mut lines = BufReader::new(stdout).lines();
        let mut line = || match lines.next() {
            Some(line) => line.expect("stdout is readable"),
            None => panic!("the server left before it was ready"),
        };
        let greeting = format!("{}\n{}", line(), line());
        let address = greeting.split_once("://").expect("an address").1;
        let address = address.lines().next().expect("a line");
        Self {
            url: format!("http://{address}"),
            process,
            greeting,
            client: reqwest::Client::new(),
            _folder: folder,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> reqwest::Result<reqwest::Response> {
        self.client.get(format!("{}{path}", self.url)).send().await
    }

    /// `POST /generate`, on its way in a task of its own.
    pub(crate) fn generate(
        &self,
        body: &serde_json::Value,
    ) -> tokio::task::JoinHandle<reqwest::Result<reqwest::Response>> {
        let url = format!("{}/generate", self.url);
        tokio::spawn(self.client.post(url).json(body).send())
    }

    /// Waits until this many requests are in the house.
    pub(crate) async fn in_flight(&self, requests: usize) {
        let wanted = format!("atelier_requests_in_flight {requests}\n");
        until(async || {
            let metrics = self.get("/metrics").await.expect("it listens");
            metrics.text().await.expect("text").contains(&wanted)
        })
        .await;
    }
}

/// Waits until something is so.
pub(crate) async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let waiting = Instant::now();
    while !is_so().await {
        assert!(waiting.elapsed() < PATIENCE, "it never came to be so");
        sleep(Duration::from_millis(2)).await;
    }
}
