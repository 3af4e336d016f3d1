//! What a configuration must keep, and what production must keep besides.

use std::net::{IpAddr, SocketAddr};

use super::{Config, MailTls, SenderKind};
use crate::sql::Target;

/// One sentence for each thing that is wrong, beginning with the key.
pub(super) fn problems(config: &Config) -> Vec<String> {
    let mut found = Vec::new();
    let mut say = |wrong: bool, sentence: &str| {
        if wrong {
            found.push(sentence.to_owned());
        }
    };
    let origin = Origin::of(&config.platform.public_url);
    say(
        origin.is_none(),
        "platform.public_url：应为 http:// 或 https:// 开头的网址，只含主机名与端口，末尾不带斜杠，例如 https://jicai.example.gov.cn",
    );
    say(!(1..=256).contains(&config.database.readers), "database.readers：应在 1 至 256 之间");
    say(!(1..=256).contains(&config.database.writers), "database.writers：应在 1 至 256 之间");
    say(!(1..=100_000).contains(&config.database.queue), "database.queue：应在 1 至 100000 之间");
    say(config.jobs.workers > 64, "jobs.workers：应在 0 至 64 之间");
    say(config.server.workers > 256, "server.workers：应在 0 至 256 之间，0 表示与处理器核数相同");
    for (key, days) in [
        ("feed_days", config.retention.feed_days),
        ("message_days", config.retention.message_days),
        ("mail_days", config.retention.mail_days),
    ] {
        say(!(30..=36_500).contains(&days), &format!("retention.{key}：应在 30 至 36500 天之间"));
    }
    say(config.keys.file.as_os_str().is_empty(), "keys.file：不能为空，请写出密钥文件的路径");
    if let Err(sentence) = Target::parse(config.database.url.reveal()) {
        found.push(format!("database.url：{sentence}"));
    }
    mail(config, &mut found);
    metrics(config, &mut found);
    log(config, &mut found);
    if config.is_production() {
        production(config, origin.as_ref(), &mut found);
    }
    found
}

/// A word alone would be taken for the name of a part of the program, so it must be a level.
fn log(config: &Config, found: &mut Vec<String>) {
    let level = |word: &str| word.parse::<tracing_subscriber::filter::LevelFilter>().is_ok();
    let fits = |part: &str| level(part.rsplit_once('=').map_or(part, |(_, word)| word).trim());
    if !config.log.level.split(',').all(fits) {
        found.push(
            "log.level：无法识别；请写 error、warn、info、debug 或 trace，或 info,jicai=debug 这样的组合"
                .into(),
        );
    }
}

fn mail(config: &Config, found: &mut Vec<String>) {
    let mail = &config.mail;
    if let Err(cause) = mail.from.parse::<lettre::message::Mailbox>() {
        found.push(format!(
            "mail.from：邮箱地址无效（{cause}）；例如 集中采购平台 <noreply@jicai.example.gov.cn>"
        ));
    }
    if mail.sender != SenderKind::Smtp {
        return;
    }
    if mail.smtp_host.trim().is_empty() {
        found.push("mail.smtp_host：不能为空，请填写邮件服务器的主机名".into());
    }
    if mail.smtp_port == 0 {
        found.push("mail.smtp_port：应在 1 至 65535 之间".into());
    }
    if mail.smtp_user.is_empty() != mail.smtp_password.reveal().is_empty() {
        found.push("mail.smtp_user、mail.smtp_password：应同时填写或同时留空".into());
    }
}

fn metrics(config: &Config, found: &mut Vec<String>) {
    let bind = config.metrics.bind.trim();
    if !bind.is_empty() && !bind.parse::<SocketAddr>().is_ok_and(|a| a.ip().is_loopback()) {
        found.push("metrics.bind：应为本机回环地址与端口，例如 127.0.0.1:9464；不需要时留空".into());
    }
}

fn production(config: &Config, origin: Option<&Origin>, found: &mut Vec<String>) {
    if config.mail.sender != SenderKind::Smtp {
        found.push("mail.sender：正式环境只能为 smtp，否则用户收不到通知；请填写邮件服务器".into());
    }
    if config.mail.smtp_tls == MailTls::None && !is_local(&config.mail.smtp_host) {
        found.push(
            "mail.smtp_tls：正式环境中只有本机邮件服务器可以为 none；请改为 starttls 或 implicit".into(),
        );
    }
    if origin.is_some_and(|o| !o.https) {
        found.push("platform.public_url：正式环境应为 https:// 开头的网址".into());
    }
}

/// True where the address is plain http on this machine and nobody else can reach the listener.
pub(super) fn is_loopback(config: &Config) -> bool {
    let local = |o: &Origin| !o.https && is_local(&o.host);
    config.server.bind.ip().is_loopback()
        && Origin::of(&config.platform.public_url).as_ref().is_some_and(local)
}

/// Says why the address is not fit to be served without TLS; none where it is.
pub(super) fn insecure(config: &Config) -> Option<String> {
    let origin = Origin::of(&config.platform.public_url)?;
    let safe = origin.https || is_loopback(config);
    (!safe).then(|| {
        format!(
            "platform.public_url（{}）、server.bind（{}）：登录口令与会话将以明文在网络上传输，平台拒绝启动。请在前面设置提供 https 的代理\
             并把 platform.public_url 改为 https:// 开头；仅在隔离的网络中试用时，可加 --insecure-http 启动",
            config.platform.public_url, config.server.bind
        )
    })
}

struct Origin {
    https: bool,
    host: String,
}

impl Origin {
    fn of(url: &str) -> Option<Self> {
        let (https, rest) = match url.split_once("://")? {
            ("https", rest) => (true, rest),
            ("http", rest) => (false, rest),
            _ => return None,
        };
        let host = match rest.strip_prefix('[') {
            Some(v6) => v6.split_once(']').map(|(host, _)| host)?,
            None => rest.split_once(':').map_or(rest, |(host, _)| host),
        };
        let plain = !rest.contains(['/', '?', '#', '@', ' ']) && !host.is_empty();
        let port = rest.rsplit_once(':').filter(|(_, port)| !port.ends_with(']'));
        let port_fits = port.is_none_or(|(_, port)| port.parse::<u16>().is_ok()) || rest.ends_with(']');
        (plain && port_fits).then(|| Self { https, host: host.into() })
    }
}

fn is_local(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
