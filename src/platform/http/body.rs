//! The body of a request, read whole before the handler runs: what arrived late was received late.

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{HttpMessage, HttpRequest};
use futures_util::StreamExt;

use super::lane::{self, Held, Lane};
use crate::clock::Clock;
use crate::error::{Error, Refusal, Result};
use crate::sql::Time;

/// The body, and when its last byte was read.
#[derive(Debug, Clone)]
pub struct Received {
    /// All of it.
    pub body: Bytes,
    /// The clock when the last byte was read: what deadlines look at.
    pub at: Time,
    /// What a large one holds until the request ends.
    pub held: Option<Arc<Held>>,
}

/// How much is read.
#[derive(Debug, Clone, Copy)]
pub struct Most {
    /// Bytes that are kept.
    pub kept: usize,
    /// Bytes beyond them that are read and dropped before the refusal is written: a browser that is still sending shows the
    /// answer only after it could send everything.
    pub dropped: usize,
}

/// Reads the body; more than may be kept is refused without being kept. A large one comes in through the `lane`.
///
/// # Errors
/// 413 `TOO_LARGE`; 400 where the connection breaks off; 503 `TOO_MANY_UPLOADS`.
pub async fn read(
    request: &mut ServiceRequest,
    most: Most,
    clock: &Clock,
    lane: &Lane,
    network: IpAddr,
) -> Result<Received> {
    let announced =
        request.headers().get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    if announced.is_some_and(|n: usize| n > most.kept.saturating_add(most.dropped)) {
        return Err(too_large(most).into());
    }
    let mut payload = request.take_payload();
    let mut part = BytesMut::new();
    let mut spool = None;
    let mut count = 0;
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Refusal::unreadable("请求内容没有传完，请重试。"))?;
        count += chunk.len();
        if count > most.kept.saturating_add(most.dropped) {
            return Err(too_large(most).into());
        }
        if count > most.kept {
            (part, spool) = (BytesMut::new(), None);
            continue;
        }
        part.extend_from_slice(&chunk);
        if part.len() > lane::HELD {
            let open = match spool.take() {
                Some(open) => open,
                None => lane.enter(network).await?,
            };
            spool = Some(open.put(part.split().freeze()).await?);
        }
    }
    if count > most.kept {
        return Err(too_large(most).into());
    }
    let at = clock.now();
    match spool {
        None => Ok(Received { body: part.freeze(), at, held: None }),
        Some(spool) => {
            let (body, held) = spool.put(part.freeze()).await?.back(count).await?;
            Ok(Received { body, at, held: Some(Arc::new(held)) })
        }
    }
}

fn too_large(most: Most) -> Refusal {
    let mib = most.kept / 1024 / 1024;
    let detail = if most.dropped == 0 {
        format!("请求内容过大，至多 {mib} MB。请分批提交，或使用表格导入。")
    } else {
        format!("文件过大，一次上传至多 {mib} MB。请压缩或拆分后重新上传。")
    };
    Refusal::new(413, "TOO_LARGE", detail)
}

/// What the middleware read.
///
/// # Errors
/// Internal, where a route was registered past the route table.
pub fn received(request: &HttpRequest) -> Result<Received> {
    request
        .extensions()
        .get::<Received>()
        .cloned()
        .ok_or_else(|| Error::internal("a route without its middleware"))
}

/// The media type without its parameters, lower case; empty where there is none given.
pub fn media_type(request: &HttpRequest) -> String {
    request.content_type().trim().to_ascii_lowercase()
}
