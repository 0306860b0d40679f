//! Settings that have been checked: what the rest of the program sees.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;

use super::error::ConfigError;
use super::file::FileLayer;
use super::jobs::JobSettings;
use super::places::Surroundings;
use super::raw::RawSettings;
use super::sourced::{Place, Sourced};
use super::variables;
use crate::models::variant::VARIANTS;
use crate::runtime::{EngineOptions, Provider};
use crate::safety::JudgeAction;
use crate::service::{Limit, RateLimits};
use crate::telemetry::LogFormat;

/// Where the service listens if nobody says.
const LISTEN: &str = "127.0.0.1:8080";
/// Above this, a number of workers, threads or images is a slip of the finger.
pub(super) const MANY: usize = 4096;
/// Above this, a number of requests or connections is one too.
pub(super) const MOST: usize = 1 << 20;
/// Above this, some mebibytes of memory are one too.
pub(super) const MOST_MIB: u64 = 1 << 30;
/// A day: longer waits are slips too, and clocks can add them without overflow.
const LONGEST_SECONDS: u64 = 86_400;

/// All that was written about settings, in every place.
#[derive(Debug)]
pub struct Settings {
    flags: RawSettings,
    variables: RawSettings,
    file: Option<FileLayer>,
    around: Surroundings,
    unknown: Vec<String>,
}

/// Which models, and on what they run.
#[derive(Debug, Clone)]
pub struct EngineSettings {
    /// The folder of models.
    pub models: PathBuf,
    /// The model of requests that name none.
    pub default_model: Option<String>,
    /// Other names of models.
    pub aliases: BTreeMap<String, String>,
    /// Where graphs run.
    pub provider: Provider,
    /// The variant to take of graphs that lie there in several, such as `fp16`.
    pub variant: Option<String>,
    /// Graph calls that run at the same time.
    pub workers: usize,
    /// Threads that share the work of the calls.
    pub threads: usize,
    /// ONNX Runtime's library; looked for when absent.
    pub library: Option<PathBuf>,
    /// The folders of the judges that look at images.
    pub judges: Vec<PathBuf>,
    /// What becomes of an image that is flagged.
    pub judge_action: JudgeAction,
}

/// What a certificate and its key are read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPairFiles {
    /// The certificate, with those that lead to its root, in PEM.
    pub certificate: PathBuf,
    /// Its private key, in PEM.
    pub key: PathBuf,
}

/// What files are signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningSettings {
    /// Who signs.
    pub files: KeyPairFiles,
    /// The address of the authority that stamps them with the time.
    pub time_stamps: Option<String>,
}

/// What images are marked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatermarkFiles {
    /// The folder of the pair of graphs.
    pub folder: PathBuf,
    /// The file of keys.
    pub key: PathBuf,
}

/// Where the service listens, and how much it takes on.
#[derive(Debug, Clone)]
pub struct ServingSettings {
    /// `HOST:PORT`.
    pub listen: String,
    /// Requests that may be in flight.
    pub queue: usize,
    /// Bytes that the process should stay within.
    pub memory: Option<u64>,
    /// Connections that may be open.
    pub max_connections: usize,
    /// Connections that one address may have open.
    pub max_connections_per_address: usize,
    /// `HOST:PORT` for probes, metrics and administration alone.
    pub admin_listen: Option<String>,
    /// What the service is encrypted with.
    pub tls: Option<KeyPairFiles>,
    /// What files are signed with.
    pub signing: Option<SigningSettings>,
    /// What images are marked with.
    pub watermark: Option<WatermarkFiles>,
    /// The authorities whose signed files are trusted.
    pub trust: Option<PathBuf>,
    /// What is not painted.
    pub deny: Option<PathBuf>,
    /// The file of keys.
    pub keys: Option<PathBuf>,
    /// A key with all scopes.
    pub api_key: Option<String>,
    /// How often a caller may ask for images.
    pub rates: RateLimits,
    /// The names by which the service is reached; any, where it is absent.
    pub hosts: Option<Vec<String>>,
    /// Networks of proxies that are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Images that one request may ask for.
    pub max_images: usize,
    /// What a request may take.
    pub deadline: Duration,
    /// Bytes of a request's body.
    pub max_body: usize,
    /// Web origins that may call; `*` for all.
    pub cors: Vec<String>,
    /// Where callers reach the service, without a slash at its end; what they asked for if absent.
    pub public_url: Option<String>,
    /// Whether images can be had by an address alone.
    pub public_get: bool,
    /// The model that paints avatars; the usual one if absent.
    pub avatar_model: Option<String>,
    /// Whether the model that a client of A1111's dialect sets is everybody's.
    pub a1111_shared_options: bool,
    /// Between the signal and the closing of the port.
    pub grace: Duration,
    /// For requests to finish, after that.
    pub drain: Duration,
    /// Work that outlives its connection.
    pub jobs: JobSettings,
}

