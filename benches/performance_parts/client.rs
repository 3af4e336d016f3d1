//! Clients that order over HTTP.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};

/// Somebody who is logged in at the API.
#[derive(Clone)]
pub struct Person {
    client: Client,
    url: String,
    token: String,
}

impl Person {
    /// Logs in one of the demo's people.
    pub async fn log_in(url: &str, login: &str) -> Self {
        // The server closes what was idle for five seconds, and a request sent at that moment is lost.
        let client = Client::builder().pool_idle_timeout(Duration::from_secs(2)).build().expect("a client");
        let login = json!({ "login": login, "password": "jicai-demo-2024" });
        let answer = client.post(format!("{url}/api/v1/tokens")).json(&login).send().await.expect("answer");
        let token =
            answer.json::<Value>().await.expect("JSON")["access_token"].as_str().expect("token").into();
        Self { client, url: url.into(), token }
    }

    /// How long an answer takes until all of it is there; none where it is another than 200.
    pub async fn ask(&self, path: &str, query: &[(&str, &str)]) -> Option<Duration> {
        let begun = Instant::now();
        let address =
            reqwest::Url::parse_with_params(&format!("{}{path}", self.url), query).expect("address");
        let answer = self.client.get(address).bearer_auth(&self.token).send().await.ok()?;
        let good = answer.status() == 200;
        answer.bytes().await.ok()?;
        good.then(|| begun.elapsed())
    }

    async fn get(&self, path: &str) -> Value {
        let request = self.client.get(format!("{}{path}", self.url)).bearer_auth(&self.token);
        request.send().await.expect("answer").json().await.expect("JSON")
    }
}

/// An order that can be placed again and again.
#[derive(Clone)]
pub struct Work {
    clerk: Person,
    body: Arc<Value>,
}

/// What a load gave.
pub struct Load {
    /// Orders that were answered 201, a second.
    pub a_second: f64,
    /// 99 of 100 were answered within so many milliseconds.
    pub p99_ms: f64,
}

impl Work {
    /// Logs in and chooses three products of one enterprise.
    pub async fn prepare(url: &str) -> Self {
        Self::of_lines(url, 3).await
    }

    /// Logs in and chooses so many products of one enterprise, as far as it has them.
    pub async fn of_lines(url: &str, count: usize) -> Self {
        let clerk = Person::log_in(url, "hospital1a").await;
        let address = clerk.get("/api/v1/addresses").await["items"][0]["id"].clone();
        let plain = unmarked(&clerk, count).await;
        let of = |maker: &Value| plain.iter().filter(|p| p["maker_id"] == *maker).count();
        let maker = plain
            .iter()
            .map(|p| &p["maker_id"])
            .find(|m| of(m) >= count)
            .expect("products of one enterprise");
        let lines: Vec<Value> = plain
            .iter()
            .filter(|p| &p["maker_id"] == maker)
            .take(count)
            .map(|p| json!({ "listing_id": p["listing_id"], "quantity": 100 }))
            .collect();
        let body =
            json!({ "supplier_id": maker, "address_id": address, "wanted_on": "2024-09-30", "lines": lines });
        Self { clerk, body: Arc::new(body) }
    }

    /// Places one order; its key.
    pub async fn one_order(&self) -> String {
        let made = self.send().await.expect("an order");
        made["id"].as_str().expect("id").to_owned()
    }

    /// How long a search for a text takes until its first page is there.
    pub async fn search(&self, text: &str) -> Duration {
        let query = [("q", text), ("limit", "50")];
        self.clerk.ask("/api/v1/products", &query).await.expect("a page of products")
    }

    async fn send(&self) -> Option<Value> {
        let Person { client, url, token } = &self.clerk;
        let answer = client
            .post(format!("{url}/api/v1/orders"))
            .bearer_auth(token)
            .header("Idempotency-Key", uuid::Uuid::new_v4().to_string())
            .json(&*self.body)
            .send()
            .await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(cause) => {
                eprintln!("{cause:?}");
                return None;
            }
        };
        if answer.status() != 201 {
            eprintln!("{} {}", answer.status(), answer.text().await.unwrap_or_default());
            return None;
        }
        answer.json().await.ok()
    }
}

/// Products that can be ordered and carry no mark, page by page, until `count` are found or no page is left.
async fn unmarked(clerk: &Person, count: usize) -> Vec<Value> {
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let page = clerk.get(&format!("/api/v1/products?limit=50{after}")).await;
        let items = page["items"].as_array().expect("products").iter();
        found.extend(items.filter(|p| p["orderable"] == true && p["mark"] == "none").cloned());
        match page["next"].as_str() {
            Some(next) if count > 3 && found.len() < count => after = format!("&after={next}"),
            _ => return found,
        }
    }
}

/// Each client sends its next order when the last is answered.
pub async fn closed_loop(work: &Work, clients: usize, seconds: u64) -> Load {
    run(work, clients, until(seconds), None).await
}

/// All clients together send `a_second`, whether or not the last is answered in time; a late start counts as waiting.
pub async fn paced(work: &Work, clients: usize, seconds: u64, a_second: f64) -> Load {
    paced_while(work, clients, a_second, until(seconds)).await
}

/// The same for as long as `go_on` says so.
pub async fn paced_while(
    work: &Work,
    clients: usize,
    a_second: f64,
    go_on: impl Fn() -> bool + Clone + Send + 'static,
) -> Load {
    run(work, clients, go_on, Some(Duration::from_secs_f64(clients as f64 / a_second))).await
}

fn until(seconds: u64) -> impl Fn() -> bool + Clone + Send + 'static {
    let end = Instant::now() + Duration::from_secs(seconds);
    move || Instant::now() < end
}

async fn run(
    work: &Work,
    clients: usize,
    go_on: impl Fn() -> bool + Clone + Send + 'static,
    pause: Option<Duration>,
) -> Load {
    let begun = Instant::now();
    let running: Vec<_> = (0..clients)
        .map(|n| {
            let (work, go_on) = (work.clone(), go_on.clone());
            tokio::spawn(async move {
                let mut took = Vec::new();
                let mut due = begun + pause.unwrap_or_default().mul_f64(n as f64 / clients as f64);
                while go_on() {
                    let from = match pause {
                        Some(pause) => {
                            tokio::time::sleep_until(due.into()).await;
                            let from = due;
                            due += pause;
                            from
                        }
                        None => Instant::now(),
                    };
                    assert!(work.send().await.is_some(), "an order failed");
                    took.push(from.elapsed());
                }
                took
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in running {
        all.extend(task.await.expect("client"));
    }
    let elapsed = begun.elapsed().as_secs_f64();
    Load { a_second: all.len() as f64 / elapsed, p99_ms: p99_ms(all) }
}

/// 99 of 100 took at most so many milliseconds.
pub fn p99_ms(mut took: Vec<Duration>) -> f64 {
    took.sort_unstable();
    took[(took.len() * 99 / 100).min(took.len() - 1)].as_secs_f64() * 1000.0
}
