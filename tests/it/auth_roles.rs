//! The list of roles and table (a) of the catalogue say the same.

use std::collections::BTreeSet;

use jicai::platform::who::actors::ACTORS;
use jicai::platform::who::{OrgKind, Post};

/// Actors of table (a) with their clauses, copied from the catalogue.
fn table() -> Vec<(String, String)> {
    let mut rows = csv::Reader::from_reader(include_str!("../data/actors.csv").as_bytes());
    rows.records().map(|r| r.expect("a row")).map(|r| (r[0].to_owned(), r[1].to_owned())).collect()
}

#[test]
fn every_actor_of_the_table_has_a_role_or_says_why_not() {
    let named: Vec<&str> = ACTORS.iter().map(|a| a.name).collect();
    let table = table();
    assert_eq!(named, table.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>());
    assert_eq!(table.len(), 28);
    for actor in ACTORS {
        let has_role = !actor.kinds.is_empty() && !actor.posts.is_empty();
        assert_ne!(has_role, !actor.none_yet.is_empty(), "{}: one of the two", actor.name);
        for kind in actor.kinds {
            for post in actor.posts {
                assert!(post.fits(*kind), "{}: {kind} cannot have {post}", actor.name);
            }
        }
    }
}

#[test]
fn every_role_belongs_to_an_actor_of_the_table() {
    let possible: BTreeSet<(OrgKind, Post)> = OrgKind::ALL
        .iter()
        .flat_map(|k| Post::ALL.iter().map(move |f| (*k, *f)))
        .filter(|(k, f)| f.fits(*k))
        .collect();
    let given: BTreeSet<(OrgKind, Post)> = ACTORS
        .iter()
        .flat_map(|a| a.kinds.iter().flat_map(|k| a.posts.iter().map(move |f| (*k, *f))))
        .collect();
    assert_eq!(possible, given);
    // What the table forbids stays forbidden: the agency neither orders nor trades, an observer only reads (NAT10-7).
    assert!(!Post::Order.fits(OrgKind::Agency) && !Post::Trade.fits(OrgKind::Agency));
    let observer: Vec<_> = Post::ALL.iter().filter(|f| f.fits(OrgKind::Observer)).collect();
    assert_eq!(observer, [&Post::Viewer]);
    assert!(OrgKind::NationalAgent.is_manufacturer(), "SN-2");
}
