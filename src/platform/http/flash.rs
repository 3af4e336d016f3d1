//! What has just happened, shown once on the next page. It travels in a cookie, is written out as text and never trusted.

use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::view::{Flash, Link, Tone};

/// Longest value of the cookie; browsers take about 4 KiB.
const LONGEST: usize = 3_000;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    tone: char,
    text: String,
    link: Option<(String, String)>,
}

/// Marks a response that leaves a notice behind; the middleware makes the cookie.
#[derive(Debug, Clone)]
pub struct Left(pub String);

/// Marks a request whose notices were shown; the middleware removes the cookie.
#[derive(Debug, Clone, Copy)]
pub struct NoticesShown;

/// Adds a notice to a redirect.
pub fn with_flash(
    mut response: HttpResponse,
    tone: Tone,
    text: impl Into<String>,
    link: Option<Link>,
) -> HttpResponse {
    let kept = Kept { tone: letter(tone), text: text.into(), link: link.map(|l| (l.text, l.href)) };
    if let Ok(bytes) = serde_json::to_vec(&kept) {
        let value = URL_SAFE_NO_PAD.encode(bytes);
        if value.len() <= LONGEST {
            response.extensions_mut().insert(Left(value));
        }
    }
    response
}

/// The notice that the request's cookie carries.
pub fn take(request: &HttpRequest, value: &str) -> Option<Flash> {
    request.extensions_mut().insert(NoticesShown);
    let bytes = URL_SAFE_NO_PAD.decode(value).ok()?;
    let kept: Kept = serde_json::from_slice(&bytes).ok()?;
    // Only links inside the portal.
    let link =
        kept.link.filter(|(_, href)| super::site::is_local(href)).map(|(text, href)| Link::new(text, href));
    Some(Flash { tone: tone(kept.tone), text: kept.text, link })
}

fn letter(tone: Tone) -> char {
    match tone {
        Tone::Plain => 'p',
        Tone::Waiting => 'w',
        Tone::Done => 'd',
        Tone::Hint => 'h',
        Tone::Wrong => 'x',
    }
}

fn tone(letter: char) -> Tone {
    match letter {
        'w' => Tone::Waiting,
        'd' => Tone::Done,
        'h' => Tone::Hint,
        'x' => Tone::Wrong,
        _ => Tone::Plain,
    }
}
