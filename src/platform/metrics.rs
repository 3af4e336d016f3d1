//! Metrics in the text format of Prometheus, on a listener of their own that only this machine reaches.

use std::net::TcpListener;
use std::sync::OnceLock;

use actix_web::dev::Server;
use actix_web::http::header::ContentType;
use actix_web::{App, HttpResponse, HttpServer, web};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Upper bounds of the histograms of seconds.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];
/// Upper bounds of every other histogram.
const COUNTS: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

/// The recorder of this process; installed the first time it is asked for.
///
/// # Errors
/// Where another recorder was installed.
pub fn recorder() -> Result<&'static PrometheusHandle, String> {
    static RECORDER: OnceLock<Result<PrometheusHandle, String>> = OnceLock::new();
    RECORDER.get_or_init(install).as_ref().map_err(Clone::clone)
}

fn install() -> Result<PrometheusHandle, String> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)
        .and_then(|b| b.set_buckets(&COUNTS))
        .map_err(|e| e.to_string())?
        .install_recorder()
        .map_err(|e| e.to_string())?;
    describe();
    Ok(handle)
}

fn describe() {
    metrics::describe_counter!("jicai_db_writes_total", "writes asked for");
    metrics::describe_counter!(
        "jicai_db_retries_total",
        "writes run again because the server could not order them"
    );
    metrics::describe_counter!(
        "jicai_db_slow_writes_total",
        "writes that held the embedded database over 50 ms"
    );
    metrics::describe_counter!("jicai_db_slow_queries_total", "statements over the configured threshold");
    metrics::describe_counter!(
        "jicai_db_batches_poisoned_total",
        "batches of the embedded database run again one by one"
    );
    metrics::describe_histogram!(
        "jicai_db_batch_requests",
        "requests in one transaction of the embedded database"
    );
    metrics::describe_counter!("jicai_jobs_total", "runs of jobs, by kind and ending");
    metrics::describe_counter!("jicai_task_failures_total", "failed rounds of periodic tasks");
    metrics::describe_counter!("jicai_mails_total", "mails handed on, by outcome");
    metrics::describe_gauge!("jicai_audit_unsealed", "audit entries that no block holds yet");
    metrics::describe_gauge!(
        "jicai_clock_ahead_milliseconds",
        "how far this machine's clock is before the database's"
    );
}

/// Serves `/metrics` on `listener` with one thread.
///
/// # Errors
/// Where the listener cannot be used.
pub fn serve(listener: TcpListener, handle: &'static PrometheusHandle) -> std::io::Result<Server> {
    let server = HttpServer::new(move || {
        App::new().route(
            "/metrics",
            web::get().to(move || async move {
                handle.run_upkeep();
                HttpResponse::Ok().content_type(ContentType::plaintext()).body(handle.render())
            }),
        )
    });
    Ok(server.workers(1).disable_signals().listen(listener)?.run())
}
