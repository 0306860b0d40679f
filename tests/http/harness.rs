//! The real service on a port of its own, with a few fixture models.
//!
//! Dropping a [`TestApp`] checks what people forget: that every permit is home and no row waits.

use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use atelier::http::{HttpOptions, router};
use atelier::safety::JudgeAction;
use atelier::service::{JudgeOptions, Loading, Studio, StudioOptions, WatermarkOptions};
use atelier::watermark::WatermarkKeys;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Longer than anything here takes; what hangs fails after it.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct TestApp {
    pub(crate) studio: Studio,
    pub(crate) address: String,
    pub(crate) client: Client,
    server: JoinHandle<()>,
    models: TempDir,
}

/// What to start.
pub(crate) struct Setup {
    models: Vec<PathBuf>,
    studio: StudioOptions,
    http: HttpOptions,
}

impl TestApp {
    /// The conditional GAN, which is the default, the VAE and the autoregressive model.
    pub(crate) async fn start() -> Self {
        let mut setup = Self::with(["models/gan", "models/vae", "models/autoregressive"]);
        setup.studio.default_model = Some("gan".to_owned());
        setup.start().await
    }

    /// These models, by their folders under `tests/fixtures`.
    pub(crate) fn with<'a>(models: impl IntoIterator<Item = &'a str>) -> Setup {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        Setup {
            models: models
                .into_iter()
                .map(|model| fixtures.join(model))
                .collect(),
            studio: StudioOptions::default(),
            http: HttpOptions::default(),
        }
    }

    /// The models that ship.
    pub(crate) fn with_shipped() -> Setup {
        let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("onnx");
        let mut setup = Self::with([]);
        for entry in std::fs::read_dir(models).expect("models ship with the source") {
            setup.models.push(entry.expect("a readable folder").path());
        }
        setup
    }

    /// Puts a fixture's folder into the repository as the model `id`, in place of what was there.
    pub(crate) fn replace(&self, id: &str, fixture: &str) {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        self.remove(id);
        lay(&fixtures.join(fixture), &self.models.path().join(id)).expect("a copy");
    }

    /// Takes a model's folder out of the repository.
    pub(crate) fn remove(&self, id: &str) {
        let folder = self.models.path().join(id);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).expect("it is ours");
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(self.url(path))
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.client.post(self.url(path)).json(body)
    }

    pub(crate) async fn generate(&self, body: &Value) -> Response {
        send(self.post("/generate", body)).await
    }

    /// A generation that must succeed.
    pub(crate) async fn generated(&self, body: &Value) -> Value {
        let response = self.generate(body).await;
        let status = response.status();
        let answer: Value = response.json().await.expect("answers are JSON");
        assert_eq!(status, 200, "{body} was answered with {answer}");
        answer
    }

    /// Waits for a turn of events, which `condition` looks for.
    pub(crate) async fn until(&self, condition: impl Fn(&Studio) -> bool) {
        let turn = async {
            while !condition(&self.studio) {
                tokio::task::yield_now().await;
            }
        };
        within(turn).await;
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.server.abort();
        if !std::thread::panicking() {
            assert_eq!(self.studio.in_flight(), 0, "a permit is still out");
            assert_eq!(self.studio.rows_waiting(), 0, "rows are still waiting");
        }
    }
}

impl Setup {
    pub(crate) fn queue(mut self, places: usize) -> Self {
        self.studio.queue = places;
        self
    }

    /// Bytes that the whole process should stay within.
    pub(crate) fn memory(mut self, bytes: u64) -> Self {
        self.studio.memory = Some(bytes);
        self
    }

    /// The longest deadline of a request, and its usual one.
    pub(crate) fn deadline(mut self, deadline: Duration) -> Self {
        self.studio.limits.deadline = deadline;
        self
    }

    /// Marks images with a pair of graphs and these keys.
    pub(crate) fn watermark(mut self, folder: PathBuf, keys: WatermarkKeys) -> Self {
        self.studio.watermark = Some(WatermarkOptions { folder, keys });
        self
    }

    pub(crate) fn http(mut self, http: HttpOptions) -> Self {
        self.http = http;
        self
    }

    /// With these judges, by their folders under `tests/fixtures`.
    pub(crate) fn judged_by(mut self, judges: &[&str], action: JudgeAction) -> Self {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        let folders = judges.iter().map(|judge| fixtures.join(judge)).collect();
        self.studio.judges = JudgeOptions { folders, action };
        self
    }

    pub(crate) fn default_model(mut self, id: &str) -> Self {
        self.studio.default_model = Some(id.to_owned());
        self
    }

    pub(crate) fn alias(mut self, name: &str, id: &str) -> Self {
        self.studio.aliases.insert(name.to_owned(), id.to_owned());
        self
    }

    /// With all its models loaded.
    pub(crate) async fn start(self) -> TestApp {
        let (app, loading) = self.start_loading().await;
        let loaded = tokio::task::spawn_blocking(move || loading.run()).await;
        loaded
            .expect("loading does not panic")
            .expect("the fixtures can be loaded");
        app
    }

    /// With none of its models loaded yet, and what loads them.
    pub(crate) async fn start_loading(self) -> (TestApp, Loading) {
        let repository = tempfile::tempdir().expect("a folder for the models");
        for model in &self.models {
            let id = model.file_name().expect("a model has a folder");
            lay(model, &repository.path().join(id)).expect("a copy");
        }
        let options = StudioOptions {
            models: repository.path().to_owned(),
            ..self.studio
        };
        let (studio, loading) = tokio::task::spawn_blocking(move || Studio::start(&options))
            .await
            .expect("starting does not panic")
            .expect("the fixtures are there");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("a bound port").to_string();
        let app = router(studio.clone(), &self.http);
        let app = app.into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move {
            axum::serve(listener, app)
                .await
                .expect("it serves until it is aborted");
        });
        let app = TestApp {
            studio,
            address,
            client: Client::builder().no_proxy().build().expect("a client"),
            server,
            models: repository,
        };
        (app, loading)
    }
}

/// Lays a model's folder into a repository, by hard links where those are possible: a link by name
/// would lead out of it.
fn lay(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            lay(&path, &copy)?;
        } else if std::fs::hard_link(&path, &copy).is_err() {
            std::fs::copy(&path, &copy)?;
        }
    }
    Ok(())
}

/// Sends a request that must be answered, whatever the answer.
pub(crate) async fn send(request: RequestBuilder) -> Response {
    within(request.send()).await.expect("an answer")
}

/// What `POST /verify` says of a file, in a language.
pub(crate) async fn verified(app: &TestApp, file: Vec<u8>, language: &str) -> Value {
    let request = app.client.post(app.url("/verify")).body(file);
    let request = request.header("content-type", "application/octet-stream");
    let answer = send(request.header("accept-language", language)).await;
    let status = answer.status();
    let answer: Value = answer.json().await.expect("JSON");
    assert_eq!(status, 200, "{answer}");
    answer
}

/// Awaits what must not hang.
pub(crate) async fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work)
        .await
        .expect("it takes forever")
}

/// A header's value.
pub(crate) fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    let value = response.headers().get(name)?;
    Some(value.to_str().expect("headers are ASCII"))
}

/// An image's bytes, from an answer.
pub(crate) fn image_file(answer: &Value, index: usize) -> Vec<u8> {
    use base64::Engine;
    let text = answer["images"][index]["b64"]
        .as_str()
        .expect("base64 text");
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .expect("base64 text")
}