impl Settings {
    /// Reads every place. `config` names the file, which `ATELIER_CONFIG` does otherwise.
    ///
    /// # Errors
    /// What cannot be read, or is no setting, and where it was written.
    pub fn read(
        flags: RawSettings,
        config: Option<&Path>,
        around: Surroundings,
    ) -> Result<Self, ConfigError> {
        let (variables, unknown) = variables::read(&around.variables)?;
        let by_variable = around
            .variables
            .iter()
            .find(|(name, value)| name == variables::CONFIG && !value.is_empty())
            .map(|(_, value)| Path::new(value));
        let file = FileLayer::open(config.or(by_variable), &around.working)?;
        Ok(Self {
            flags,
            variables,
            file,
            unknown,
            around,
        })
    }

    /// How the log is written.
    #[must_use]
    pub fn log(&self) -> LogFormat {
        let usual = LogFormat::default();
        self.said_or("log", |w| &w.log.log, usual).value
    }

    /// The collector that traces are sent to.
    ///
    /// # Errors
    /// It is no address that is spoken to.
    pub fn otlp(&self) -> Result<Option<String>, ConfigError> {
        let Some(said) = self.said("otlp", |w| &w.log.otlp) else {
            return Ok(None);
        };
        let said = said.must(
            |url| url.starts_with("http://") && is_base(url),
            |found| format!("found {found:?}, expected something like http://localhost:4318"),
        )?;
        Ok(Some(said.value))
    }

