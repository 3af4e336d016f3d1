//! What a stranger without an account may fill: the figures by invented methods, memory by uploads that never end, the office's
//! desk by applications.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};

use jicai::rules::codes::{self, CodeKind};
use jicai::rules::explain::Steps;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Url};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;

use super::report::Report;
use super::server::{BINARY, Demo};

const METHODS: usize = 10_000;
const UPLOADS: u8 = 40;
/// MiB of an upload that come in, of the twenty that it announces.
const PARTS: usize = 19;
const APPLICATIONS: u32 = 1000;
/// Requests at once.
const AT_ONCE: usize = 16;
const MIB: usize = 1024 * 1024;
/// What a visitor's browser was given; anybody can make one up.
const FORM_TOKEN: &str = "benchmarkbenchmarkbenchmark";

/// Floods a fresh demo that is served as an installation is.
pub async fn measure(report: &mut Report, dir: &Path) {
    drop(Demo::run(Path::new(BINARY), dir, None).await);
    let (server, metrics) = Demo::serve(dir).await;
    methods(report, &server, &metrics).await;
    let key = Stranger::at([127, 0, 0, 2], &server.url).apply(0).await.expect("a first application");
    uploads(report, &server, &key, "one address", |_| [127, 0, 0, 3]).await;
    uploads(report, &server, &key, "as many addresses", |n| [127, 0, 1, n + 1]).await;
    applications(report, &server).await;
}

async fn methods(report: &mut Report, server: &Demo, metrics: &str) {
    let client = Client::builder().redirect(Policy::none()).build().expect("a client");
    let page = async || {
        let page = client.get(metrics).send().await.expect("metrics").bytes().await.expect("metrics");
        page.len() as f64 / MIB as f64
    };
    // What any ten thousand requests leave behind is there before.
    let known = [Method::GET, Method::PUT, Method::DELETE];
    ask(&client, &server.url, move |n| known[n % known.len()].clone()).await;
    let (page_before, before) = (page().await, server.resident_mib());
    let invented = |n| Method::from_bytes(format!("INVENTED{n}").as_bytes()).expect("a method");
    let answered = ask(&client, &server.url, invented).await;
    let grown = page().await - page_before;
    let note = format!("{answered} of them answered; promised: within 1");
    report.add("metrics page after 10,000 invented methods, more MiB", grown, &note);
    let grown = server.resident_mib() - before;
    report.add(
        "resident after 10,000 invented methods, more MiB",
        grown,
        "after as many of known ones; promised: within 1",
    );
}

/// Sends all methods, to addresses of every kind; how many were answered.
async fn ask(client: &Client, url: &str, method: impl Fn(usize) -> Method + Clone + Send + 'static) -> usize {
    let mut running = JoinSet::new();
    for first in 0..AT_ONCE {
        let (client, url, method) = (client.clone(), url.to_owned(), method.clone());
        running.spawn(async move {
            let mut answered = 0;
            for n in (first..METHODS).step_by(AT_ONCE) {
                let path = ["/", "/api/v1/products", "/none"][n % 3];
                let Ok(answer) = client.request(method(n), format!("{url}{path}")).send().await else {
                    continue;
                };
                answered += usize::from(answer.bytes().await.is_ok());
            }
            answered
        });
    }
    running.join_all().await.into_iter().sum()
}

/// Evidence for an application that was begun, which is how a stranger may send much: forty at once, none of them whole.
async fn uploads(report: &mut Report, server: &Demo, key: &str, whence: &str, from: fn(u8) -> [u8; 4]) {
    let host = server.url.trim_start_matches("http://").to_owned();
    let to: SocketAddr = host.parse().expect("an address");
    let head = format!(
        "POST /registration/files?key={key} HTTP/1.1\r\nhost: {host}\r\norigin: http://{host}\r\n\
         cookie: jicai-form={FORM_TOKEN}\r\nx-form-token: {FORM_TOKEN}\r\n\
         content-type: multipart/form-data; boundary=b\r\ncontent-length: {}\r\n\r\n",
        (PARTS + 1) * MIB
    );
    let before = server.resident_mib();
    let mut running = JoinSet::new();
    for n in 0..UPLOADS {
        running.spawn(unfinished(head.clone(), from(n).into(), to));
    }
    let (mut most, mut sent, mut held) = (before, 0, Vec::new());
    while !running.is_empty() {
        tokio::select! {
            Some(one) = running.join_next() => {
                let (stream, parts) = one.expect("no panic");
                held.push(stream);
                sent += parts;
            }
            () = tokio::time::sleep(Duration::from_millis(20)) => {}
        }
        most = server.resident_mib().max(most);
    }
    drop(held);
    let note = format!("{sent} MiB sent; promised: within 150");
    report.add(
        &format!("resident at most with 40 unfinished uploads from {whence}, more MiB"),
        most - before,
        &note,
    );
}

