//! Where the first administrator comes in. Opening the page uses nothing: mail programs open links by themselves.

use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};

use super::admission::{self, FirstAdministrator};
use super::pages::{Key, applicant, unusable};
use super::views::WelcomePage;
use crate::accounts::door::Auth;
use crate::platform::error::{Error, FieldError, Refusal, Result};
use crate::platform::http::flash::with_flash;
use crate::platform::http::form::Form;
use crate::platform::http::view::{Field, Frame, Kind, Tone, focus_first};
use crate::platform::http::{page, reply};
use crate::platform::who::guard::Anyone;

const UNUSABLE: &str = "链接不能使用";

/// `GET /welcome?key=`.
///
/// # Errors
/// Of the database; a link that does not work is explained.
pub async fn show(
    _: Anyone,
    auth: Data<Auth>,
    key: Query<Key>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    match admission::look(&auth, &key.key).await {
        Ok(organisation) => {
            let frame = page::frame(&request).await?;
            page::html(&view(frame, organisation.name, &key.key, &Form::default(), &[]))
        }
        Err(Error::Refused(refusal)) => unusable(&request, UNUSABLE, &refusal).await,
        Err(other) => Err(other),
    }
}

/// `POST /welcome`: uses the link.
///
/// # Errors
/// Of the database; what is wrong is shown with the form.
pub async fn open(_: Anyone, auth: Data<Auth>, form: Form, request: HttpRequest) -> Result<HttpResponse> {
    let (who, key) = (applicant(&request)?, form.value("key"));
    let organisation = match admission::look(&auth, key).await {
        Ok(found) => found,
        Err(Error::Refused(refusal)) => return unusable(&request, UNUSABLE, &refusal).await,
        Err(other) => return Err(other),
    };
    let opened = match given(&form) {
        Ok(given) => admission::open(&auth, &who, key, given).await,
        Err(error) => Err(error),
    };
    match opened {
        Ok(user) => {
            let text = format!("账号 {} 已开通，请登录。", user.login);
            Ok(with_flash(reply::see_other("/login"), Tone::Done, text, None))
        }
        Err(Error::Refused(refusal)) if refusal.code.starts_with("LINK_") => {
            unusable(&request, UNUSABLE, &refusal).await
        }
        Err(Error::Refused(refusal)) if matches!(refusal.status, 409 | 422) => {
            let frame = page::frame(&request).await?;
            let errors = errors(&refusal);
            page::html_with(422, &view(frame, organisation.name, key, &form, &errors))
        }
        Err(other) => Err(other),
    }
}

fn given(form: &Form) -> Result<FirstAdministrator> {
    if form.value("password") != form.value("again") {
        return Err(Refusal::field("/again", "两次填写的密码不一致，请重新填写").into());
    }
    let text = |name: &str| form.value(name).to_owned();
    Ok(FirstAdministrator {
        login: text("login"),
        display_name: text("display_name"),
        password: text("password"),
    })
}

/// A name that is taken is a matter of its field.
fn errors(refusal: &Refusal) -> Vec<FieldError> {
    if refusal.errors.is_empty() {
        return vec![FieldError { pointer: "/login".into(), detail: refusal.detail.clone() }];
    }
    refusal.errors.clone()
}

fn view(frame: Frame, organisation: String, key: &str, form: &Form, errors: &[FieldError]) -> WelcomePage {
    let fields = [
        Field::new(Kind::Text, "login", "登录名")
            .help("3 至 64 个小写字母、数字或 . _ - @，以字母或数字开头")
            .autocomplete("username")
            .longest(64),
        Field::new(Kind::Text, "display_name", "您的姓名").autocomplete("name").longest(50),
        Field::new(Kind::Password, "password", "密码")
            .help("至少 12 个字符，越长越好；不要使用在别处用过的密码")
            .autocomplete("new-password")
            .longest(128),
        Field::new(Kind::Password, "again", "再填一次密码").autocomplete("new-password").longest(128),
    ];
    let mut fields = fields.map(|f| form.refill(f, errors));
    let errors = focus_first(fields.iter_mut());
    WelcomePage { frame, organisation, key: key.into(), fields: fields.into(), errors }
}
