//! Every list and start page among many rows, and three of them beside those of the build that `JICAI_BENCH_AGAINST` names.

use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_TYPE, ORIGIN};
use reqwest::redirect::Policy;

use super::client::p99_ms;
use super::report::Report;
use super::server::{self, BINARY, Demo};
use super::{catalogue, copies};

const ORDERS: usize = 200_000;
const ORGANISATIONS: usize = 20_000;
/// How often each page is opened.
const VIEWS: usize = 300;
/// Both builds in turn, so that a disturbance meets both.
const ROUNDS: usize = 3;

/// Who opens which pages; a stranger has no name.
const PAGES: [(&str, &[&str]); 4] = [
    (
        "hospital1a",
        &[
            "/",
            "/catalogue",
            "/catalogue?q=注射",
            "/catalogue?q=zsy",
            "/orders",
            "/orders?state=confirmed",
            "/orders?q=阿莫",
            "/messages",
            "/addresses",
        ],
    ),
    (
        "enterprise1a",
        &["/", "/orders", "/orders?q=amxl", "/my/products", "/my/claims", "/distributors", "/messages"],
    ),
    (
        "officer1",
        &[
            "/",
            "/orders",
            "/orders?overdue=true",
            "/orders?q=医院",
            "/catalogue",
            "/registrations",
            "/organisations",
            "/organisations?q=医院",
            "/products/work",
            "/listings/work",
            "/imports",
            "/supervision/marked",
            "/supervision/mails",
            "/policy",
            "/messages",
        ],
    ),
    ("", &["/", "/prices", "/prices?q=注射", "/announcements"]),
];

/// Pages of the two builds in turn: who, which, what it is called.
const IN_TURN: [(&str, &str, &str); 3] = [
    ("hospital1a", "/catalogue?q=zsy", "search"),
    ("officer1", "/orders", "order list"),
    ("officer1", "/", "start page"),
];

/// A browser of one of the demo's people, or of a stranger.
struct Browser {
    client: reqwest::Client,
    url: String,
}

impl Browser {
    async fn log_in(url: &str, login: &str) -> Self {
        let client = reqwest::Client::builder()
            .cookie_store(true)
            .redirect(Policy::none())
            .pool_idle_timeout(Duration::from_secs(2))
            .build()
            .expect("a client");
        let browser = Self { client, url: url.into() };
        if login.is_empty() {
            return browser;
        }
        let opened = browser.client.get(format!("{url}/login")).send().await.expect("a page");
        let page = opened.text().await.expect("text");
        let (_, token) = page.split_once("name=\"form_token\" value=\"").expect("a token");
        let token = token.split('"').next().expect("a token");
        let form = [("form_token", token), ("account", login), ("password", "jicai-demo-2024")];
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = browser.client.post(format!("{url}/login")).header(ORIGIN, url);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
        let answer = request.send().await.expect("an answer");
        assert!(answer.status().is_redirection(), "{login}: {}", answer.status());
        browser
    }

    /// How long the page takes until all of it is there.
    async fn view(&self, path: &str) -> Duration {
        let begun = Instant::now();
        let answer = self.client.get(format!("{}{path}", self.url)).send().await.expect("an answer");
        assert!(answer.status() == 200, "{path}: {}", answer.status());
        answer.bytes().await.expect("a page");
        begun.elapsed()
    }

    /// 99 of 100 views took at most so many milliseconds.
    async fn p99(&self, path: &str) -> f64 {
        self.view(path).await;
        let mut took = Vec::with_capacity(VIEWS);
        for _ in 0..VIEWS {
            took.push(self.view(path).await);
        }
        p99_ms(took)
    }
}

/// A server of one build on many rows that its own command and copies of its own rows made.
async fn filled(binary: &Path, dir: &Path, database: Option<&str>) -> Demo {
    drop(Demo::run(binary, dir, database).await);
    let url = match database {
        Some(url) => url.to_owned(),
        None => format!("sqlite:{}", dir.join("demo.sqlite").display()),
    };
    catalogue::imported(binary, &url, dir).await;
    let target = server::target(dir, database);
    copies::organisations(&target, ORGANISATIONS);
    copies::orders(&target, ORDERS);
    Demo::run(binary, dir, database).await
}

/// Measures on one engine; `databases` are an empty PostgreSQL database for each build.
pub async fn measure(report: &mut Report, engine: &str, dir: &Path, databases: Option<[String; 2]>) {
    let [own, its] = databases.map_or([None, None], |urls| urls.map(Some));
    let this = filled(Path::new(BINARY), &dir.join("this"), own.as_deref()).await;
    let rows = format!("300,000 products, {ORDERS} orders, {ORGANISATIONS} organisations; one reader");
    let mut worst = (0.0, String::new());
    for (login, pages) in PAGES {
        let browser = Browser::log_in(&this.url, login).await;
        let who = if login.is_empty() { "a stranger" } else { login };
        for page in pages {
            let p99 = browser.p99(page).await;
            println!("{engine}: {page} of {who}: {p99:.2}");
            if p99 > worst.0 {
                worst = (p99, format!("{page} of {who}"));
            }
        }
    }
    let what = format!("{engine}: p99 of the slowest list or start page, ms");
    report.add(&what, worst.0, &format!("promised: under 20; {}; {rows}", worst.1));
    let Some(binary) = std::env::var_os("JICAI_BENCH_AGAINST") else { return };
    let that = filled(Path::new(&binary), &dir.join("that"), its.as_deref()).await;
    for (login, page, name) in IN_TURN {
        let (own, other) = (Browser::log_in(&this.url, login).await, Browser::log_in(&that.url, login).await);
        let (mut here, mut there) = (vec![], vec![]);
        for _ in 0..ROUNDS {
            here.push(own.p99(page).await);
            there.push(other.p99(page).await);
        }
        let ratio = crate::median(there) / crate::median(here);
        let what = format!("{engine}: {name}, times as fast as the other build");
        report.add(&what, ratio, "p99, in turn; promised: at least 3");
    }
}
