//! Where the first administrator comes in. Opening the page uses nothing: mail programs open links by themselves.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::admission::{self, FirstAdministrator};
use super::pages::{Key, applicant, unusable};
use super::views::WelcomePage;
use crate::accounts::door::Auth;
use crate::accounts::name::{DISPLAY_NAME, LOGIN};
use crate::accounts::strength::PASSWORD;
use crate::platform::error::{Error, FieldError, Refusal, Result};
use crate::platform::http::form::Form;
use crate::platform::http::view::{Field, Frame, Kind, focus_first};
use crate::platform::http::{Query, act, page};
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
    let opened = async {
        let opened = admission::open(&auth, &who, key, given(&form)?).await;
        // A name that is taken is a matter of its field.
        act::at_field("/login", |no| matches!(no.status, 409 | 422) && !is_of_link(no), opened)
    };
    let answer = act::answer(
        &request,
        opened,
        async |user| act::done("/login", format!("账号 {} 已开通，请登录。", user.login)),
        async |page, no| Ok(view(page.frame, organisation.name, key, &form, &no.errors)),
    );
    match answer.await {
        Err(Error::Refused(refusal)) if is_of_link(&refusal) => unusable(&request, UNUSABLE, &refusal).await,
        other => other,
    }
}

fn is_of_link(refusal: &Refusal) -> bool {
    refusal.code.starts_with("LINK_")
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

fn view(frame: Frame, organisation: String, key: &str, form: &Form, errors: &[FieldError]) -> WelcomePage {
    let fields = [
        Field::of(Kind::Text, &LOGIN)
            .help("3 至 64 个小写字母、数字或 . _ - @，以字母或数字开头")
            .autocomplete("username"),
        Field::of(Kind::Text, &DISPLAY_NAME).called("display_name", "您的姓名").autocomplete("name"),
        Field::of(Kind::Password, &PASSWORD)
            .help(format!("至少 {} 个字符，越长越好；不要使用在别处用过的密码", PASSWORD.least))
            .autocomplete("new-password"),
        Field::of(Kind::Password, &PASSWORD).called("again", "再填一次密码").autocomplete("new-password"),
    ];
    let mut fields = fields.map(|f| form.refill(f, errors));
    let errors = focus_first(fields.iter_mut());
    WelcomePage { frame, organisation, key: key.into(), fields: fields.into(), errors }
}
