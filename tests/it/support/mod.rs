//! What every test stands on.

pub mod actor;
pub mod app;
pub mod browser;
pub mod bureau;
pub mod db;
pub mod dice;
pub mod door;
pub mod office;
pub mod people;
pub mod raw_xlsx;
pub mod sheets;
pub mod shop;
pub mod smtp;
pub mod statements;

pub use actor::{Actor, Answer, Credential, FormFields};
pub(crate) use app::app_test;
pub use app::{TestApp, Who};
pub use db::TestDb;

/// Runs `async fn NAME(db: Db)` as `NAME::sqlite` and `NAME::postgres`, each with a fresh migrated database.
macro_rules! both_engines {
    ($name:ident) => {
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let test = crate::support::TestDb::sqlite();
                super::$name(test.open()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(test) = crate::support::TestDb::postgres() {
                    super::$name(test.open()).await;
                }
            }
        }
    };
}
pub(crate) use both_engines;
