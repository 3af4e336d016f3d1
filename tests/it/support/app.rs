//! The real server on a free port, with people of every kind who are already known to it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use actix_web::dev::ServerHandle;
use diesel::prelude::*;
use jicai::accounts::door::Auth;
use jicai::accounts::jwt::Tokens;
use jicai::accounts::keys::Keys;
use jicai::accounts::login::Proven;
use jicai::accounts::password::{Cost, Passwords};
use jicai::accounts::session;
use jicai::accounts::users::{self, NewUser};
use jicai::party::Organisation;
use jicai::party::organisation::{NewOrganisation, register};
use jicai::platform::clock::Clock;
use jicai::platform::db::{Actor as DbActor, Db};
use jicai::platform::http::Site;
use jicai::platform::policy::Policies;
use jicai::platform::schema::{app_user, outbox_mail, portal_session};
use jicai::platform::sql::{Id, Time};
use jicai::platform::who::{Kinds, OrgKind, Post, Principal};
use jicai::web::middleware::Limits;
use jicai::web::{self, Application, Parts};

use super::actor::{Actor, Credential};
use super::office::credit_code;

/// A request of the tests ends within this time; a real one within thirty seconds.
pub const TIME_LIMIT: std::time::Duration = std::time::Duration::from_secs(10);

/// Password of everybody in the tests.
pub const PASSWORD: &str = "correct horse battery";

/// The people of the tests. `Other…` is the same role in another organisation of the same kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    Anonymous,
    /// Orders for the first hospital.
    Hospital,
    /// Orders for the second hospital.
    OtherHospital,
    /// Pays for the first hospital.
    Finance,
    /// Administrator of the first hospital.
    HospitalAdmin,
    /// Reads for the first hospital.
    HospitalViewer,
    /// Trades for the first manufacturer.
    Enterprise,
    /// Trades for the second manufacturer.
    OtherEnterprise,
    /// Trades for the distributor.
    Distributor,
    /// Officer of the agency.
    Officer,
    /// Second officer of the agency.
    SecondOfficer,
    /// Officer of the provincial bureau.
    Bureau,
    /// Witness.
    Observer,
}

impl Who {
    pub const ALL: &'static [Self] = &[
        Self::Anonymous,
        Self::Hospital,
        Self::OtherHospital,
        Self::Finance,
        Self::HospitalAdmin,
        Self::HospitalViewer,
        Self::Enterprise,
        Self::OtherEnterprise,
        Self::Distributor,
        Self::Officer,
        Self::SecondOfficer,
        Self::Bureau,
        Self::Observer,
    ];

    /// The log-in name.
    pub fn login(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    /// Index of the organisation in [`ORGANISATIONS`], and what the person does there.
    fn place(self) -> Option<(usize, Post)> {
        Some(match self {
            Self::Anonymous => return None,
            Self::Hospital => (0, Post::Order),
            Self::OtherHospital => (1, Post::Order),
            Self::Finance => (0, Post::Finance),
            Self::HospitalAdmin => (0, Post::Admin),
            Self::HospitalViewer => (0, Post::Viewer),
            Self::Enterprise => (2, Post::Trade),
            Self::OtherEnterprise => (3, Post::Trade),
            Self::Distributor => (4, Post::Trade),
            Self::Officer | Self::SecondOfficer => (5, Post::Officer),
            Self::Bureau => (6, Post::Officer),
            Self::Observer => (7, Post::Viewer),
        })
    }
}

/// Name, kind, city.
const ORGANISATIONS: [(&str, OrgKind, &str); 8] = [
    ("第一人民医院", OrgKind::PublicHospital, "南州"),
    ("第二人民医院", OrgKind::PublicHospital, "北州"),
    ("华南制药有限公司", OrgKind::Manufacturer, "南州"),
    ("江北制药有限公司", OrgKind::Manufacturer, "北州"),
    ("通达医药配送有限公司", OrgKind::Distributor, "南州"),
    ("省药品集中采购中心", OrgKind::Agency, "省会"),
    ("省医疗保障局", OrgKind::ProvincialBureau, "省会"),
    ("义务监督员办公室", OrgKind::Observer, "省会"),
];

