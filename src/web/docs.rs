//! What machines and programmers ask for: is the instance alive, what does the API offer.

use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use utoipa_swagger_ui::Config;

use crate::platform::db::Db;
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::health;
use crate::platform::http::{problem, reply};
use crate::platform::who::guard::Anyone;

/// `GET /healthz`: the process answers.
///
/// # Errors
/// None.
pub async fn alive(_: Anyone) -> Result<HttpResponse> {
    Ok(reply::ok(&health::alive()))
}

/// `GET /readyz`: the database answers too. 503 where it does not.
///
/// # Errors
/// 503 `NOT_READY`.
pub async fn ready(_: Anyone, db: Data<Db>, request: HttpRequest) -> Result<HttpResponse> {
    match health::ready(&db).await {
        Ok(health) => Ok(reply::ok(&health)),
        Err(cause) => {
            tracing::error!(%cause, "not ready");
            let refusal =
                Refusal::new(503, "NOT_READY", "平台暂不可用：数据库没有响应。").with("retry_after", 5);
            Ok(problem::respond(&request, &refusal.into(), "").await)
        }
    }
}

/// What writes the description of the API. The server hands it in: it reads the whole route table, these lines among them.
pub struct Description(pub fn() -> Result<&'static str>);

/// `GET /api/v1/openapi.json`: the API in OpenAPI 3.1.
///
/// # Errors
/// Internal.
pub async fn openapi(_: Anyone, description: Data<Description>) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body((description.0)()?))
}

/// `GET /api/docs`.
///
/// # Errors
/// None.
pub async fn to_swagger(_: Anyone) -> Result<HttpResponse> {
    Ok(reply::see_other("/api/docs/"))
}

/// `GET /api/docs/…`: Swagger UI, from the program itself.
///
/// # Errors
/// 404.
pub async fn swagger(_: Anyone, file: Path<String>) -> Result<HttpResponse> {
    let config = Arc::new(Config::from("/api/v1/openapi.json").validator_url("none"));
    let file = utoipa_swagger_ui::serve(&file, config).map_err(Error::internal)?;
    let file = file.ok_or_else(|| Refusal::not_found("文件"))?;
    let mut response = HttpResponse::Ok();
    if file.gzpipped {
        response.insert_header((CONTENT_ENCODING, "gzip"));
    }
    let bytes = file.bytes.into_owned();
    Ok(response
        .insert_header((CONTENT_TYPE, file.content_type))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(bytes))
}
