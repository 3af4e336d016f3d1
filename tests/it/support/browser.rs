//! A real browser: Chromium through chromedriver, where one is found.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use super::db::required;

/// The office screen and the phone of the design.
pub const SCREEN: (u32, u32) = (1366, 768);
pub const PHONE: (u32, u32) = (390, 844);
/// The office screen at 150 %.
pub const ZOOMED: (u32, u32) = (910, 700);

/// One browser window.
pub struct Browser {
    pub client: Client,
    base: String,
}

impl Browser {
    /// A window on `base` (`http://127.0.0.1:PORT`); none where no chromedriver is found, unless one is required.
    pub async fn open(base: &str, script: bool) -> Option<Self> {
        let driver = driver()?;
        let profile = tempfile::tempdir().expect("tempdir").keep();
        let mut chrome = json!({ "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=zh-CN",
            "--force-device-scale-factor=1", format!("--user-data-dir={}", profile.display()),
        ]});
        if !script {
            chrome["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
        }
        let mut capabilities = Capabilities::new();
        capabilities.insert("goog:chromeOptions".into(), chrome);
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&driver.url)
            .await
            .expect("a browser session");
        let browser = Self { client, base: base.trim_end_matches('/').into() };
        browser.size(SCREEN).await;
        Some(browser)
    }

    /// Makes the page so large inside the window, whatever the window's own frame takes.
    pub async fn size(&self, (width, height): (u32, u32)) {
        self.client.set_window_size(width, height).await.expect("size");
        let script = "return [outerWidth - innerWidth, outerHeight - innerHeight]";
        let Ok(frame) = self.client.execute(script, vec![]).await else { return };
        let more = |n: usize| frame[n].as_u64().and_then(|px| u32::try_from(px).ok()).unwrap_or(0);
        self.client.set_window_size(width + more(0), height + more(1)).await.expect("size");
    }

    /// Opens a path of the portal.
    pub async fn go(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.base)).await.expect("page");
    }

    /// The path that is shown.
    pub async fn path(&self) -> String {
        self.client.current_url().await.expect("url").path().to_owned()
    }

    /// The element, waiting a while for it.
    pub async fn find(&self, css: &str) -> Element {
        match self.client.wait().at_most(Duration::from_secs(10)).for_element(Locator::Css(css)).await {
            Ok(element) => element,
            Err(e) => panic!("{css} on {}: {e}\n{}", self.path().await, self.text().await),
        }
    }

    /// Everything that can be read on the page.
    pub async fn text(&self) -> String {
        // The page may just be going away.
        let read = async { self.client.find(Locator::Css("body")).await?.text().await };
        read.await.unwrap_or_else(|e| format!("no body: {e}"))
    }

    /// Waits until the page says `words`.
    pub async fn says(&self, words: &str) {
        let patience = Instant::now();
        loop {
            let text = self.text().await;
            if text.contains(words) {
                return;
            }
            assert!(
                patience.elapsed() < Duration::from_secs(10),
                "{words:?} is not on {}:\n{text}",
                self.path().await
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Types into a field, in place of what stands in it.
    pub async fn fill(&self, css: &str, value: &str) {
        let field = self.find(css).await;
        field.clear().await.expect("clear");
        field.send_keys(value).await.expect("keys");
    }

    /// Clicks.
    pub async fn click(&self, css: &str) {
        self.find(css).await.click().await.unwrap_or_else(|e| panic!("click {css}: {e}"));
    }

    /// Presses a key on whatever has the focus.
    pub async fn press(&self, key: Key) {
        let focused = self.client.active_element().await.expect("focus");
        focused.send_keys(&char::from(key).to_string()).await.expect("key");
    }

    /// Types on whatever has the focus.
    pub async fn type_keys(&self, text: &str) {
        self.client.active_element().await.expect("focus").send_keys(text).await.expect("keys");
    }

    /// Tabs until the focused element matches `css`; a person without a mouse would do the same.
    pub async fn tab_to(&self, css: &str) {
        for _ in 0..120 {
            let there = self
                .client
                .execute(
                    "return !!document.activeElement && document.activeElement.matches(arguments[0])",
                    vec![json!(css)],
                )
                .await
                .expect("script");
            if there == Value::Bool(true) {
                return;
            }
            self.press(Key::Tab).await;
        }
        panic!("{css} cannot be reached with the keyboard on {}", self.path().await);
    }

    /// Keeps a picture of the whole page, for people to look at.
    pub async fn picture(&self, name: &str) {
        let script = "return [outerWidth, outerHeight - innerHeight + document.documentElement.scrollHeight]";
        if let Ok(whole) = self.client.execute(script, vec![]).await {
            let px = |n: usize| whole[n].as_u64().and_then(|px| u32::try_from(px).ok()).unwrap_or(800);
            self.client.set_window_size(px(0), px(1).min(6000)).await.expect("size");
        }
        let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/artefacts");
        std::fs::create_dir_all(&dir).expect("artefacts");
        let png = self.client.screenshot().await.expect("screenshot");
        std::fs::write(dir.join(format!("{name}.png")), png).expect("png");
    }

    /// Fails where a list hides a mark of a row, or breaks a cell's words into single characters.
    pub async fn holds_its_boxes(&self) {
        let wrong = self
            .client
            .execute(
                "const seen = e => e.getClientRects().length > 0; \
                 const marks = '.risk-yellow, .risk-red'; \
                 const hidden = [...document.querySelectorAll('.grid tbody tr')].filter(seen) \
                   .filter(r => r.querySelector(marks) && ![...r.querySelectorAll(marks)].some(seen)); \
                 const thin = [...document.querySelectorAll('.grid td, .grid th')].filter(seen) \
                   .filter(c => c.textContent.trim().length > 3 && !c.querySelector('.visually-hidden') \
                     && c.getBoundingClientRect().width < 40 && c.getBoundingClientRect().height > 70); \
                 return [...hidden, ...thin].map(e => e.textContent.trim())",
                vec![],
            )
            .await
            .expect("script");
        assert_eq!(wrong, json!([]), "on {}", self.path().await);
    }

    /// Fails on a finding of axe-core, and on a page that scrolls sideways.
    pub async fn is_accessible(&self) {
        const AXE: &str = include_str!("../../vendor/axe/axe.min.js");
        self.client.execute(AXE, vec![]).await.expect("axe");
        let found = self
            .client
            .execute_async(
                "const done = arguments[arguments.length - 1]; \
                 axe.run(document, { resultTypes: ['violations'] }).then(r => done(r.violations \
                   .map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ') + ' ' + n.failureSummary).join('; '))))",
                vec![],
            )
            .await
            .expect("axe ran");
        assert_eq!(found, json!([]), "on {}", self.path().await);
        let sideways = self
            .client
            .execute(
                "return document.documentElement.scrollWidth - document.documentElement.clientWidth",
                vec![],
            )
            .await
            .expect("script");
        assert!(
            sideways.as_i64().is_some_and(|px| px <= 0),
            "{} scrolls sideways by {sideways}",
            self.path().await
        );
        self.holds_its_boxes().await;
    }

    /// Closes the window.
    pub async fn close(self) {
        self.client.close().await.expect("close");
    }
}

struct Driver {
    url: String,
    _shell: Child,
}

fn driver() -> Option<&'static Driver> {
    static DRIVER: OnceLock<Option<Driver>> = OnceLock::new();
    DRIVER
        .get_or_init(|| {
            let found = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
                .map(|dir| dir.join("chromedriver"))
                .find(|file| file.is_file());
            let Some(program) = found else {
                assert!(!required("browser"), "JICAI_REQUIRE names browser, but no chromedriver was found");
                eprintln!("skipped in the browser: no chromedriver on the PATH");
                return None;
            };
            Some(start(&program.display().to_string()))
        })
        .as_ref()
}

/// The shell stops chromedriver when the tests end, however that comes about: its standard input closes then.
fn start(program: &str) -> Driver {
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("address").port();
    let script = format!(
        "'{program}' --port={port} >/dev/null 2>&1 & driver=$!; cat >/dev/null || true; kill $driver"
    );
    let shell = Command::new("sh")
        .args(["-c", &script])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("sh");
    let patience = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(patience.elapsed() < Duration::from_secs(20), "chromedriver did not start");
        std::thread::sleep(Duration::from_millis(50));
    }
    Driver { url: format!("http://127.0.0.1:{port}"), _shell: shell }
}
