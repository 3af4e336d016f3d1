//! Forms with files (`multipart/form-data`). The middleware reads them once, before the form token is looked at.
//!
//! ```ignore
//! pub async fn attach(who: SupplierClerk, db: Data<Db>, upload: Upload) -> Result<HttpResponse> {
//!     let fields = upload.form.reader();                         // the other fields, as with `Form`
//!     let files = upload.keep(&db, who.received_at, "evidence").await?;   // stored; refused with 422 /evidence
//!     db.write(&who.actor(), move |tx| { … attachment::attach(tx, &files, Some(owner), "claim", claim.id)?; … }).await
//! ```
//!
//! For what is read and not kept, such as a sheet to import, `upload.file("sheet")?` holds the bytes.

use std::convert::Infallible;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap};
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::{Ready, ready};
use futures_util::stream;

use super::form::Form;
use crate::db::Db;
use crate::error::{Error, Refusal, Result};
use crate::files::{self, StoredFile};
use crate::sql::Time;

/// Parts of one request at most.
const MOST_PARTS: usize = 200;
/// Characters of a file's name that are kept.
pub const LONGEST_NAME: usize = 100;

/// A form with files.
#[derive(Debug, Clone, Default)]
pub struct Upload {
    /// Its fields.
    pub form: Form,
    files: Vec<File>,
}

/// A file as it was sent.
#[derive(Debug, Clone)]
pub struct File {
    /// The field that it came in.
    pub field: String,
    /// Its name without folders and without characters that could mislead; never says what it is.
    pub name: String,
    /// Its content.
    pub bytes: Bytes,
}

/// A file that is kept, with the name that it came under.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its name, with the ending that fits its content.
    pub name: String,
    /// What is kept.
    pub file: StoredFile,
}

impl FromRequest for Upload {
    type Error = Error;
    type Future = Ready<Result<Self>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = request.extensions().get::<Self>().cloned();
        ready(found.ok_or_else(|| {
            let detail = "请用带文件的表单（multipart/form-data）上传。";
            Refusal::new(415, "UNSUPPORTED_MEDIA_TYPE", detail).into()
        }))
    }
}

impl Upload {
    /// From what is at hand.
    pub fn new(form: Form, files: Vec<File>) -> Self {
        Self { form, files }
    }

    /// The files of a field.
    pub fn files<'a>(&'a self, field: &'a str) -> impl Iterator<Item = &'a File> {
        self.files.iter().filter(move |f| f.field == field)
    }

    /// The fields in which files were chosen, each once.
    pub fn file_fields(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.files.iter().map(|file| file.field.as_str()).collect();
        names.dedup();
        names
    }

    /// The one file of a field.
    ///
    /// # Errors
    /// 422 naming the field, where none was chosen.
    pub fn file(&self, field: &str) -> Result<&File> {
        let found = self.files.iter().find(|f| f.field == field);
        found.ok_or_else(|| Refusal::field(format!("/{field}"), "请选择要上传的文件。").into())
    }

    /// Keeps all files of a field; there may be none.
    ///
    /// # Errors
    /// 422 naming the field and the file, where one is empty, too large, or of a kind that is not taken.
    pub async fn keep(&self, db: &Db, now: Time, field: &str) -> Result<Vec<Kept>> {
        let mut kept = Vec::new();
        for file in self.files(field) {
            let stored = files::store(db, now, &format!("/{field}"), file.bytes.to_vec()).await;
            let stored = stored.map_err(|error| named(error, field, &file.name))?;
            kept.push(Kept { name: fitting(&file.name, &stored.media_type), file: stored });
        }
        Ok(kept)
    }
}

/// The same refusal with the name of the file, for who sent several.
fn named(error: Error, field: &str, name: &str) -> Error {
    match error {
        Error::Refused(refusal) if refusal.code == "INVALID" => {
            Refusal::field(format!("/{field}"), format!("{name}：{}", refusal.detail)).into()
        }
        other => other,
    }
}

/// Reads the form where the body is one with files; none where it is something else.
///
/// # Errors
/// 400 where it cannot be read; 413 with too many parts; 415 where the route takes no files.
pub async fn read(headers: &HeaderMap, expected: bool, body: &Bytes) -> Result<Option<Upload>> {
    let given = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !given.trim_start().to_ascii_lowercase().starts_with("multipart/form-data") {
        return Ok(None);
    }
    if !expected {
        return Err(
            Refusal::new(415, "UNSUPPORTED_MEDIA_TYPE", "这里不接受文件，请在页面上填写并提交。").into()
        );
    }
    let boundary = multer::parse_boundary(given).map_err(|_| broken())?;
    let source = stream::iter([Ok::<_, Infallible>(body.clone())]);
    let mut parts = multer::Multipart::new(source, boundary);
    let (mut fields, mut files) = (Vec::new(), Vec::new());
    while let Some(part) = parts.next_field().await.map_err(|_| broken())? {
        if fields.len() + files.len() >= MOST_PARTS {
            return Err(Refusal::new(413, "TOO_LARGE", "一次提交的内容项过多，请分批提交。").into());
        }
        let name = part.name().unwrap_or_default().to_owned();
        match part.file_name().map(clean) {
            None => fields.push((name, part.text().await.map_err(|_| broken())?)),
            Some(given) => {
                let bytes = part.bytes().await.map_err(|_| broken())?;
                // A browser sends an unnamed, empty file where none was chosen.
                if !(given.is_empty() && bytes.is_empty()) {
                    files.push(File { field: name, name: given, bytes });
                }
            }
        }
    }
    Ok(Some(Upload { form: Form::from_fields(fields), files }))
}

fn broken() -> Refusal {
    Refusal::unreadable("上传的内容不完整或无法读取，请重新选择文件后再试。")
}

/// The last part of a path, without control characters and marks that turn the direction of writing.
pub fn clean(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let good = |c: &char| {
        !c.is_control()
            && !matches!(c, '"' | '<' | '>' | '|' | ':' | '*' | '?' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    last.trim().trim_start_matches('.').chars().filter(good).take(LONGEST_NAME).collect()
}

/// The name with the ending of what the file is, whatever it was called.
pub fn fitting(name: &str, media_type: &str) -> String {
    let endings: &[&str] = match media_type {
        "application/pdf" => &["pdf"],
        "image/png" => &["png"],
        "image/jpeg" => &["jpg", "jpeg"],
        "application/ofd" => &["ofd"],
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => &["xlsx"],
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => &["docx"],
        _ => &["bin"],
    };
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    if endings.iter().any(|e| ending.eq_ignore_ascii_case(e)) {
        return name.to_owned();
    }
    let stem = if stem.is_empty() { "文件" } else { stem };
    format!("{stem}.{}", endings.first().copied().unwrap_or("bin"))
}
