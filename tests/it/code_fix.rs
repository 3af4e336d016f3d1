//! A wrong number of units behind an old code is put right, and what was converted with it is converted again (INJ-6.2).

use diesel::prelude::*;
use jicai::catalogue;
use jicai::listing::convert::{GroupListing, list_injection_group};
use jicai::listing::explanation::Explanation;
use jicai::listing::{ListingRecord, PriceReason, store};
use jicai::platform::policy::Policies;
use jicai::platform::schema::{audit_entry, mi_code};
use jicai::platform::sql::Id;
use jicai::rules::injection::Basis;
use serde_json::{Value, json};

use crate::support::office::{day, drug_code, new_product, pack, yuan};
use crate::support::sheets::work;
use crate::support::shop::Shop;
use crate::support::{Answer, TestApp, Who, app_test};

/// A box of ten for 58.00 that was converted as a box of one.
async fn mistaken(app: &TestApp) -> ListingRecord {
    Shop::open(app).await;
    let new = new_product(app.organisation(Who::Enterprise), "华南", "注射用更正钠", "1.0g", 60);
    let product = catalogue::create::create(&app.db, &app.system(), new).await.expect("product").id;
    let group = GroupListing {
        product,
        packs: vec![pack(61, 1, "58.00", Basis::Normal)],
        evaluated: Vec::new(),
        originator: Vec::new(),
        other_brands: Some(vec![yuan("5.50"), yuan("6.00")]),
        accept_high: false,
        from_day: day("2024-08-01"),
    };
    let policies = Policies::shipped().expect("policies");
    let listed = list_injection_group(&app.db, &app.system(), &policies, group).await.expect("listing");
    assert_eq!(listed.prices[0].unit_price, yuan("58.00"));
    listed
}

async fn propose(app: &TestApp, product: Id, code: &str, factor: i64) -> Answer {
    let officer = app.api(Who::Officer).await;
    let version = officer.get(&format!("/api/v1/products/{product}")).await.expect(200).json();
    let path = format!("/api/v1/products/{product}/changes");
    let fix =
        json!({ "changes": { "codes": [{ "code": code, "factor": factor }] }, "reason": "包装数量转换有误" });
    let seen = format!("\"{}\"", version["product"]["version"]);
    officer.send(officer.request("POST", &path).header("if-match", seen).json(&fix)).await
}

async fn decide(app: &TestApp, who: Who, proposal: &Value) -> Answer {
    let path =
        format!("/api/v1/product-proposals/{}/decision", proposal["waits"]["id"].as_str().expect("id"));
    app.api(who).await.post(&path, &json!({ "confirm": true })).await
}

async fn inj_6_2_a_wrong_factor_is_put_right_by_two_officers(app: &TestApp) {
    let listed = mistaken(app).await;
    let (id, product) = (listed.listing.id, listed.listing.product_id);
    let code = drug_code(61);
    for (code, factor, pointer) in [
        (code.as_str(), 0, "/codes/0/factor"),
        (code.as_str(), 1_000_001, "/codes/0/factor"),
        (code.as_str(), 1, "/codes/0/factor"),
        (drug_code(60).as_str(), 10, "/codes/0/code"),
        (drug_code(999).as_str(), 10, "/codes/0/code"),
    ] {
        let refused = propose(app, product, code, factor).await.problem(422, "INVALID");
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{code} {factor}");
    }
    let officer = app.api(Who::Officer).await;
    let twice = json!([{ "code": code, "factor": 10 }, { "code": code, "factor": 5 }]);
    let twice = json!({ "changes": { "codes": twice }, "reason": "包装数量转换有误" });
    let path = format!("/api/v1/products/{product}/changes");
    let request = officer.request("POST", &path).header("if-match", "\"1\"").json(&twice);
    let refused = officer.send(request).await.problem(422, "INVALID");
    assert_eq!(refused["errors"][0]["pointer"], "/codes/1/code");
    let proposal = propose(app, product, &code, 10).await.expect(200).json();
    decide(app, Who::Officer, &proposal).await.problem(403, "FOUR_EYES");
    decide(app, Who::SecondOfficer, &proposal).await.expect(200);
    work(app).await;
    let after = app.db.read(move |c| store::record(c, id)).await.expect("record");
    let prices: Vec<_> = after.prices.iter().map(|p| (p.from_day, p.unit_price, p.reason)).collect();
    assert_eq!(
        prices,
        [
            (day("2024-08-01"), yuan("58.00"), PriceReason::Conversion),
            (day("2024-08-06"), yuan("5.80"), PriceReason::Correction),
        ],
        "what was bought at the wrong price stays explained"
    );
    assert_eq!((after.packs[0].pack_qty, after.packs[0].unit_price), (10, yuan("5.80")));
    let how = Explanation::of(&after.prices[1]).expect("an explanation");
    assert_eq!(how.steps[0].clause, "INJ-6.2");
    assert!(how.steps[0].text.contains("由 1 更正为 10，自 2024-08-06 起"), "{}", how.steps[0].text);
    assert_eq!(how.input["candidates"][0]["pack_qty"], 10, "recomputed from what is right");
    // The log of corrections: old, new, why, on the code and on the listing.
    let log = |action: &'static str| {
        let entries = audit_entry::table.filter(audit_entry::action.eq(action));
        let query = entries.select((audit_entry::before, audit_entry::after, audit_entry::reason));
        app.db.read(move |c| Ok(query.load::<(Option<String>, Option<String>, Option<String>)>(c)?))
    };
    for action in ["code.correct", "listing.reconvert"] {
        let entries = log(action).await.expect("entries");
        let [(before, after, reason)] = entries.as_slice() else { panic!("{action}: {entries:?}") };
        assert!(before.is_some() && before != after, "{action}");
        assert_eq!(reason.as_deref(), Some("包装数量转换有误"), "{action}");
    }
    let factor: i64 = app
        .db
        .read(move |c| Ok(mi_code::table.find(drug_code(61)).select(mi_code::factor).first(c)?))
        .await
        .expect("code");
    assert_eq!(factor, 10);
    // Once more is nothing.
    work(app).await;
    let again = app.db.read(move |c| store::record(c, id)).await.expect("record");
    assert_eq!(again.listing.version, after.listing.version);
}
app_test!(inj_6_2_a_wrong_factor_is_put_right_by_two_officers);