/// The server with its people.
pub struct TestApp {
    pub db: Db,
    pub clock: Clock,
    pub auth: Auth,
    /// `http://127.0.0.1:PORT`.
    pub base: String,
    organisations: Vec<Organisation>,
    people: BTreeMap<Who, Principal>,
    mails_taken: Mutex<BTreeSet<Id>>,
    handle: ServerHandle,
}

impl Drop for TestApp {
    fn drop(&mut self) {
        // Not waited for: the threads end by themselves.
        drop(self.handle.stop(false));
    }
}

/// What may differ from the usual server.
#[derive(Default)]
pub struct Setup {
    /// As in production.
    pub officers_need_totp: bool,
    /// Whose word about the caller's address is taken.
    pub trusted_proxies: Vec<std::net::IpAddr>,
}

impl TestApp {
    /// Starts it on a fresh migrated database.
    pub async fn start(db: Db) -> Self {
        Self::start_as(db, Setup::default()).await
    }

    /// Starts it configured in another way.
    pub async fn start_as(db: Db, setup: Setup) -> Self {
        let clock = Clock::default();
        let tokens = Tokens::new(Keys::ephemeral().expect("a key"));
        let passwords = Passwords::new(Cost::Cheap).expect("a hasher");
        let auth = Auth::new(db.clone(), clock.clone(), passwords, tokens);
        let auth = Auth { officers_need_totp: setup.officers_need_totp, ..auth };
        let bind = "127.0.0.1:0".parse().expect("address");
        let limits = Limits { time: TIME_LIMIT, ..Limits::default() };
        // As in training: with the page that moves the legal clock.
        let clock_page = Some(web::pages::clock::PATH.to_owned());
        let site = Site { clock_page, ..Site::default() };
        let site = Site { trusted_proxies: setup.trusted_proxies, ..site };
        let policies = Policies::shipped().expect("policies");
        let parts = Parts { auth: auth.clone(), policies, site, bind, workers: 1, limits };
        let application = Application::build(parts).expect("the server starts");
        let (base, handle) = (format!("http://{}", application.address()), application.handle());
        tokio::spawn(application.run());
        let mails_taken = Mutex::default();
        let mut app = Self {
            db,
            clock,
            auth,
            base,
            organisations: vec![],
            people: BTreeMap::new(),
            mails_taken,
            handle,
        };
        app.settle().await;
        app
    }

    async fn settle(&mut self) {
        let actor = self.system();
        for ((name, kind, city), n) in ORGANISATIONS.into_iter().zip(1..) {
            let credit_code = credit_code(n);
            let new = NewOrganisation {
                kind,
                name: name.into(),
                credit_code,
                city: city.into(),
                other_kinds: Kinds::default(),
                district: String::new(),
            };
            self.organisations.push(register(&self.db, &actor, new).await.expect("organisation"));
        }
        for who in Who::ALL {
            let Some((n, post)) = who.place() else { continue };
            let organisation = self.organisations[n].clone();
            let new = NewUser {
                organisation: organisation.id,
                login: who.login(),
                display_name: format!("{who:?}"),
                email: format!("{}@example.cn", who.login()),
                function: post,
                password: PASSWORD.into(),
            };
            let user = users::create(&self.db, &self.auth.passwords, &actor, new).await.expect("user");
            let person = Principal {
                user: user.id,
                organisation: organisation.id,
                kind: organisation.kind,
                other_kinds: Kinds::default(),
                post,
                name: user.display_name,
                organisation_name: organisation.name,
                request_id: None,
                received_at: self.clock.now(),
            };
            self.people.insert(*who, person);
        }
    }

    /// For writes of the test itself.
    pub fn system(&self) -> DbActor {
        DbActor::system("test", self.clock.now())
    }

    /// Somebody as the operations see them.
    pub fn person(&self, who: Who) -> Principal {
        let person = self.people.get(&who).expect("somebody with an account");
        Principal { received_at: self.clock.now(), ..person.clone() }
    }

