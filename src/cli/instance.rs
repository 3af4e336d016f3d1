//! One running instance: checks, tasks, metrics, server, and an orderly end. `serve`, the demo and tests start the same.

use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use super::common::words;
use super::tasks;
use crate::accounts::door::Auth;
use crate::accounts::jwt::Tokens;
use crate::accounts::keys::Keys;
use crate::accounts::password::{Cost, Passwords};
use crate::platform::audit::seal;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::Db;
use crate::platform::http::Site;
use crate::platform::jobs::runner;
use crate::platform::policy::Policies;
use crate::platform::{health, log, metrics, signing};
use crate::rules::profiles::Library;
use crate::web::{Application, Parts};

/// Starts the log and the measurements of this process; before the database is opened.
pub fn observe(config: &Config) -> Result<(), String> {
    log::start(&config.log)?;
    log::watch_slow_queries(Duration::from_millis(config.database.slow_query_ms))?;
    metrics::recorder().map(drop)
}

/// Runs an instance on an opened database until `stop` is ready. `ready` learns the address once it listens.
///
/// # Errors
/// A Chinese sentence: why it refuses to start, or what broke.
pub async fn run(
    config: &Config,
    db: Db,
    site: Site,
    ready: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()>,
) -> Result<(), String> {
    let clock = Clock::default();
    health::check_clock(&db, &clock).await.map_err(words)?;
    health::check_legal_clock(&db, config).await.map_err(words)?;
    let keys = Keys::load(&config.keys.file)?;
    if let Some(key) = keys.documents() {
        signing::keep(&db, &key.public, clock.now()).await.map_err(words)?;
    }
    let mailer = config.mailer()?;
    let page = metrics_page(config)?;
    let passwords = Passwords::new(Cost::Real).map_err(words)?;
    let auth = Auth {
        officers_need_totp: config.is_production() || config.login.officers_need_totp,
        ..Auth::new(db.clone(), clock.clone(), passwords, Tokens::new(keys.clone()))
    };
    let policies = policies(&config.rules.profile)?;
    policies.refresh(&db).await.map_err(words)?;
    let watching = tokio::spawn(policies.clone().watch(db.clone()));
    let registry = tasks::registry(config, mailer, &policies, keys);
    let server = Application::build(Parts::new(config, auth, policies, site))?;
    let handle = server.handle();
    // An instance that is always started anew before its turn comes would never seal.
    let sealing = {
        let (db, clock) = (db.clone(), clock.clone());
        tokio::spawn(async move {
            seal::run(&db, &clock).await.inspect_err(|cause| tracing::error!(%cause, "sealing"))
        })
    };
    let background = runner::start(&db, &clock, registry, config.jobs.workers).await.map_err(words)?;
    let page = page.map(|page| (page.handle(), tokio::spawn(page)));
    ready(server.address());
    let answering = tokio::spawn(server.run());
    stop.await;
    // First no new request, then the end of those that run, then the jobs.
    handle.stop(true).await;
    let ended = answering.await;
    background.stop().await;
    sealing.abort();
    watching.abort();
    if let Some((handle, page)) = page {
        handle.stop(false).await;
        let _ = page.await;
    }
    ended.map_err(|e| e.to_string())?.map_err(|e| format!("服务中断：{e}"))
}

/// The province's rules of that profile.
///
/// # Errors
/// A Chinese sentence.
pub fn policies(profile: &str) -> Result<Policies, String> {
    let library = Library::shipped().map_err(|e| e.to_string())?;
    Policies::load(library, profile).map_err(|_| {
        format!("rules.profile：没有名为 {profile} 的参数版本；可用的是 default、henan、shaanxi、shanghai、jiangxi")
    })
}

fn metrics_page(config: &Config) -> Result<Option<actix_web::dev::Server>, String> {
    let bind = config.metrics.bind.trim();
    if bind.is_empty() {
        return Ok(None);
    }
    let cannot = |e: std::io::Error| {
        format!("metrics.bind：无法在 {bind} 上监听（{e}）；请换一个端口，或留空以关闭指标页")
    };
    let listener = TcpListener::bind(bind).map_err(cannot)?;
    metrics::serve(listener, metrics::recorder()?).map(Some).map_err(cannot)
}

/// Ready when the operator or the system asks the process to end.
pub async fn signal() {
    let interrupt = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
