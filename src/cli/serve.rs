//! `jicai serve`: one instance of the platform.

use std::process::ExitCode;

use super::common::{ConfigArgs, end, open, runtime, say};
use super::instance;
use crate::platform::config::{Config, Environment};
use crate::platform::http::Site;
use crate::platform::http::site::Origin;
use crate::platform::http::view::Foot;
use crate::web;

/// The arguments of `jicai serve`.
#[derive(clap::Args)]
pub struct Args {
    /// Serve a public address without TLS; passwords and sessions then travel in the clear
    #[arg(long)]
    insecure_http: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Runs it.
pub fn run(args: &Args) -> ExitCode {
    end("serve", serve(args))
}

fn serve(args: &Args) -> Result<(), String> {
    let config = args.config.load()?;
    if let Some(sentence) = config.insecure() {
        if !args.insecure_http {
            return Err(sentence);
        }
        say(
            "注意：已按 --insecure-http 以明文 http 对外服务。登录口令、会话与业务数据在网络上不受保护，会话 Cookie 不带 Secure 标记，请勿用于正式环境。",
        );
    }
    instance::observe(&config)?;
    let db = open(&config)?;
    let site = site(&config)?;
    runtime()?.block_on(async {
        let address = config.platform.public_url.clone();
        let ready = |bound| say(&format!("平台已启动：{address}（监听 {bound}）。按 Ctrl+C 停止。"));
        instance::run(&config, db, site, ready, instance::signal()).await
    })
}

fn site(config: &Config) -> Result<Site, String> {
    let notice = match config.platform.environment {
        Environment::Production => String::new(),
        Environment::Training => "培训环境：数据与操作均不产生效力".into(),
        Environment::Development => "试用环境：数据与操作均不产生效力".into(),
    };
    let public = &config.platform.public_url;
    let origin = match Origin::parse(public).map_err(|e| format!("platform.public_url：{e}"))? {
        // On this machine the port may differ from the configured one.
        _ if config.is_loopback() => Origin::Loopback,
        origin => origin,
    };
    let training = config.platform.environment != Environment::Production;
    let clock_page = training.then(|| web::pages::clock::PATH.to_owned());
    let trusted_proxies = config.server.trusted_proxies.clone();
    let foot = Foot {
        sponsor: config.platform.sponsor.clone(),
        telephone: config.platform.telephone.clone(),
        filing: config.platform.filing.clone(),
    };
    Ok(Site { notice, foot, origin, clock_page, trusted_proxies, ..Site::default() })
}
