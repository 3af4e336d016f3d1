//! Configuration: defaults in the program, then one optional file, then the environment. One struct a topic.
//!
//! Unknown keys are refused by name, and what is wrong is said in Chinese with the way to mend it. Nothing is guessed.

mod check;
mod layer;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::db::Limits;
use super::outbox::sender::{MailTls, Sender};
use super::outbox::worker::Mailer;
use super::sql::Target;

/// Environment variable that names the configuration file.
pub const FILE_VARIABLE: &str = "JICAI_CONFIG";
const DEFAULT: &str = include_str!("../../../config/default.toml");

/// A text that is never printed.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What the instance is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// On a developer's machine, and the demo.
    Development,
    /// For courses: the procedure's clock may be moved.
    Training,
    /// For the public.
    Production,
}

/// What the instance is and where people find it.
#[derive(Debug, Clone, Deserialize)]
pub struct Platform {
    /// What it is for.
    pub environment: Environment,
    /// Address in browsers, without a slash at the end.
    pub public_url: String,
    /// Who runs it; stands at the foot of every page.
    pub sponsor: String,
    /// Whom people call.
    pub telephone: String,
    /// Its number at the ministry and the police.
    pub filing: String,
}

/// The listener.
#[derive(Debug, Clone, Deserialize)]
pub struct Server {
    /// Where the program listens.
    pub bind: SocketAddr,
    /// Threads that answer; 0 for one a core.
    pub workers: usize,
    /// Proxies in front of it whose word about the caller's address is believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
}

/// The log-in.
#[derive(Debug, Clone, Deserialize)]
pub struct Login {
    /// Whether the agency's and the bureaus' people must have a second step; in production they must in any case.
    pub officers_need_totp: bool,
}

/// The database.
#[derive(Debug, Clone, Deserialize)]
pub struct Database {
    /// May hold a password, so it is never printed.
    pub url: Secret,
    /// Connections that read.
    pub readers: u32,
    /// PostgreSQL connections that write.
    pub writers: u32,
    /// Requests that may wait.
    pub queue: usize,
    /// Statements slower than this are logged, milliseconds.
    pub slow_query_ms: u64,
}

/// Secret keys.
#[derive(Debug, Clone, Deserialize)]
pub struct Keys {
    /// Their file.
    pub file: PathBuf,
}

/// Which way mail goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SenderKind {
    /// A mail server.
    Smtp,
    /// Files in a directory.
    File,
    /// Nowhere: it is only shown on a page.
    Memory,
}

/// Outgoing mail.
#[derive(Debug, Clone, Deserialize)]
pub struct Mail {
    /// Which way it goes.
    pub sender: SenderKind,
    /// The platform's mailbox.
    pub from: String,
    /// Directory of the file sender.
    pub directory: PathBuf,
    /// Name of the mail server.
    pub smtp_host: String,
    /// Its port.
    pub smtp_port: u16,
    /// How the connection is protected.
    pub smtp_tls: MailTls,
    /// Login, or empty.
    pub smtp_user: String,
    /// Its password.
    pub smtp_password: Secret,
}

/// The province's rules.
#[derive(Debug, Clone, Deserialize)]
pub struct Rules {
    /// Name of their profile.
    pub profile: String,
}

/// Jobs.
#[derive(Debug, Clone, Deserialize)]
pub struct Jobs {
    /// How many run at once here.
    pub workers: usize,
}

/// The audit.
#[derive(Debug, Clone, Deserialize)]
pub struct Audit {
    /// Sends its head once a day.
    pub daily_mail: bool,
}

/// How long is kept what nobody needs for ever, in days.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Retention {
    /// Events of the feed.
    pub feed_days: u32,
    /// Messages in the portal.
    pub message_days: u32,
    /// Mails that were sent or refused.
    pub mail_days: u32,
}

/// Shape of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// The log.
#[derive(Debug, Clone, Deserialize)]
pub struct Log {
    /// Filter.
    pub level: String,
    /// Shape.
    pub format: LogFormat,
}

