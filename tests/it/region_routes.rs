//! An officer of a city or a county at every address of the portal and the API: nothing of another region, and behind no link
//! that is offered a refusal.

use std::collections::BTreeSet;
use std::io::{Cursor, Read};

use jicai::offices;
use jicai::platform::feed;
use jicai::platform::who::{OrgKind, Post, Principal};
use jicai::web::routes;

use crate::support::bureau::{HOSPITALS, api, order, organisation, person, portal};
use crate::support::shop::Shop;
use crate::support::{Actor, TestApp, app_test};

/// What an answer says; the cells of a sheet.
async fn said(actor: &Actor, path: &str) -> (u16, String) {
    let answer = actor.request("GET", path).send().await.expect("an answer");
    let status = answer.status().as_u16();
    let bytes = answer.bytes().await.expect("bytes").to_vec();
    if !bytes.starts_with(b"PK") {
        return (status, String::from_utf8_lossy(&bytes).into_owned());
    }
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a sheet");
    let names: Vec<String> = archive.file_names().flatten().map(|n| n.to_string()).collect();
    let mut text = String::new();
    for name in names.iter().filter(|name| name.ends_with(".xml")) {
        archive.by_name(name).expect("a part").read_to_string(&mut text).expect("text");
    }
    (status, text)
}

/// The addresses of this server that a page links to.
fn links(page: &str) -> BTreeSet<String> {
    let quoted = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let own = quoted.filter(|to| to.starts_with('/') && !to.starts_with("//") && !to.starts_with("/static"));
    own.map(|to| to.replace("&amp;", "&").replace("&#38;", "&")).collect()
}

struct Region<'a> {
    officer: &'a Principal,
    /// Places in [`HOSPITALS`].
    own: &'a [usize],
    /// Of each hospital: its key, its order, its licence.
    hospitals: &'a [[String; 3]],
}

impl Region<'_> {
    fn is_clean(&self, path: &str, text: &str) {
        for (n, (name, ..)) in HOSPITALS.iter().enumerate().filter(|(n, _)| !self.own.contains(n)) {
            assert!(!text.contains(name), "{name} at {path} for {}", self.officer.organisation_name);
            for key in &self.hospitals[n] {
                assert!(
                    !text.contains(key),
                    "{key} of {name} at {path} for {}",
                    self.officer.organisation_name
                );
            }
        }
    }

    /// Follows the menu, and every link on the pages behind it.
    async fn follows_what_is_offered(&self, portal: &Actor) {
        let mut waiting: Vec<String> =
            offices::ALL.menu(self.officer, true).iter().map(|item| item.href.to_owned()).collect();
        let (mut seen, mut depth) = (BTreeSet::new(), 0);
        while depth < 3 && !waiting.is_empty() {
            let mut found = BTreeSet::new();
            for path in waiting.drain(..).filter(|path| seen.insert(path.clone())).collect::<Vec<_>>() {
                let (status, text) = said(portal, &path).await;
                assert!(
                    status < 400,
                    "{} is offered {path} and gets {status}",
                    self.officer.organisation_name
                );
                self.is_clean(&path, &text);
                found.extend(links(&text).into_iter().filter(|to| !seen.contains(to)));
            }
            // Of lists sorted and filtered in many ways a few are enough.
            let mut kinds = BTreeSet::new();
            let kind = |to: &String| to.split(['?', '#']).next().unwrap_or_default().to_owned();
            waiting = found.into_iter().filter(|to| kinds.insert(kind(to)) || to.len() % 7 == 0).collect();
            depth += 1;
        }
        assert!(seen.len() > 15, "{seen:?}");
    }

    /// Every GET, with the keys of each hospital in the place of parameters.
    async fn asks_everywhere(&self, api: &Actor, portal: &Actor) {
        for route in routes::table().iter().filter(|route| route.method == "GET") {
            let actor = if route.path.starts_with("/api/") { api } else { portal };
            if route.path.contains("{file") {
                continue;
            }
            if !route.path.contains('{') {
                let (status, text) = said(actor, route.path).await;
                assert!(status < 500, "{} answers {status}", route.path);
                self.is_clean(route.path, &text);
                continue;
            }
            for (n, keys) in self.hospitals.iter().enumerate().filter(|(n, _)| !self.own.contains(n)) {
                for key in keys {
                    let start = route.path.find('{').expect("a parameter");
                    let end = route.path.find('}').expect("its end");
                    let path = format!("{}{key}{}", &route.path[..start], &route.path[end + 1..]);
                    let (status, text) = said(actor, &path).await;
                    assert!(
                        (400..500).contains(&status) || status == 303,
                        "{path} of {} answers {status}",
                        HOSPITALS[n].0
                    );
                    assert!(!text.contains(HOSPITALS[n].0), "{path}");
                }
            }
        }
    }
}

async fn licence(app: &TestApp, admin: &Principal) -> String {
    let pdf = format!("%PDF-1.4\nlicence of {}\n%%EOF\n", admin.organisation_name);
    let files = [("files", "licence.pdf", pdf.as_bytes())];
    let answer = api(app, admin).await.upload("/api/v1/organisation/files", &[], &files).await;
    answer.expect(201).json()["items"][0]["id"].as_str().expect("id").to_owned()
}

async fn a_local_officer_sees_the_region_and_nothing_else(app: &TestApp) {
    let shop = Shop::open(app).await;
    let mut hospitals = Vec::new();
    for (n, hospital) in (0_u32..).zip(HOSPITALS) {
        let of = organisation(app, 760 + n, hospital).await;
        let clerk = person(app, &of, Post::Order, &format!("buyer{n}")).await;
        let admin = person(app, &of, Post::Admin, &format!("admin{n}")).await;
        hospitals.push([of.id.to_string(), order(app, &shop, &clerk).await, licence(app, &admin).await]);
    }
    feed::place(&app.db).await.expect("placed");
    let bureaus = [
        ("南州市医疗保障局", OrgKind::CityBureau, "南州", "", vec![0, 1, 2]),
        ("临江县医疗保障局", OrgKind::CountyBureau, "南州", "临江县", vec![1]),
        ("北州临江县医疗保障局", OrgKind::CountyBureau, "北州", "临江县", vec![4]),
    ];
    for (n, (name, kind, city, district, own)) in (0_u32..).zip(bureaus) {
        let of = organisation(app, 780 + n, (name, kind, city, district)).await;
        let officer = person(app, &of, Post::Officer, &format!("local{n}")).await;
        let region = Region { officer: &officer, own: &own, hospitals: &hospitals };
        let (api, portal) = (api(app, &officer).await, portal(app, &officer).await);
        region.follows_what_is_offered(&portal).await;
        region.asks_everywhere(&api, &portal).await;
        for n in &own {
            let [organisation, order, file] = &hospitals[*n];
            for path in [
                format!("/organisations/{organisation}"),
                format!("/orders/{order}"),
                format!("/files/{file}"),
            ] {
                assert_eq!(said(&portal, &path).await.0, 200, "{path} for {name}");
            }
            assert_eq!(said(&api, &format!("/api/v1/files/{file}")).await.0, 200, "{name}");
        }
        let start = said(&portal, "/").await.1;
        let orders = own.len().to_string();
        assert!(start.contains("本月待企业确认") && start.contains(&orders), "{start}");
    }
    app.take_mails().await;
}
app_test!(a_local_officer_sees_the_region_and_nothing_else);
