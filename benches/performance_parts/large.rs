//! Orders of three and of 200 lines, by this build and, where `JICAI_BENCH_AGAINST` names another binary, by that one in turn.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use jicai::on_db;
use jicai::platform::schema::{organisation, product};
use jicai::platform::sql::{Id, Target};

use super::client::{Work, closed_loop};
use super::report::Report;
use super::server::{self, BINARY, Demo};

/// Each load lasts so many seconds, and is taken so often.
const SECONDS: u64 = 4;
const ROUNDS: usize = 3;
/// Lines of an order and clients that send it.
const SIZES: [(usize, usize); 2] = [(3, 64), (200, 8)];

/// A server of one build with its own database.
struct Build {
    demo: Demo,
    work: Vec<Work>,
}

impl Build {
    async fn start(binary: &Path, dir: &Path, database: Option<&str>) -> Self {
        drop(Demo::run(binary, dir, database).await);
        one_owner(&server::target(dir, database));
        let demo = Demo::run(binary, dir, database).await;
        let mut work = Vec::new();
        for (lines, _) in SIZES {
            work.push(Work::of_lines(&demo.url, lines).await);
        }
        Self { demo, work }
    }
}

/// The demo's enterprises have a few products each; an order of 200 lines needs one that has them all.
fn one_owner(target: &Target) {
    let mut conn = target.open().expect("the database");
    let owner: Id = organisation::table
        .filter(organisation::kind.eq("manufacturer"))
        .order(organisation::name)
        .select(organisation::id)
        .first(&mut conn)
        .expect("a manufacturer");
    diesel::update(product::table)
        .set(product::manufacturer_id.eq(owner))
        .execute(&mut conn)
        .expect("products");
    on_db!(&mut conn, c => c.batch_execute("ANALYZE")).expect("statistics");
}

/// Another empty database on the server of `url`; its address.
pub fn empty_beside(url: &str, name: &str) -> String {
    let mut admin = PgConnection::establish(url).expect("PostgreSQL");
    admin.batch_execute(&format!("CREATE DATABASE {name}")).expect("CREATE DATABASE");
    let (server, _) = url.rsplit_once('/').expect("an address with a database");
    format!("{server}/{name}")
}

/// Measures on one engine; `databases` are an empty PostgreSQL database for each build.
pub async fn measure(report: &mut Report, engine: &str, dir: &Path, databases: Option<[String; 2]>) {
    let other = std::env::var_os("JICAI_BENCH_AGAINST");
    let [own, its] = databases.map_or([None, None], |urls| urls.map(Some));
    let this = Build::start(Path::new(BINARY), &dir.join("this"), own.as_deref()).await;
    let that = match &other {
        Some(binary) => Some(Build::start(Path::new(binary), &dir.join("that"), its.as_deref()).await),
        None => None,
    };
    for (at, (lines, clients)) in SIZES.into_iter().enumerate() {
        let (mut here, mut there) = (vec![], vec![]);
        for _ in 0..ROUNDS {
            here.push(closed_loop(&this.work[at], clients, SECONDS).await.a_second);
            if let Some(that) = &that {
                there.push(closed_loop(&that.work[at], clients, SECONDS).await.a_second);
            }
        }
        let here = crate::median(here);
        let what = format!("{engine}: orders of {lines} lines, a second");
        report.add(&what, here, &format!("{clients} clients; medians of three rounds"));
        if !there.is_empty() {
            report.add(
                &format!("{what}, over those of the other build"),
                here / crate::median(there),
                "in turn",
            );
        }
    }
    let alone = closed_loop(&this.work[1], 1, SECONDS).await.p99_ms;
    report.add(
        &format!("{engine}: p99 of orders of 200 lines, one client, ms"),
        alone,
        "promised: under 20, so that no write of them holds the writer longer",
    );
    drop(this.demo);
}