    /// What the person who wrote the settings should know.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        self.unknown
            .iter()
            .map(|name| format!("{name} is set, and there is no such setting"))
    }

    /// Which models, and on what they run.
    ///
    /// # Errors
    /// The first value that cannot be honoured, and where it was written.
    pub fn engine(&self) -> Result<EngineSettings, ConfigError> {
        let usual = EngineOptions::default();
        let workers = self.said_or("workers", |w| &w.engine.workers, usual.workers);
        let threads = self.said_or("threads", |w| &w.engine.threads, usual.threads);
        let provider = self.said_or("provider", |w| &w.engine.provider, usual.provider);
        let variant = self.said("variant", |w| &w.engine.variant).map(|said| {
            said.must(
                |variant| VARIANTS.contains(&variant.as_str()),
                |variant| format!("found {variant:?}; expected one of {}", VARIANTS.join(", ")),
            )
        });
        let default_model = self.said("default_model", |w| &w.engine.default_model);
        let aliases = self.said_or("aliases", |w| &w.engine.aliases, Vec::new());
        Ok(EngineSettings {
            models: self.models()?,
            default_model: default_model.map(|said| said.value),
            aliases: aliases
                .value
                .into_iter()
                .map(|alias| (alias.name, alias.model))
                .collect(),
            provider: provider.value,
            variant: variant.transpose()?.map(|said| said.value),
            workers: between(workers, 1, MANY)?,
            threads: between(threads, 1, MANY)?,
            library: self.library(),
            judges: self.judges()?,
            judge_action: self
                .said_or(
                    "judge_action",
                    |w| &w.engine.judge_action,
                    JudgeAction::Flag,
                )
                .value,
        })
    }

    /// The folders of the judges that look at images: as they are named, or among the models.
    fn judges(&self) -> Result<Vec<PathBuf>, ConfigError> {
        let Some(said) = self.said("judge", |w| &w.engine.judge) else {
            return Ok(Vec::new());
        };
        let models = self.models()?;
        let is_there = |path: &PathBuf| self.around.working.join(path).is_dir();
        let found = |judge: &PathBuf| match is_there(judge) {
            true => Some(judge.clone()),
            false => Some(models.join(judge)).filter(is_there),
        };
        let missing = |all: &Vec<PathBuf>| all.iter().find(|judge| found(judge).is_none()).cloned();
        let said = said.must(
            |all| missing(all).is_none(),
            |all| {
                let judge = missing(all).unwrap_or_default();
                format!(
                    "there is no judge {}, here or in {}",
                    judge.display(),
                    models.display()
                )
            },
        )?;
        Ok(said.value.iter().filter_map(found).collect())
    }

    /// ONNX Runtime's library, if it is named.
    #[must_use]
    pub fn library(&self) -> Option<PathBuf> {
        let said = self.said("onnxruntime", |w| &w.engine.onnxruntime);
        said.map(|said| said.value)
    }

    /// The folder of models.
    ///
    /// # Errors
    /// It was named and is not there, or none is where it is looked for.
    pub fn models(&self) -> Result<PathBuf, ConfigError> {
        let Some(said) = self.said("models", |w| &w.engine.models) else {
            return self.around.find_models();
        };
        let said = said.must(
            |path| self.around.working.join(path).is_dir(),
            |path| format!("there is no folder {}", path.display()),
        )?;
        Ok(said.value)
    }

    /// `HOST:PORT` to listen on.
    ///
    /// # Errors
    /// It is no such thing.
    pub fn listen(&self) -> Result<String, ConfigError> {
        let said = self
            .said_or("listen", |w| &w.serving.listen, LISTEN.to_owned())
            .must(
                |listen| is_address(listen),
                |listen| format!("found {listen:?}, expected HOST:PORT, such as {LISTEN}"),
            )?;
        Ok(said.value)
    }

    /// Where the service listens, and how much it takes on.
    ///
    /// # Errors
    /// The first value that cannot be honoured, alone or beside another, and where it was written.
    pub fn serving(&self) -> Result<ServingSettings, ConfigError> {
        let seconds = |said| between(said, 0, LONGEST_SECONDS).map(Duration::from_secs);
        let queue = between(self.said_or("queue", |w| &w.serving.queue, 256), 1, MOST)?;
        let images = self.said_or("max_images", |w| &w.serving.max_images, 64);
        let deadline = self.said_or("deadline_seconds", |w| &w.serving.deadline_seconds, 60);
        let body = self.said_or("max_body_mib", |w| &w.serving.max_body_mib, 16);
        let shared = self.said_or(
            "a1111_shared_options",
            |w| &w.serving.a1111_shared_options,
            false,
        );
        let public_get = self.said_or("public_get", |w| &w.serving.public_get, false);
        let avatar_model = self.said("avatar_model", |w| &w.serving.avatar_model);
        let grace = self.said_or("grace_seconds", |w| &w.serving.grace_seconds, 0);
        let drain = self.said_or("drain_seconds", |w| &w.serving.drain_seconds, 30);
        let max_connections = self.max_connections(queue)?;
        let usual = max_connections - max_connections / 8;
        let per_address = self.said_or(
            "max_connections_per_address",
            |w| &w.serving.max_connections_per_address,
            usual,
        );
        Ok(ServingSettings {
            listen: self.listen()?,
            queue,
            memory: self.memory()?,
            max_connections,
            max_connections_per_address: between(per_address, 1, MOST)?,
            admin_listen: self.admin_listen()?,
            tls: self.tls()?,
            signing: self.signing()?,
            watermark: self.watermark()?,
            trust: self.trust()?,
            deny: self.deny()?,
            keys: self.keys_or_open()?,
            api_key: self.api_key()?,
            rates: self.rates()?,
            hosts: self.hosts()?,
            trusted_proxies: self.trusted_proxies()?,
            max_images: between(images, 1, MANY)?,
            deadline: Duration::from_secs(between(deadline, 1, LONGEST_SECONDS)?),
            max_body: between(body, 1, 1024)? << 20,
            cors: self.cors()?,
            public_url: self.public_url()?,
            public_get: public_get.value,
            avatar_model: avatar_model.map(|said| said.value),
            a1111_shared_options: shared.value,
            grace: seconds(grace)?,
            drain: seconds(drain)?,
            jobs: self.jobs()?,
        })
    }

    fn max_connections(&self, queue: usize) -> Result<usize, ConfigError> {
        // Connections that wait between two requests must not keep the queue from filling.
        let usual = (4 * queue).max(1024);
        let said = self
            .said_or("max_connections", |w| &w.serving.max_connections, usual)
            .must(
                |&connections| connections >= queue,
                |connections| {
                    format!(
                        "found {connections}, and queue is {queue}, which could never fill; raise \
                         the one or lower the other"
                    )
                },
            )?;
        between(said, 1, MOST)
    }

    fn memory(&self) -> Result<Option<u64>, ConfigError> {
        let Some(said) = self.said("memory_mib", |w| &w.serving.memory_mib) else {
            return Ok(None);
        };
        Ok(Some(between(said, 64, MOST_MIB)? << 20))
    }

    /// The file of keys. Whoever lets strangers reach the service has to say that they may use it.
    fn keys_or_open(&self) -> Result<Option<PathBuf>, ConfigError> {
        let keys = self.said("keys", |w| &w.serving.keys);
        let keys = keys
            .map(|said| {
                said.must(
                    |path| self.around.working.join(path).is_file(),
                    |path| {
                        format!(
                            "there is no file {}; atelier keys add makes one",
                            path.display()
                        )
                    },
                )
            })
            .transpose()?;
        let open = self.said_or("open", |w| &w.serving.open, false).value;
        let keyed = keys.is_some() || self.said("api_key", |w| &w.serving.api_key).is_some();
        let listen = self.said_or("listen", |w| &w.serving.listen, LISTEN.to_owned());
        listen.must(
            |listen| keyed || open || is_loopback(listen),
            |listen| {
                format!(
                    "found {listen}, which others can reach, and no keys; name a file of them with \
                     --keys FILE (see atelier keys add), or let everybody in with --open"
                )
            },
        )?;
        Ok(keys.map(|said| said.value))
    }

    /// An empty key would fit callers who send none, `--api-key "$UNSET"` among others.
    fn api_key(&self) -> Result<Option<String>, ConfigError> {
        let said = self.said("api_key", |w| &w.serving.api_key);
        let said = said.map(|said| {
            said.must(
                |key| !key.trim().is_empty(),
                |_| "is empty, and would let everybody in; give a key, or leave it out".to_owned(),
            )
        });
        Ok(said.transpose()?.map(|said| said.value))
    }

    fn rates(&self) -> Result<RateLimits, ConfigError> {
        let limit = |said: Option<Sourced<u32>>| {
            let said = said.map(|said| between(said, 1, u32::MAX)).transpose()?;
            Ok(said.and_then(Limit::new))
        };
        Ok(RateLimits {
            per_minute: limit(self.said("per_minute", |w| &w.serving.per_minute))?,
            per_day: limit(self.said("per_day", |w| &w.serving.per_day))?,
        })
    }

    /// Where only this machine can connect, any other name than its own is a trick: a page's name
    /// that was made to lead here.
    fn hosts(&self) -> Result<Option<Vec<String>>, ConfigError> {
        let Some(said) = self.said("hosts", |w| &w.serving.hosts) else {
            let listen = self.listen()?;
            let own = ["localhost", "*.localhost", "127.0.0.1", "[::1]"].map(str::to_owned);
            let mut own = own.to_vec();
            own.extend(listen.rsplit_once(':').map(|(host, _)| host.to_owned()));
            let url = self.public_url()?;
            let public = url.as_deref().and_then(|url| url.split('/').nth(2));
            own.extend(public.map(str::to_owned));
            return Ok(is_loopback(&listen).then_some(own));
        };
        let said = said.must(
            |names| {
                names
                    .iter()
                    .all(|name| !name.is_empty() && !name.contains(['/', ' ']))
            },
            |found| format!("found {found:?}, expected names, such as images.example.org"),
        )?;
        Ok(Some(said.value))
    }

    fn admin_listen(&self) -> Result<Option<String>, ConfigError> {
        let Some(said) = self.said("admin_listen", |w| &w.serving.admin_listen) else {
            return Ok(None);
        };
        let said = said.must(
            |listen| is_address(listen),
            |listen| format!("found {listen:?}, expected HOST:PORT, such as 127.0.0.1:8081"),
        )?;
        Ok(Some(said.value))
    }

    /// The certificate and its key, where the service speaks TLS.
    ///
    /// # Errors
    /// [`ConfigError`] when one of the two is missing.
    pub fn tls(&self) -> Result<Option<KeyPairFiles>, ConfigError> {
        let certificate = self.said("tls_cert", |w| &w.serving.tls_cert);
        let key = self.said("tls_key", |w| &w.serving.tls_key);
        self.both(("tls_cert", certificate), ("tls_key", key), "TLS needs")
    }

    /// The certificate and the key that files are signed with, where they are, and who stamps them.
    ///
    /// # Errors
    /// [`ConfigError`] when one of the two is missing, or there are stamps without signatures.
    pub fn signing(&self) -> Result<Option<SigningSettings>, ConfigError> {
        let certificate = self.said("sign_cert", |w| &w.signing.sign_cert);
        let key = self.said("sign_key", |w| &w.signing.sign_key);
        let files = self.both(
            ("sign_cert", certificate),
            ("sign_key", key),
            "signing needs",
        )?;
        let stamps = self.said("sign_timestamp", |w| &w.signing.sign_timestamp);
        let stamps = stamps.map(|said| {
            said.must(
                |_| files.is_some(),
                |_| {
                    "stamps are for files that are signed: sign_cert and sign_key are missing"
                        .to_owned()
                },
            )
        });
        let time_stamps = stamps.transpose()?.map(|said| said.value);
        Ok(files.map(|files| SigningSettings { files, time_stamps }))
    }

    /// What images are marked with, where they are.
    ///
    /// # Errors
    /// [`ConfigError`] when one of the two is missing: a key that was drawn at each start would make other bytes.
    pub fn watermark(&self) -> Result<Option<WatermarkFiles>, ConfigError> {
        let (folder, key) = self.watermark_to_read()?;
        match (folder, key) {
            (Some(folder), Some(key)) => Ok(Some(WatermarkFiles { folder, key })),
            (None, None) => Ok(None),
            (Some(_), None) => Err(ConfigError::Value {
                place: Place::Flag("watermark_key"),
                reason: "it is missing, and a watermark needs a key; atelier watermark new-key makes one"
                    .to_owned(),
            }),
            (None, Some(_)) => Err(ConfigError::Value {
                place: Place::Flag("watermark"),
                reason: "it is missing, and a key alone marks nothing; name the folder of the graphs"
                    .to_owned(),
            }),
        }
    }

    /// The graphs that watermarks are read with, and the keys that tell whose they are, as far as they are named.
    ///
    /// # Errors
    /// [`ConfigError`] when something that is named isn't there.
    pub fn watermark_to_read(&self) -> Result<(Option<PathBuf>, Option<PathBuf>), ConfigError> {
        let folder = self.said("watermark", |w| &w.signing.watermark);
        let folder = folder.map(|said| {
            said.must(
                |path| self.around.working.join(path).is_dir(),
                |path| format!("there is no folder {}", path.display()),
            )
        });
        let folder = folder.transpose()?.map(|said| said.value);
        let key = self.said("watermark_key", |w| &w.signing.watermark_key);
        Ok((folder, self.there(key)?))
    }

    /// The authorities whose signed files are trusted.
    ///
    /// # Errors
    /// [`ConfigError`] when there is no such file.
    pub fn trust(&self) -> Result<Option<PathBuf>, ConfigError> {
        self.there(self.said("trust", |w| &w.serving.trust))
    }

    fn deny(&self) -> Result<Option<PathBuf>, ConfigError> {
        self.there(self.said("deny", |w| &w.serving.deny))
    }

    /// A file that must be there, if one is named.
    fn there(&self, said: Option<Sourced<PathBuf>>) -> Result<Option<PathBuf>, ConfigError> {
        let Some(said) = said else {
            return Ok(None);
        };
        let said = said.must(
            |path| self.around.working.join(path).is_file(),
            |path| format!("there is no file {}", path.display()),
        )?;
        Ok(Some(said.value))
    }

    /// A certificate and its key, or neither.
    fn both(
        &self,
        (certificate, said_certificate): (&'static str, Option<Sourced<PathBuf>>),
        (key, said_key): (&'static str, Option<Sourced<PathBuf>>),
        needs: &str,
    ) -> Result<Option<KeyPairFiles>, ConfigError> {
        let file = |name, said: Option<Sourced<PathBuf>>, other: bool| match said {
            None if other => Err(ConfigError::Value {
                place: Place::Flag(name),
                reason: format!("it is missing, and {needs} both the certificate and its key"),
            }),
            None => Ok(None),
            Some(said) => said
                .must(
                    |path| self.around.working.join(path).is_file(),
                    |path| format!("there is no file {}", path.display()),
                )
                .map(|said| Some(said.value)),
        };
        let (has_certificate, has_key) = (said_certificate.is_some(), said_key.is_some());
        let certificate = file(certificate, said_certificate, has_key)?;
        let key = file(key, said_key, has_certificate)?;
        let files = certificate.zip(key);
        Ok(files.map(|(certificate, key)| KeyPairFiles { certificate, key }))
    }

    fn trusted_proxies(&self) -> Result<Vec<IpNet>, ConfigError> {
        let said = self
            .said_or(
                "trusted_proxies",
                |w| &w.serving.trusted_proxies,
                Vec::new(),
            )
            .must(
                |nets| nets.iter().all(|net| network(net).is_some()),
                |found| format!("found {found:?}, expected networks, such as 10.0.0.0/8"),
            )?;
        Ok(said.value.iter().filter_map(|net| network(net)).collect())
    }

    fn cors(&self) -> Result<Vec<String>, ConfigError> {
        let said = self
            .said_or("cors", |w| &w.serving.cors, Vec::new())
            .must(
                |origins| origins.len() < 2 || origins.iter().all(|origin| origin != "*"),
                |_| "found * among other origins, and it means all of them".to_owned(),
            )?
            .must(
                |origins| origins.iter().all(|origin| is_origin(origin)),
                |found| format!("found {found:?}, expected * or origins: https://example.org"),
            )?;
        Ok(said.value)
    }

    fn public_url(&self) -> Result<Option<String>, ConfigError> {
        let Some(said) = self.said("public_url", |w| &w.serving.public_url) else {
            return Ok(None);
        };
        let said = said.must(
            |url| is_base(url),
            |found| format!("found {found:?}, expected something like https://example.org/atelier"),
        )?;
        Ok(Some(said.value.trim_end_matches('/').to_owned()))
    }

    /// What the strongest place that mentions `key` says of it.
    pub(super) fn said<T: Clone>(
        &self,
        key: &'static str,
        read: impl Fn(&RawSettings) -> &Option<T>,
    ) -> Option<Sourced<T>> {
        let said = |value: T, place| Sourced { value, place };
        if let Some(value) = read(&self.flags).clone() {
            return Some(said(value, Place::Flag(key)));
        }
        if let Some(value) = read(&self.variables).clone() {
            return Some(said(value, Place::Variable(variables::variable(key))));
        }
        let file = self.file.as_ref()?;
        let value = read(&file.written).clone()?;
        Some(said(value, file.place(key)))
    }

    /// The same, with a default for when nobody mentions it.
    pub(super) fn said_or<T: Clone>(
        &self,
        key: &'static str,
        read: impl Fn(&RawSettings) -> &Option<T>,
        usual: T,
    ) -> Sourced<T> {
        self.said(key, read).unwrap_or(Sourced {
            value: usual,
            place: Place::Default(key),
        })
    }
}

pub(super) fn between<T>(said: Sourced<T>, least: T, most: T) -> Result<T, ConfigError>
where
    T: Copy + PartialOrd + std::fmt::Display,
{
    let said = said.must(
        |value| (&least..=&most).contains(&value),
        |value| format!("found {value}, expected {least} to {most}"),
    )?;
    Ok(said.value)
}

/// Whether only this machine can connect there.
fn is_loopback(listen: &str) -> bool {
    let host = listen.rsplit_once(':').map_or(listen, |(host, _)| host);
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<IpAddr>();
    address.map_or(host.eq_ignore_ascii_case("localhost"), |address| {
        address.to_canonical().is_loopback()
    })
}

/// A network, or one address.
fn network(text: &str) -> Option<IpNet> {
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(address)
}

/// Whether it reads as `HOST:PORT`; what a name resolves to is seen when it is bound.
fn is_address(listen: &str) -> bool {
    let Some((host, port)) = listen.rsplit_once(':') else {
        return false;
    };
    let bare_ipv6 = host.contains(':') && !(host.starts_with('[') && host.ends_with(']'));
    !host.is_empty() && !bare_ipv6 && port.parse::<u16>().is_ok()
}

/// Whether it can stand before a path.
fn is_base(url: &str) -> bool {
    let host = |rest: &str| !rest.is_empty() && !rest.starts_with('/');
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"?#\"<>".contains(&byte);
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(host) && url.bytes().all(plain)
}

/// Whether it is what a browser sends as `Origin`: scheme and host, and no path.
fn is_origin(origin: &str) -> bool {
    let host = |(_, host): (&str, &str)| !host.is_empty() && !host.contains(['/', ' ', '*']);
    origin == "*" || (origin.is_ascii() && origin.split_once("://").is_some_and(host))
}
