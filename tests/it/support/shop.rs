//! Products with prices and marks for tests of the portal, on the law's day 2024-08-05 at nine.
//!
//! | product | enterprise | price | mark |
//! |---|---|---|---|
//! | `red` 注射用头孢曲松钠 1.0g | 华南 | 15.01, lowest conversion result 5.00 | red |
//! | `yellow` 注射用头孢他啶 1.0g | 华南 | 9.01, lowest 5.00 | yellow |
//! | `cheap` 注射用头孢曲松钠 1.0g | 江北 | 5.80 | none |
//! | `dearer` 注射用头孢曲松钠 1.0g | 华南, brand 岭秀 | 7.20 | none |
//! | `plain` 注射用青霉素钠 0.8g | 华南 | 1.25 | none |

use jicai::catalogue::{self, NewProduct};
use jicai::listing::convert::{GroupListing, OldPack, list_injection_group};
use jicai::listing::direct::{DirectListing, list_direct};
use jicai::listing::{ListingRecord, PriceSource};
use jicai::party::address::{self, AddressInput};
use jicai::party::{DeliveryAddress, appointment};
use jicai::platform::clock;
use jicai::platform::policy::Policies;
use jicai::platform::sql::Id;
use jicai::rules::injection::Basis;

use super::office::{day, morning, new_product, pack, yuan};
use super::{TestApp, Who};

/// What can be bought, and where it goes.
pub struct Shop {
    pub red: ListingRecord,
    pub yellow: ListingRecord,
    pub cheap: ListingRecord,
    pub dearer: ListingRecord,
    pub plain: ListingRecord,
    pub address: DeliveryAddress,
}

impl Shop {
    pub async fn open(app: &TestApp) -> Self {
        let now = app.now();
        app.db
            .write_unaudited("test.clock", move |c| clock::set_legal(c, now, morning()))
            .await
            .expect("clock");
        let (maker, other) = (app.organisation(Who::Enterprise), app.organisation(Who::OtherEnterprise));
        let (before, after) = (Basis::BeforeEvaluation, Basis::AfterEvaluation);
        let ceftriaxone = |of, brand: &str, n| new_product(of, brand, "注射用头孢曲松钠", "1.0g", n);
        let red = vec![pack(11, 5, "25.00", before), pack(12, 10, "150.10", after)];
        let red = listed(app, ceftriaxone(maker, "华南", 1), red, ("16.00", "30.00")).await;
        let yellow = vec![pack(13, 10, "50.00", before), pack(14, 5, "45.05", after)];
        let other_drug = new_product(maker, "华南", "注射用头孢他啶", "1.0g", 2);
        let yellow = listed(app, other_drug, yellow, ("9.20", "16.00")).await;
        let cheap = vec![pack(15, 10, "58.00", Basis::Normal)];
        let cheap = listed(app, ceftriaxone(other, "江北", 3), cheap, ("16.00", "30.00")).await;
        let dearer = vec![pack(16, 10, "72.00", Basis::Normal)];
        let dearer = listed(app, ceftriaxone(maker, "岭秀", 4), dearer, ("16.00", "30.00")).await;
        let plain = plain(app, new_product(maker, "华南", "注射用青霉素钠", "0.8g", 5)).await;
        let distributor = app.organisation(Who::Distributor).id;
        appointment::appoint(&app.db, &app.person(Who::Enterprise), distributor).await.expect("appointment");
        let input = AddressInput {
            recipient: "药库 王药师".into(),
            phone: "0771-2345678".into(),
            address: "南州市民主路 1 号药库".into(),
            is_default: true,
        };
        let address = address::add(&app.db, &app.person(Who::Hospital), input).await.expect("address");
        Self { red, yellow, cheap, dearer, plain, address }
    }
}

async fn listed(app: &TestApp, new: NewProduct, packs: Vec<OldPack>, peers: (&str, &str)) -> ListingRecord {
    let product = catalogue::create::create(&app.db, &app.system(), new).await.expect("product").id;
    let group = GroupListing {
        product,
        packs,
        evaluated: vec![yuan(peers.0)],
        originator: vec![yuan(peers.1)],
        other_brands: Some(Vec::new()),
        accept_high: true,
        from_day: day("2024-08-01"),
    };
    let policies = Policies::shipped().expect("policies");
    list_injection_group(&app.db, &app.system(), &policies, group).await.expect("listing")
}

async fn plain(app: &TestApp, new: NewProduct) -> ListingRecord {
    let product = catalogue::create::create(&app.db, &app.system(), new).await.expect("product").id;
    let (unit_price, price_source, from_day) = (yuan("1.25"), PriceSource::General, day("2024-08-01"));
    let direct = DirectListing { product, unit_price, price_source, from_day, term: None };
    let policies = Policies::shipped().expect("policies");
    list_direct(&app.db, &app.system(), &policies, direct).await.expect("listing")
}

/// The order form as a browser would send it: one line, everything else as the page fills it in.
pub fn order_form(app: &TestApp, shop: &Shop, listing: Id, quantity: &str) -> Vec<(String, String)> {
    let price = [&shop.red, &shop.yellow, &shop.cheap, &shop.dearer, &shop.plain]
        .into_iter()
        .find(|record| record.listing.id == listing)
        .map(|record| record.prices[0].unit_price.to_string());
    let fields = [
        ("draft", Id::new().to_string()),
        ("supplier_id", app.organisation(Who::Enterprise).id.to_string()),
        ("address_id", shop.address.id.to_string()),
        ("wanted_on", "2024-08-12".into()),
        ("remark", "送药库二号门".into()),
        ("line-0-listing", listing.to_string()),
        ("line-0-price", price.expect("a listing of the shop")),
        ("line-0-quantity", quantity.into()),
        ("line-0-pack_remark", "尽量供 10 支装".into()),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