/// Sends all but the end; the connection, still open, and how many MiB were taken.
async fn unfinished(head: String, from: Ipv4Addr, to: SocketAddr) -> (TcpStream, usize) {
    let socket = TcpSocket::new_v4().expect("socket");
    socket.bind((from, 0).into()).expect("an address of this machine");
    let mut stream = socket.connect(to).await.expect("connected");
    stream.write_all(head.as_bytes()).await.expect("a head");
    let part = vec![b'x'; MIB];
    for sent in 0..PARTS {
        // The platform does not read on where it has no room, and hangs up after a while.
        let taken = tokio::time::timeout(Duration::from_secs(3), stream.write_all(&part)).await;
        if !matches!(taken, Ok(Ok(()))) {
            return (stream, sent);
        }
    }
    (stream, PARTS)
}

async fn applications(report: &mut Report, server: &Demo) {
    let stranger = Stranger::at([127, 0, 0, 4], &server.url);
    let begun = Instant::now();
    let mut answers = Vec::new();
    for n in 1..=APPLICATIONS {
        answers.push(stranger.apply(n).await);
    }
    let taken = answers.iter().flatten().count();
    let refused = answers.iter().filter(|a| **a == Err(429)).count();
    let note = format!(
        "in {:.1} s; {refused} refused with 429; promised: at most 20 at once",
        begun.elapsed().as_secs_f64()
    );
    report.add("taken of 1,000 applications from one address", taken as f64, &note);
}

/// Somebody at a browser, at an address of this machine.
struct Stranger {
    client: Client,
    url: String,
}

impl Stranger {
    fn at(address: [u8; 4], url: &str) -> Self {
        let client = Client::builder().local_address(IpAddr::from(address)).redirect(Policy::none());
        Self { client: client.build().expect("a client"), url: url.into() }
    }

    /// Begins an application; the key of its link, or the status of the refusal.
    async fn apply(&self, n: u32) -> Result<String, u16> {
        let (code, mail, once) =
            (credit_code(n), format!("flood{n}@example.cn"), format!("flood-{n}-{}", std::process::id()));
        let fields = [
            ("name", "霁阳滨江路医院"),
            ("credit_code", code.as_str()),
            ("kind", "private_hospital"),
            ("city", "霁阳市"),
            ("address", "霁阳市滨江路 18 号"),
            ("contact_name", "周文清"),
            ("phone", "0770-5550188"),
            ("email", mail.as_str()),
            ("idempotency_key", once.as_str()),
        ];
        let form = Url::parse_with_params("http://form/", fields).expect("a form");
        let answer = self
            .client
            .post(format!("{}/registration", self.url))
            .header("origin", &self.url)
            .header("cookie", format!("jicai-form={FORM_TOKEN}"))
            .header("x-form-token", FORM_TOKEN)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.query().unwrap_or_default().to_owned())
            .send()
            .await
            .map_err(|_| 0_u16)?;
        let link = answer.headers().get("location").and_then(|link| link.to_str().ok());
        let key = link.and_then(|link| link.split_once("key=")).map(|(_, key)| key.to_owned());
        key.ok_or(answer.status().as_u16())
    }
}

/// With the check character that fits.
fn credit_code(n: u32) -> String {
    "0123456789ABCDEFGHJKLMNPQRTUWXY"
        .chars()
        .map(|last| format!("91450000MA{n:07}{last}"))
        .find(|code| codes::check(CodeKind::Uscc, code, None, &mut Steps::off()).is_ok())
        .expect("a check character")
}
