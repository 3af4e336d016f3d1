//! Somebody who sends requests: at the API with a token, or in a browser with a session.

use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Client, Method, RequestBuilder, redirect};
use serde_json::Value;

/// How somebody proves who they are.
#[derive(Debug, Clone)]
pub enum Credential {
    None,
    Bearer(String),
    Session {
        secret: String,
        form_token: String,
    },
    /// Somebody without an account who has opened a page with a form.
    Visitor {
        form_token: String,
    },
}

impl Credential {
    fn form_token(&self) -> &str {
        match self {
            Self::Session { form_token, .. } | Self::Visitor { form_token } => form_token,
            _ => "",
        }
    }
}

/// Somebody who sends requests.
#[derive(Debug, Clone)]
pub struct Actor {
    client: Client,
    pub base: String,
    pub credential: Credential,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    /// Fails with the body unless the status is that.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Fails unless it is a problem document of that status and code with all the members that RFC 9457 asks for.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Value {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text);
        let document = self.expect(status).json();
        assert_eq!(document["code"], code, "{document}");
        assert_eq!(document["status"], status, "{document}");
        for member in ["type", "title", "detail", "instance", "request_id"] {
            assert!(document[member].as_str().is_some_and(|t| !t.is_empty()), "{member} in {document}");
        }
        document
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    /// A header's value; empty where it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().expect("ASCII"))
    }

    /// The cookie of that name that the answer sets, with its attributes.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let all = self.headers.get_all("set-cookie").iter().filter_map(|v| v.to_str().ok());
        all.filter_map(|c| c.strip_prefix(&format!("{name}=")).map(ToOwned::to_owned)).next()
    }
}

impl Actor {
    pub fn new(base: &str, credential: Credential) -> Self {
        let client = Client::builder().redirect(redirect::Policy::none()).no_proxy().build().expect("client");
        Self { client, base: base.into(), credential }
    }

    /// The same browser after an answer that gave its session another secret.
    pub fn renewed(&self, answer: &Answer) -> Self {
        let cookie = answer.cookie("jicai-session").expect("a session cookie");
        let secret = cookie.split(';').next().expect("a value").to_owned();
        let form_token = self.credential.form_token().to_owned();
        Self { credential: Credential::Session { secret, form_token }, ..self.clone() }
    }

    /// A request with what proves who it is, for whatever else a test wants to add.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method: Method = method.parse().expect("method");
        let request = self.client.request(method, format!("{}{path}", self.base));
        match &self.credential {
            Credential::None => request,
            Credential::Bearer(token) => request.bearer_auth(token),
            Credential::Session { secret, .. } => request.header("cookie", format!("jicai-session={secret}")),
            Credential::Visitor { form_token } => {
                request.header("cookie", format!("jicai-form={form_token}"))
            }
        }
    }

    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, text: response.text().await.expect("a body") }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path)).await
    }

    /// Sends JSON.
    pub async fn json(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.send(self.request(method, path).json(body)).await
    }

    /// Sends JSON with a fresh idempotency key.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        let key = uuid::Uuid::new_v4().to_string();
        self.send(self.request("POST", path).header("idempotency-key", key).json(body)).await
    }

    /// Sends text as it is, said to be JSON.
    pub async fn raw(&self, method: &str, path: &str, body: impl Into<reqwest::Body>) -> Answer {
        self.send(self.request(method, path).header("content-type", "application/json").body(body)).await
    }

    /// Sends a form as our own page would: with the form token, a fresh idempotency key and our origin.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.credential.form_token();
        let key = uuid::Uuid::new_v4().to_string();
        let mut all = vec![("form_token", token), ("idempotency_key", key.as_str())];
        all.retain(|(name, _)| fields.iter().all(|(given, _)| given != name));
        all.extend_from_slice(fields);
        let origin = HeaderValue::from_str(&self.base).expect("origin");
        self.send(self.request("POST", path).header("origin", origin).form_fields(&all)).await
    }
}

/// A file of an upload: its field, its name, its content.
pub type Sent<'a> = (&'a str, &'a str, &'a [u8]);

impl Actor {
    /// Sends a form with files: at the portal as our own page would, at the API with the token.
    pub async fn upload(&self, path: &str, fields: &[(&str, &str)], files: &[Sent<'_>]) -> Answer {
        let mut all: Vec<(&str, &str)> = fields.to_vec();
        all.extend(Some(("form_token", self.credential.form_token())).filter(|(_, token)| !token.is_empty()));
        let boundary = "----jicai-test-boundary";
        let mut body = Vec::new();
        for (name, value) in all {
            body.extend(
                format!("--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                    .bytes(),
            );
        }
        for (field, name, bytes) in files {
            let head = format!(
                "--{boundary}\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\ncontent-type: image/png\r\n\r\n"
            );
            body.extend(head.bytes());
            body.extend_from_slice(bytes);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{boundary}--\r\n").bytes());
        let request = self.request("POST", path).header("origin", &self.base);
        let request = request.header("content-type", format!("multipart/form-data; boundary={boundary}"));
        let key = uuid::Uuid::new_v4().to_string();
        self.send(request.header("idempotency-key", key).body(body)).await
    }
}

/// A form body; the client library's own needs a feature that nothing else does.
pub trait FormFields {
    fn form_fields(self, fields: &[(&str, &str)]) -> Self;
}

impl FormFields for RequestBuilder {
    fn form_fields(self, fields: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.header("content-type", "application/x-www-form-urlencoded").body(body)
    }
}
