//! Where mail goes: a mail server, files, or memory.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::Mail;

/// How long one conversation with the mail server may take; well under the lease of a mail.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Why a mail was not sent, in words for the officer's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendError {
    /// It may go later: the server cannot be reached, or said so.
    Later(String),
    /// It will never go: the server refused it for good, or the address is none.
    Never(String),
}

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// TLS from the first byte, usually port 465.
    Implicit,
    /// Begins in the clear and must switch, usually port 587.
    Starttls,
    /// None: only for a server on the same machine.
    None,
}

/// A configured way out.
#[derive(Clone)]
pub enum Sender {
    /// A mail server.
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    /// One `.eml` file a mail in a directory.
    File(PathBuf),
    /// A list, for tests and the demo.
    Memory(Arc<Mutex<Vec<Mail>>>),
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Smtp(_) => "Smtp",
            Self::File(_) => "File",
            Self::Memory(_) => "Memory",
        })
    }
}

impl Sender {
    /// A mail server.
    ///
    /// # Errors
    /// A Chinese sentence where the server's name cannot be one.
    pub fn smtp(host: &str, port: u16, tls: MailTls, login: Option<(&str, &str)>) -> Result<Self, String> {
        let parameters =
            || TlsParameters::new(host.into()).map_err(|e| format!("邮件服务器名 {host} 无法使用：{e}"));
        let protection = match tls {
            MailTls::Implicit => Tls::Wrapper(parameters()?),
            MailTls::Starttls => Tls::Required(parameters()?),
            MailTls::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port)
            .tls(protection)
            .timeout(Some(TIMEOUT));
        if let Some((user, password)) = login {
            builder = builder.credentials(Credentials::new(user.into(), password.into()));
        }
        Ok(Self::Smtp(builder.build()))
    }

    /// A list in memory, to be looked at by tests.
    pub fn memory() -> Self {
        Self::Memory(Arc::default())
    }

    /// True where mails go to their readers; files and memory are for the demo, for training and for tests.
    pub fn leaves_the_house(&self) -> bool {
        matches!(self, Self::Smtp(_))
    }

    /// Sends one mail. `from` is the platform's mailbox, `origin` its address on the web, without a slash at the end.
    pub async fn send(&self, mail: &Mail, from: &Mailbox, origin: &str) -> Result<(), SendError> {
        if let Self::Memory(list) = self {
            list.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(mail.clone());
            return Ok(());
        }
        let message = compose(mail, from, origin)?;
        match self {
            Self::Smtp(transport) => {
                let sending = tokio::time::timeout(TIMEOUT * 2, transport.send(message));
                match sending.await {
                    Ok(Ok(_)) => Ok(()),
                    Ok(Err(error)) if error.is_permanent() => Err(SendError::Never(words(&error))),
                    Ok(Err(error)) => Err(SendError::Later(words(&error))),
                    Err(_) => Err(SendError::Later("邮件服务器没有在限定时间内答复".into())),
                }
            }
            Self::File(directory) => {
                let path = directory.join(format!("{}.eml", mail.id));
                let bytes = message.formatted();
                let written = tokio::task::spawn_blocking(move || std::fs::write(path, bytes)).await;
                written
                    .map_err(|e| SendError::Later(e.to_string()))?
                    .map_err(|e| SendError::Later(format!("无法写入邮件文件：{e}")))
            }
            Self::Memory(_) => Ok(()),
        }
    }
}

fn words(error: &lettre::transport::smtp::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    text.chars().take(500).collect()
}

fn compose(mail: &Mail, from: &Mailbox, origin: &str) -> Result<Message, SendError> {
    let to: Mailbox = mail
        .recipient
        .parse()
        .map_err(|e| SendError::Never(format!("收件地址 {} 无效：{e}", mail.recipient)))?;
    let domain = from.email.domain();
    let (text, html) = bodies(mail, origin);
    Message::builder()
        .from(from.clone())
        .to(to)
        .subject(mail.subject.clone())
        .message_id(Some(format!("<{}@{domain}>", mail.id)))
        .multipart(MultiPart::alternative_plain_html(text, html))
        .map_err(|e| SendError::Never(format!("邮件无法组成：{e}")))
}

/// Both bodies with the address where the reader can act, and how the mail came about.
fn bodies(mail: &Mail, origin: &str) -> (String, String) {
    let address = format!("{origin}{}", mail.link);
    let foot = "本邮件由集中采购平台自动发出，请勿直接回复。";
    let text = format!("{}\n\n请登录平台办理：{address}\n\n{foot}\n", mail.body_text);
    let escaped = super::escaped(&address);
    let html = format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"></head><body>{}\
         <p><a href=\"{escaped}\">请登录平台办理</a><br>{escaped}</p><p>{foot}</p></body></html>",
        mail.body_html
    );
    (text, html)
}
