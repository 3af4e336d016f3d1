//! The server: the same object in production, in the demo and in tests.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::{Compress, Condition, from_fn};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{App, HttpServer, Resource};
use tracing_actix_web::TracingLogger;

use super::middleware::{self, Door, Limits};
use super::{docs, openapi, routes};
use crate::accounts::door::Auth;
use crate::offices;
use crate::platform::config::Config;
use crate::platform::http::lane::Lane;
use crate::platform::http::route::Route;
use crate::platform::http::{Site, site};
use crate::platform::policy::Policies;

/// What the server is made of.
pub struct Parts {
    /// Database, clock, passwords, keys.
    pub auth: Auth,
    /// The province's rules.
    pub policies: Policies,
    /// Name and address of the portal.
    pub site: Site,
    /// Where it listens; port 0 takes a free one.
    pub bind: SocketAddr,
    /// Threads that answer; 0 for one a core.
    pub workers: usize,
    /// What one request may take.
    pub limits: Limits,
}

impl Parts {
    /// As the configuration says.
    pub fn new(config: &Config, auth: Auth, policies: Policies, site: Site) -> Self {
        let (bind, workers) = (config.server.bind, config.server.workers);
        Self { auth, policies, site, bind, workers, limits: Limits::default() }
    }
}

/// A server that listens; it answers while [`Application::run`] is awaited.
pub struct Application {
    server: Server,
    address: SocketAddr,
}

impl Application {
    /// Binds the address and starts the threads.
    ///
    /// # Errors
    /// A Chinese sentence for the operator.
    pub fn build(parts: Parts) -> Result<Self, String> {
        let listener = TcpListener::bind(parts.bind).map_err(|e| {
            format!("server.bind：无法在 {} 上监听（{e}）；请检查地址与端口是否被占用", parts.bind)
        })?;
        let address = listener.local_addr().map_err(|e| e.to_string())?;
        let workers = match parts.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        };
        let table = Arc::new(routes::table());
        let auth = Data::new(parts.auth.clone());
        let (db, clock) = (Data::new(parts.auth.db), Data::new(parts.auth.clock));
        let site = Data::new(parts.site);
        let policies = Data::new(parts.policies);
        let limits = Data::new(parts.limits);
        let lane = Data::new(Lane::default());
        let offices = Data::new(offices::ALL);
        let description = Data::new(docs::Description(openapi::text));
        let server = HttpServer::new(move || {
            let table = table.clone();
            App::new()
                .app_data(auth.clone())
                .app_data(db.clone())
                .app_data(clock.clone())
                .app_data(site.clone())
                .app_data(policies.clone())
                .app_data(limits.clone())
                .app_data(lane.clone())
                .app_data(offices.clone())
                .app_data(description.clone())
                .configure(|config| register(config, &table))
                .wrap(from_fn(middleware::finish))
                .wrap(TracingLogger::<RequestSpan>::new())
        })
        .workers(workers)
        .client_request_timeout(Duration::from_secs(10))
        .shutdown_timeout(30)
        .disable_signals()
        .listen(listener)
        .map_err(|e| e.to_string())?
        .run();
        Ok(Self { server, address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// For stopping it: `handle().stop(true)` lets running requests end.
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Answers until it is stopped.
    ///
    /// # Errors
    /// Of the listener.
    pub async fn run(self) -> std::io::Result<()> {
        self.server.await
    }
}

/// Puts the table's lines of one address behind one door; whatever no line knows comes last.
fn register(config: &mut ServiceConfig, table: &[Route]) {
    let mut paths: Vec<&'static str> = Vec::new();
    for line in table {
        if !paths.contains(&line.path) {
            paths.push(line.path);
        }
    }
    // Plain addresses are compared as they stand, those with a place for a key by a pattern: the plain ones first.
    paths.sort_by_key(|path| path.contains('{'));
    for path in paths {
        let lines = || table.iter().filter(move |line| line.path == path);
        let resource = lines().fold(web::resource(path), |resource, line| resource.route(line.build()));
        behind(config, Door::new(lines()), resource, is_packed(path));
    }
    behind(config, Door::new([].iter()), web::resource("/{address:.*}"), false);
}

/// Pages are packed: their form token is masked anew in each, so that no length tells of it. Files are packed already, sheets too.
fn is_packed(path: &str) -> bool {
    !site::is_api(path) && !site::is_file(path) && !path.ends_with(".xlsx")
}

fn behind(config: &mut ServiceConfig, door: Door, resource: Resource, packed: bool) {
    let admit = from_fn(move |request, next| middleware::admit(door.clone(), request, next));
    config.service(resource.wrap(admit).wrap(Condition::new(packed, Compress::default())));
}

/// The span that carries the request id into every line of the log.
pub struct RequestSpan;

impl tracing_actix_web::RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &actix_web::dev::ServiceRequest) -> tracing::Span {
        let id = middleware::request_id(request.request());
        tracing::info_span!("request", request_id = id)
    }

    fn on_request_end<B: actix_web::body::MessageBody>(
        _: tracing::Span,
        _: &Result<actix_web::dev::ServiceResponse<B>, actix_web::Error>,
    ) {
    }
}
