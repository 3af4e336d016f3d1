//! What is not a quantity, a price or a product is refused by name, and nothing is kept.

use diesel::prelude::*;
use jicai::listing::direct::{DirectListing, list_direct};
use jicai::listing::{ListingRecord, PriceSource};
use jicai::order::draft;
use jicai::order::input::{DraftInput, SubmitInput};
use jicai::platform::db::Db;
use jicai::platform::http::json;
use jicai::platform::schema::purchase_order;
use jicai::platform::sql::Id;

use crate::support::both_engines;
use crate::support::office::*;

/// A draft with this text as its quantity.
fn draft_text(scene: &Scene, quantity: &str) -> String {
    format!(
        r#"{{"supplier_id":"{}","address_id":"{}","wanted_on":"2024-08-12","lines":[{{"listing_id":"{}","quantity":{quantity}}}]}}"#,
        scene.maker.id, scene.address.id, scene.tablet.listing.id
    )
}

async fn a_quantity_is_a_whole_number_of_units(db: Db) {
    let scene = Scene::new(db).await;
    for wrong in [
        "0",
        "-1",
        "1.5",
        "1000000000000",
        "1000000001",
        "\"1.5\"",
        "1e3",
        "\"1e3\"",
        "12345678901234567.89",
        "\"\"",
        "\"１０\"",
        "null",
        "true",
        "[1]",
    ] {
        let refused = refusal(json::read::<DraftInput>(draft_text(&scene, wrong).as_bytes()));
        assert_eq!(
            (refused.status, refused.errors[0].pointer.as_str()),
            (422, "/lines/0/quantity"),
            "{wrong}"
        );
    }
    for (given, read) in [("1", 1), ("\"10\"", 10), ("1000000000", 1_000_000_000)] {
        let input: DraftInput = json::read(draft_text(&scene, given).as_bytes()).expect("a draft");
        assert_eq!(input.lines[0].quantity.get(), read);
    }
    // 12.30 × 10⁹ = 12,300,000,000 yuan is beyond the highest amount of an order; 10⁹ ÷ 12.30 is not.
    let most: DraftInput = json::read(draft_text(&scene, "1000000000").as_bytes()).expect("a draft");
    let refused = refusal(draft::create(&scene.db, &scene.buyer, None, most).await);
    assert_eq!(refused.errors[0].pointer, "/lines/0/quantity");
    let fits: DraftInput = json::read(draft_text(&scene, "81300813").as_bytes()).expect("a draft");
    assert_eq!(scene.saved(&scene.buyer, fits).await["total"], "999999999.90");
    for price in ["\"12.3.4\"", "\"1e3\"", "\"12，30\"", "12345678901234567.89", "\"-1\"", "\"0\""] {
        let text = format!(r#"{{"lines":[{{"line_no":1,"unit_price":{price}}}]}}"#);
        let refused = refusal(json::read::<SubmitInput>(text.as_bytes()));
        assert_eq!(refused.errors[0].pointer, "/lines/0/unit_price", "{price}");
    }
}
both_engines!(a_quantity_is_a_whole_number_of_units);

/// 200 products of the scene's enterprise.
async fn many(scene: &Scene) -> Vec<ListingRecord> {
    let new = |n| new_product(&scene.maker, "青禾", "注射用头孢噻肟钠", "1.0g", n);
    let mut listed = Vec::new();
    for product in products(&scene.db, (1_001..=1_200).map(new).collect()).await {
        let direct = DirectListing {
            product: product.id,
            unit_price: yuan("1.25"),
            price_source: PriceSource::General,
            from_day: day("2024-08-01"),
            term: None,
        };
        listed.push(list_direct(&scene.db, &system(), &scene.policies, direct).await.expect("listed"));
    }
    listed
}

async fn an_unknown_product_is_named(db: Db) {
    let scene = Scene::new(db).await;
    let mut unknown = scene.draft(vec![line(&scene.tablet, 1), line(&scene.tablet, 1)]);
    unknown.lines[1].listing_id = Some(Id::new());
    let refused = refusal(draft::create(&scene.db, &scene.buyer, None, unknown).await);
    assert_eq!((refused.status, refused.errors[0].pointer.as_str()), (422, "/lines/1/listing_id"));
    let mut nothing = scene.draft(vec![line(&scene.tablet, 1)]);
    nothing.lines[0].listing_id = None;
    assert_eq!(
        refusal(draft::create(&scene.db, &scene.buyer, None, nothing).await).errors[0].pointer,
        "/lines/0/listing_id"
    );
    let empty = scene.draft(Vec::new());
    assert_eq!(
        refusal(draft::create(&scene.db, &scene.buyer, None, empty).await).errors[0].pointer,
        "/lines"
    );
    let long = scene.draft((0..201).map(|_| line(&scene.tablet, 1)).collect());
    assert_eq!(refusal(draft::create(&scene.db, &scene.buyer, None, long).await).errors[0].pointer, "/lines");
    let full = scene.draft(many(&scene).await.iter().map(|listed| line(listed, 1)).collect());
    assert_eq!(scene.saved(&scene.buyer, full).await["line_count"], 200);
    let mut nowhere = scene.draft(vec![line(&scene.tablet, 1)]);
    nowhere.supplier_id = Id::new();
    assert_eq!(
        refusal(draft::create(&scene.db, &scene.buyer, None, nowhere).await).errors[0].pointer,
        "/supplier_id"
    );
    let clerk = refusal(
        draft::create(&scene.db, &scene.seller, None, scene.draft(vec![line(&scene.tablet, 1)])).await,
    );
    assert_eq!(clerk.status, 403);
    let kept: i64 = scene.db.read(|c| Ok(purchase_order::table.count().get_result(c)?)).await.expect("count");
    assert_eq!(kept, 1, "nothing of what was refused");
}
both_engines!(an_unknown_product_is_named);

async fn prices_with_more_decimals_stay_exact(db: Db) {
    use jicai::listing::direct::{DirectListing, Term, list_direct};
    let scene = Scene::new(db).await;
    let product =
        products(&scene.db, vec![new_product(&scene.maker, "青禾", "胰岛素注射液", "3ml", 300)]).await;
    let agreed = DirectListing {
        product: product[0].id,
        unit_price: yuan("1.234567"),
        price_source: jicai::listing::PriceSource::Vbp,
        from_day: day("2024-08-01"),
        term: Some(Term { until: day("2027-12-31"), pack_price: yuan("1.234"), pack_qty: 1 }),
    };
    let record = list_direct(&scene.db, &system(), &scene.policies, agreed).await.expect("listed");
    let made = scene.saved(&scene.buyer, scene.draft(vec![line(&record, 3), line(&scene.tablet, 1)])).await;
    assert_eq!(
        (made["lines"][0]["amount"].as_str(), made["total"].as_str()),
        (Some("3.703701"), Some("16.003701"))
    );
}
both_engines!(prices_with_more_decimals_stay_exact);