/// A price that was changed by hand since is left to a person; the packs are right all the same.
async fn a_price_that_was_changed_since_stays(app: &TestApp) {
    let listed = mistaken(app).await;
    let (id, product) = (listed.listing.id, listed.listing.product_id);
    let enterprise = app.api(Who::Enterprise).await;
    let path = format!("/api/v1/listings/{id}/price-cuts");
    let cut = enterprise.request("POST", &path).header("if-match", "\"1\"").header("idempotency-key", "cut");
    let cut = cut.json(&json!({ "unit_price": "5.60", "from_day": "2024-08-06" }));
    enterprise.send(cut).await.expect(200);
    let officer = app.portal(Who::Officer).await;
    let page = format!("/products/{product}");
    let text = officer.get(&page).await.expect(200).text;
    let field = format!("factor-{}", drug_code(61));
    assert!(text.contains(&format!("name=\"{field}\"")), "{text}");
    let sent = |factor: &'static str| {
        let rest =
            [("version", "1"), ("strength", "1.0g"), ("brand", "华南"), ("reason", "包装数量转换有误")];
        rest.into_iter().chain([(field.as_str(), factor)]).collect::<Vec<_>>()
    };
    let shown = officer.form(&page, &sent("十")).await.expect(422);
    assert!(shown.text.contains("每包装数量应为") && shown.text.contains("十"), "{}", shown.text);
    for (wrong, words) in [("", "请填写每包装数量"), ("1000001", "包装数量应为 1 至 1000000 的整数")]
    {
        let shown = officer.form(&page, &sent(wrong)).await.expect(422);
        assert!(shown.text.contains(words), "{wrong}: {}", shown.text);
    }
    officer.form(&page, &sent("10")).await.expect(303);
    let second = app.portal(Who::SecondOfficer).await;
    // Who proposed has nothing to do there; the other one has.
    assert!(!officer.get("/").await.expect(200).text.contains("复核产品修改"));
    assert!(second.get("/").await.expect(200).text.contains("复核产品修改"));
    let list = second.get("/products/work").await.expect(200).text;
    assert!(list.contains(&format!("原编码 {} 的每包装数量", drug_code(61))), "{list}");
    assert!(list.contains("10（现为 1）"), "{list}");
    let at = list.find("/product-proposals/").expect("a form");
    let action: String = list[at..].chars().take_while(|c| *c != '"').collect();
    second.form(&action, &[("verdict", "confirm")]).await.expect(303);
    work(app).await;
    let after = app.db.read(move |c| store::record(c, id)).await.expect("record");
    let prices: Vec<_> = after.prices.iter().map(|p| p.unit_price).collect();
    assert_eq!(prices, [yuan("58.00"), yuan("5.60")]);
    assert_eq!((after.packs[0].pack_qty, after.packs[0].unit_price), (10, yuan("5.80")));
}
app_test!(a_price_that_was_changed_since_stays);
