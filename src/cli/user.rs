//! `jicai user`: the first people of an installation, before anybody can log in, and the way back in where nobody else is
//! left who could help.

use std::io::Read;
use std::process::ExitCode;

use clap::Subcommand;
use diesel::prelude::*;

use super::common::{ConfigArgs, end, open, runtime, say, words};
use crate::accounts::password::{Cost, Passwords};
use crate::accounts::users::{self, NewUser, User};
use crate::accounts::{attempts, resets};
use crate::party::model::Organisation;
use crate::party::organisation::{NewOrganisation, insert_organisation};
use crate::platform::clock::Clock;
use crate::platform::db::{Actor, Db};
use crate::platform::error::{Refusal, Result as Outcome};
use crate::platform::schema::organisation;
use crate::platform::secret;
use crate::platform::sql::Id;
use crate::platform::who::{Kinds, OrgKind, Post};
use crate::rules::codes;

/// The arguments of `jicai user`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Add a person; the organisation is added too where its name and city are given
    Add(Box<Add>),
    /// Take away the second step of somebody's log-in, where nobody else is left who could; ends every session
    ResetTotp(Named),
    /// Let a name be tried again that was locked after too many wrong passwords
    Unlock(Named),
}

#[derive(clap::Args)]
struct Named {
    /// What the person types at the log-in
    login: String,
    #[command(flatten)]
    config: ConfigArgs,
}

#[derive(clap::Args)]
struct Add {
    /// Unified social credit code (统一社会信用代码) of the organisation
    #[arg(long, value_name = "CODE")]
    organisation: String,
    /// Kind of organisation and post in it, such as provincial_bureau.officer or public_hospital.order
    #[arg(long, value_name = "KIND.POST")]
    role: String,
    /// What the person types at the log-in
    #[arg(long)]
    login: String,
    /// The person's name
    #[arg(long)]
    name: String,
    /// Where mails go
    #[arg(long, default_value = "")]
    email: String,
    /// Full name of the organisation, where it is to be added
    #[arg(long, requires = "city")]
    organisation_name: Option<String>,
    /// Its city without 市
    #[arg(long)]
    city: Option<String>,
    /// Read the password from standard input instead of making one
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Runs it.
pub fn run(args: &Args) -> ExitCode {
    match &args.act {
        Act::Add(add) => end("user add", add.run()),
        Act::ResetTotp(named) => end("user reset-totp", named.reset_totp()),
        Act::Unlock(named) => end("user unlock", named.unlock()),
    }
}

impl Named {
    fn reset_totp(&self) -> Result<(), String> {
        let db = open(&self.config.load()?)?;
        let actor = Actor::system("jicai user reset-totp", Clock::default().now());
        runtime()?.block_on(resets::by_operator(&db, &actor, &self.login)).map_err(words)?;
        say(&format!("已取消 {} 的两步验证，其登录已全部失效。请本人尽快重新启用。", self.login));
        Ok(())
    }

    fn unlock(&self) -> Result<(), String> {
        let db = open(&self.config.load()?)?;
        let actor = Actor::system("jicai user unlock", Clock::default().now());
        runtime()?.block_on(attempts::unlock(&db, &actor, &self.login)).map_err(words)?;
        say(&format!("登录名 {} 现在可以再次尝试登录。", self.login));
        Ok(())
    }
}

impl Add {
    fn run(&self) -> Result<(), String> {
        let config = self.config.load()?;
        let (kind, post) = role(&self.role)?;
        let (password, made) = self.password()?;
        let db = open(&config)?;
        let user = runtime()?.block_on(self.add(&db, kind, post, password.clone())).map_err(words)?;
        say(&format!(
            "已添加{}“{}”（{}），登录名 {}。",
            kind.label(),
            user.display_name,
            post.label(),
            user.login
        ));
        if made {
            say(&format!("初始密码：{password}"));
            say("该密码只显示这一次，请当面或以安全方式交给本人。");
        }
        Ok(())
    }

    fn password(&self) -> Result<(String, bool), String> {
        if !self.password_stdin {
            return Ok((secret::fresh().chars().take(20).collect(), true));
        }
        let mut text = String::new();
        std::io::stdin().take(1024).read_to_string(&mut text).map_err(|e| format!("无法读取密码：{e}"))?;
        Ok((text.trim_end_matches(['\r', '\n']).to_owned(), false))
    }

    async fn add(&self, db: &Db, kind: OrgKind, post: Post, password: String) -> Outcome<User> {
        let now = Clock::default().now();
        let actor = Actor::system("jicai user add", now);
        let new = NewUser {
            // Replaced inside the write, where the organisation is known.
            organisation: Id::default(),
            login: self.login.clone(),
            display_name: self.name.clone(),
            email: self.email.clone(),
            function: post,
            password,
        };
        let code = codes::clean_uscc(&self.organisation);
        let there = organisation::table.filter(organisation::credit_code.eq(code)).select(organisation::name);
        let there: Option<String> = db.read(move |c| Ok(there.first(c).optional()?)).await?;
        let its_name = there.or_else(|| self.organisation_name.clone()).unwrap_or_default();
        let prepared = users::prepare(&Passwords::new(Cost::Real)?, now, new, &its_name).await?;
        let (code, name, city) =
            (codes::clean_uscc(&self.organisation), self.organisation_name.clone(), self.city.clone());
        db.write(&actor, move |tx| {
            let found: Option<Organisation> = organisation::table
                .filter(organisation::credit_code.eq(&code))
                .select(Organisation::as_select())
                .first(tx.conn)
                .optional()?;
            let organisation = match (found, &name, &city) {
                (Some(found), _, _) => found,
                (None, Some(name), Some(city)) => {
                    let (name, credit_code, city) = (name.clone(), code.clone(), city.clone());
                    insert_organisation(
                        tx,
                        &NewOrganisation {
                            kind,
                            name,
                            credit_code,
                            city,
                            other_kinds: Kinds::default(),
                            district: String::new(),
                        },
                    )?
                }
                _ => return Err(unknown(&code).into()),
            };
            if organisation.kind != kind {
                return Err(Refusal::field(
                    "/role",
                    format!(
                        "{}是{}，不是{}，请核对 --role。",
                        organisation.name,
                        organisation.kind.label(),
                        kind.label()
                    ),
                )
                .into());
            }
            users::insert(tx, &User { organisation_id: organisation.id, ..prepared.clone() })
        })
        .await
    }
}

fn unknown(code: &str) -> Refusal {
    let detail =
        format!("没有统一社会信用代码为 {code} 的单位；要一并添加，请再给出 --organisation-name 与 --city。");
    Refusal::field("/organisation", detail)
}

fn role(text: &str) -> Result<(OrgKind, Post), String> {
    let list = |words: Vec<&str>| words.join("、");
    let (kind, post) =
        text.split_once('.').ok_or("--role 应写成 单位类型.岗位，例如 provincial_bureau.officer")?;
    let kind = kind.parse().map_err(|_| {
        format!(
            "--role 中的单位类型 {kind} 无法识别；可用的有 {}",
            list(OrgKind::ALL.iter().map(|k| k.as_str()).collect())
        )
    })?;
    let post = post.parse().map_err(|_| {
        format!(
            "--role 中的岗位 {post} 无法识别；可用的有 {}",
            list(Post::ALL.iter().map(|f| f.as_str()).collect())
        )
    })?;
    Ok((kind, post))
}