/// The metrics page.
#[derive(Debug, Clone, Deserialize)]
pub struct Metrics {
    /// Loopback address, or empty.
    pub bind: String,
}

/// Everything that can be configured.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// What the instance is.
    pub platform: Platform,
    /// The listener.
    pub server: Server,
    /// The log-in.
    pub login: Login,
    /// The database.
    pub database: Database,
    /// Secret keys.
    pub keys: Keys,
    /// Outgoing mail.
    pub mail: Mail,
    /// The province's rules.
    pub rules: Rules,
    /// Jobs.
    pub jobs: Jobs,
    /// The audit.
    pub audit: Audit,
    /// How long is kept what nobody needs for ever.
    pub retention: Retention,
    /// The log.
    pub log: Log,
    /// The metrics page.
    pub metrics: Metrics,
}

/// Everything that is wrong, one Chinese sentence each, beginning with the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<String>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "配置有误，请改正后重新启动：")?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl std::error::Error for Problems {}

impl Config {
    /// Reads the defaults, then `file` (or the one that `JICAI_CONFIG` names), then the environment, and checks the result.
    pub fn load(file: Option<&Path>) -> Result<Self, Problems> {
        let variables: Vec<(String, String)> = std::env::vars_os()
            .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
            .collect();
        let named = variables.iter().find(|(k, _)| k == FILE_VARIABLE).map(|(_, v)| PathBuf::from(v));
        let text = match file.map(Path::to_path_buf).or(named) {
            None => None,
            Some(path) => Some(std::fs::read_to_string(&path).map_err(|e| {
                Problems(vec![format!("配置文件 {} 无法读取：{e}；请检查路径与权限", path.display())])
            })?),
        };
        Self::from_parts(text.as_deref(), &variables)
    }

    /// The same from texts, for tests.
    pub fn from_parts(file: Option<&str>, variables: &[(String, String)]) -> Result<Self, Problems> {
        let config = layer::read(DEFAULT, file, variables).map_err(Problems)?;
        let problems = check::problems(&config);
        if problems.is_empty() { Ok(config) } else { Err(Problems(problems)) }
    }

    /// True for the public.
    pub fn is_production(&self) -> bool {
        self.platform.environment == Environment::Production
    }

    /// True where browsers reach it on this machine only, in the clear.
    pub fn is_loopback(&self) -> bool {
        check::is_loopback(self)
    }

    /// Says why the address may not be served without TLS; none where it may. `serve --insecure-http` overrides it.
    pub fn insecure(&self) -> Option<String> {
        check::insecure(self)
    }

    /// Where the data lives.
    pub fn target(&self) -> Result<Target, String> {
        Target::parse(self.database.url.reveal())
    }

    /// Sizes of the database's queues.
    pub fn limits(&self) -> Limits {
        let Database { readers, writers, queue, .. } = self.database;
        Limits { readers, writers, queue, ..Limits::default() }
    }

    /// What sends the mail.
    pub fn mailer(&self) -> Result<Mailer, String> {
        let from = self.mail.from.parse().map_err(|e| format!("mail.from：邮箱地址无效（{e}）"))?;
        let login = Some((self.mail.smtp_user.as_str(), self.mail.smtp_password.reveal()));
        let sender = match self.mail.sender {
            SenderKind::Smtp => Sender::smtp(
                &self.mail.smtp_host,
                self.mail.smtp_port,
                self.mail.smtp_tls,
                login.filter(|(user, _)| !user.is_empty()),
            )?,
            SenderKind::File => {
                let directory = self.mail.directory.clone();
                std::fs::create_dir_all(&directory)
                    .map_err(|e| format!("mail.directory：无法建立目录 {}（{e}）", directory.display()))?;
                Sender::File(directory)
            }
            SenderKind::Memory => Sender::memory(),
        };
        Ok(Mailer { sender, from, origin: self.platform.public_url.clone() })
    }
}