    /// Where somebody works.
    pub fn organisation(&self, who: Who) -> &Organisation {
        let id = self.person(who).organisation;
        self.organisations.iter().find(|o| o.id == id).expect("an organisation")
    }

    /// Somebody at the API.
    pub async fn api(&self, who: Who) -> Actor {
        let credential = match self.people.get(&who) {
            None => Credential::None,
            Some(person) => Credential::Bearer(
                self.auth
                    .tokens
                    .issue(person.user, self.stamp(person.user).await, self.clock.now())
                    .expect("token"),
            ),
        };
        Actor::new(&self.base, credential)
    }

    /// Somebody in a browser, logged in.
    pub async fn portal(&self, who: Who) -> Actor {
        let Some(person) = self.people.get(&who) else { return Actor::new(&self.base, Credential::None) };
        let proven = Proven::new(person.clone(), self.stamp(person.user).await);
        let secret = session::open(&self.auth, &proven).await.expect("session");
        let hash = jicai::platform::secret::hash(&secret);
        let form_token = self
            .db
            .read(move |c| {
                Ok(portal_session::table.find(hash).select(portal_session::form_token).first(c)?)
            })
            .await
            .expect("form token");
        Actor::new(&self.base, Credential::Session { secret, form_token })
    }

    /// Somebody without an account, with the page's form cookie.
    pub async fn visitor(&self) -> Actor {
        let mut actor = self.portal(Who::Anonymous).await;
        let cookie = actor.get("/login").await.cookie("jicai-form").expect("a form cookie");
        let form_token = cookie.split(';').next().expect("a value").to_owned();
        actor.credential = Credential::Visitor { form_token };
        actor
    }

    /// The links in the mails to somebody, the latest last.
    pub async fn links_to(&self, address: &str) -> Vec<String> {
        let query = outbox_mail::table
            .filter(outbox_mail::recipient.eq(address.to_owned()))
            .order((outbox_mail::created_at, outbox_mail::id))
            .select(outbox_mail::link);
        self.db.read(move |c| Ok(query.load(c)?)).await.expect("links")
    }

    pub async fn stamp(&self, user: Id) -> Id {
        let query = app_user::table.find(user).select(app_user::stamp);
        self.db.read(move |c| Ok(query.first(c)?)).await.expect("stamp")
    }

    /// The mails that were written since the last call, as (recipient, subject), oldest first.
    pub async fn take_mails(&self) -> Vec<(String, String)> {
        self.take_mails_about("").await
    }

    /// As [`Self::take_mails`], of those alone whose subject says so.
    pub async fn take_mails_about(&self, words: &str) -> Vec<(String, String)> {
        let rows = self.waiting_mails().await;
        let mut taken = self.mails_taken.lock().expect("lock");
        rows.into_iter()
            .filter(|(id, _, subject)| subject.contains(words) && taken.insert(*id))
            .map(|(_, to, subject)| (to, subject))
            .collect()
    }

    async fn waiting_mails(&self) -> Vec<(Id, String, String)> {
        self.db
            .read(|c| {
                Ok(outbox_mail::table
                    .order((outbox_mail::created_at, outbox_mail::id))
                    .select((outbox_mail::id, outbox_mail::recipient, outbox_mail::subject))
                    .load(c)?)
            })
            .await
            .expect("mails")
    }

    /// At the end of a test: nobody was written to unnoticed.
    pub async fn finish(self) {
        let unnoticed = self.take_mails().await;
        assert!(unnoticed.is_empty(), "mails that the test did not take: {unnoticed:?}");
    }

    /// The instant now, by the server's clock.
    pub fn now(&self) -> Time {
        self.clock.now()
    }
}

/// Runs `async fn NAME(app: &TestApp)` on both engines; fails if mails are left that the test did not take.
macro_rules! app_test {
    ($name:ident) => {
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let test = crate::support::TestDb::sqlite();
                let app = crate::support::TestApp::start(test.open()).await;
                super::$name(&app).await;
                app.finish().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(test) = crate::support::TestDb::postgres() {
                    let app = crate::support::TestApp::start(test.open()).await;
                    super::$name(&app).await;
                    app.finish().await;
                }
            }
        }
    };
}
pub(crate) use app_test;
