//! Every list and start page among many rows, and three of them beside those of the build that `JICAI_BENCH_AGAINST` names.

use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_TYPE, LOCATION, ORIGIN};
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
            "/basket",
            "/standing-lists",
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

/// What clerks type into the basket's search.
const TYPED: [&str; 6] = ["a", "zsy", "zsyt", "注射", "制药", "XA0001"];
/// Lines of one pasted list.
const PASTED: usize = 60;

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
        let token = browser.token("/login").await;
        let form = [("form_token", token.as_str()), ("account", login), ("password", "jicai-demo-2024")];
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

    /// The token that the page's forms carry.
    async fn token(&self, path: &str) -> String {
        let answer = self.client.get(format!("{}{path}", self.url)).send().await.expect("a page");
        let page = answer.text().await.expect("text");
        let (_, token) = page.split_once("name=\"form_token\" value=\"").expect("a token");
        token.split('"').next().expect("a token").to_owned()
    }

    /// How long a pasted list takes until its lines stand in the basket, which was empty.
    async fn paste(&self, token: &str, list: &str) -> Duration {
        let clear = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("form_token", token), ("act", "clear")])
            .finish();
        let request = self.client.post(format!("{}/basket", self.url)).header(ORIGIN, &self.url);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(clear);
        request.send().await.expect("an empty basket");
        let key = uuid::Uuid::new_v4().to_string();
        let fields = [("form_token", token), ("idempotency_key", key.as_str()), ("text", list)];
        let parts = fields.map(|(name, value)| {
            format!("--cut\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        });
        let body = format!("{}--cut--\r\n", parts.concat());
        let request = self.client.post(format!("{}/basket/pasted", self.url)).header(ORIGIN, &self.url);
        let request = request.header(CONTENT_TYPE, "multipart/form-data; boundary=cut").body(body);
        let begun = Instant::now();
        let answer = request.send().await.expect("an answer");
        let took = begun.elapsed();
        let to = answer.headers().get(LOCATION).map(|to| to.to_str().expect("an address"));
        assert_eq!(to, Some("/basket"), "{}", answer.status());
        took
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

/// A list of drugs of the workbook: every other line by its code, the others by name and strength.
fn list(dir: &Path) -> String {
    let workbook = std::fs::read_to_string(dir.join("drugs.csv")).expect("the workbook");
    let rows: Vec<&str> = workbook.lines().skip(1).collect();
    let line = |(n, row): (usize, &&str)| {
        let cells: Vec<&str> = row.split(',').collect();
        match n % 2 {
            0 => format!("{}\t\t\t{}\n", cells[0], n + 1),
            _ => format!("\t{}\t{}*{}片\t{}\n", cells[1], cells[4], cells[6], n + 1),
        }
    };
    let chosen = rows.iter().step_by(rows.len() / PASTED).take(PASTED).enumerate();
    format!("医保编码\t药品名称\t规格\t数量\n{}", chosen.map(line).collect::<String>())
}

/// The basket: what is found while somebody types, and a pasted list.
async fn basket(report: &mut Report, engine: &str, url: &str, dir: &Path) {
    let clerk = Browser::log_in(url, "hospital1a").await;
    let mut worst = (0.0, "");
    for typed in TYPED {
        let p99 = clerk.p99(&format!("/orders/find?q={typed}")).await;
        if p99 > worst.0 {
            worst = (p99, typed);
        }
    }
    let what = format!("{engine}: p99 of the basket's search while typing, ms");
    report.add(&what, worst.0, &format!("promised: under 30; {}", worst.1));
    let (token, list) = (clerk.token("/basket").await, list(dir));
    let mut took = Vec::with_capacity(VIEWS);
    for _ in 0..VIEWS {
        took.push(clerk.paste(&token, &list).await);
    }
    let what = format!("{engine}: p99 of {PASTED} pasted lines checked and kept, ms");
    report.add(&what, p99_ms(took), "promised: under 100; 300,000 products");
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
    basket(report, engine, &this.url, &dir.join("this")).await;
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
