//! Standing lists of a hospital: saved, opened, renamed and deleted by who orders for it, and nobody else's business.

use diesel::prelude::*;
use jicai::offices;
use jicai::order::standing::last_month;
use jicai::platform::audit::verify;
use jicai::platform::schema::{audit_entry, standing_line};
use serde_json::{Value, json};

use crate::support::office::day;
use crate::support::shop::Shop;
use crate::support::{TestApp, Who, app_test};

fn lines(shop: &Shop) -> Value {
    json!([
        { "listing_id": shop.plain.listing.id, "quantity": 100 },
        { "listing_id": shop.red.listing.id, "quantity": "20" },
    ])
}

fn names(page: &Value) -> Vec<&str> {
    page["items"].as_array().expect("items").iter().map(|list| list["name"].as_str().expect("name")).collect()
}

async fn a_list_is_kept_under_its_name(app: &TestApp) {
    let shop = Shop::open(app).await;
    let (own, other) = (app.api(Who::Hospital).await, app.api(Who::OtherHospital).await);
    let all = "/api/v1/standing-lists";
    let made = own.post(all, &json!({ "name": " 手术室常用 ", "lines": lines(&shop) })).await.expect(201);
    let at = made.header("location").to_owned();
    let list = made.json();
    assert_eq!((&list["name"], &list["line_count"]), (&json!("手术室常用"), &json!(2)));
    let shown = own.get(&at).await.expect(200).json();
    assert_eq!(shown["lines"][0]["quantity"], 100);
    assert_eq!(shown["lines"][1]["product"]["mark"], "red");
    assert_eq!(names(&own.get(all).await.json()), ["手术室常用"]);

    assert!(names(&other.get(all).await.json()).is_empty());
    other.get(&at).await.problem(404, "NOT_FOUND");
    let rename =
        |name: &str| own.request("PUT", &at).header("if-match", "\"1\"").json(&json!({ "name": name }));
    let foreign = other.request("PUT", &at).header("if-match", "\"1\"").json(&json!({ "name": "别院" }));
    other.send(foreign).await.problem(404, "NOT_FOUND");

    let taken = own.post(all, &json!({ "name": "手术室常用", "lines": lines(&shop) })).await;
    assert!(
        taken.problem(422, "INVALID")["errors"][0]["detail"].as_str().expect("words").contains("已有名为")
    );
    other.post(all, &json!({ "name": "手术室常用", "lines": lines(&shop) })).await.expect(201);
    own.send(rename("")).await.problem(422, "INVALID");
    own.send(rename("麻醉科常用")).await.expect(200);
    own.send(rename("又改")).await.problem(409, "STALE_VERSION");

    own.send(own.request("DELETE", &at).header("if-match", "\"1\"")).await.problem(409, "STALE_VERSION");
    own.send(own.request("DELETE", &at).header("if-match", "\"2\"")).await.expect(204);
    own.get(&at).await.problem(404, "NOT_FOUND");
    let (acts, left) = app
        .db
        .read(|c| {
            let acts = audit_entry::table
                .filter(audit_entry::object_type.eq("standing_list"))
                .order(audit_entry::action)
                .select(audit_entry::action)
                .load::<String>(c)?;
            Ok((acts, standing_line::table.count().get_result::<i64>(c)?))
        })
        .await
        .expect("read");
    let own_acts =
        ["standing_list.delete", "standing_list.rename", "standing_list.save", "standing_list.save"];
    assert_eq!((acts, left), (own_acts.map(str::to_owned).to_vec(), 2));
}
app_test!(a_list_is_kept_under_its_name);

/// What the rows are other than the audit says.
async fn verified(app: &TestApp) -> Vec<String> {
    let verified = app.db.read(|c| {
        let mut said = Vec::new();
        verify::run(c, &[], &offices::ALL.rows(), &mut |finding| said.push(finding.to_string()))?;
        Ok(said)
    });
    verified.await.expect("verified")
}

async fn what_is_wrong_with_a_list_is_named(app: &TestApp) {
    let shop = Shop::open(app).await;
    let api = app.api(Who::Hospital).await;
    let plain = shop.plain.listing.id;
    let line = json!({ "listing_id": plain, "quantity": 1 });
    let stranger = json!({ "listing_id": shop.address.id, "quantity": 1 });
    let many: Vec<Value> = (0..601).map(|_| line.clone()).collect();
    for (name, lines, pointer, words) in [
        ("", json!([line]), "/name", "请填写清单名称"),
        ("字".repeat(41).as_str(), json!([line]), "/name", "不超过 40 个字"),
        ("甲", json!([]), "/lines", "没有药品"),
        ("甲", json!([line, line]), "/lines/1/listing_id", "重复"),
        ("甲", json!([line, stranger]), "/lines/1/listing_id", "没有找到药品"),
        ("甲", json!(many), "/lines", "最多 600 个药品，您给了 601 个"),
    ] {
        let answer = api.post("/api/v1/standing-lists", &json!({ "name": name, "lines": lines })).await;
        let problem = answer.problem(422, "INVALID");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
        assert!(problem["errors"][0]["detail"].as_str().expect("words").contains(words), "{problem}");
    }
    for n in 0..50 {
        api.post("/api/v1/standing-lists", &json!({ "name": format!("清单{n}"), "lines": [line] }))
            .await
            .expect(201);
    }
    let full = api.post("/api/v1/standing-lists", &json!({ "name": "又一个", "lines": [line] })).await;
    assert!(
        full.problem(422, "INVALID")["errors"][0]["detail"]
            .as_str()
            .expect("words")
            .contains("最多保存 50 个")
    );
    let said = verified(app).await;
    assert!(said.is_empty(), "{said:?}");
    app.db
        .write_unaudited("test", |c| {
            Ok(diesel::update(standing_line::table).set(standing_line::quantity.eq(7)).execute(c)?)
        })
        .await
        .expect("by hand");
    let said = verified(app).await;
    assert_eq!(said.iter().filter(|line| line.starts_with("standing_list")).count(), 50, "{said:?}");
}
app_test!(what_is_wrong_with_a_list_is_named);

async fn the_pages_of_lists(app: &TestApp) {
    let shop = Shop::open(app).await;
    let (api, portal) = (app.api(Who::Hospital).await, app.portal(Who::Hospital).await);
    assert!(portal.get("/standing-lists").await.expect(200).text.contains("还没有常购清单"));
    let made = api.post("/api/v1/standing-lists", &json!({ "name": "急诊", "lines": lines(&shop) })).await;
    let id = made.expect(201).json()["id"].as_str().expect("id").to_owned();
    let at = format!("/standing-lists/{id}");
    assert!(portal.get("/standing-lists").await.expect(200).text.contains(&at));
    let page = portal.get(&at).await.expect(200);
    for words in ["急诊", "注射用头孢曲松钠", "15.01", "红标", "可以订购", "删除清单"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    let wrong = portal.form(&at, &[("version", "1"), ("name", "")]).await.expect(422);
    assert!(wrong.text.contains("请填写清单名称"));
    assert_eq!(
        portal.form(&at, &[("version", "1"), ("name", "急诊科")]).await.expect(303).header("location"),
        at
    );
    portal.form(&format!("{at}/delete"), &[("version", "1")]).await.expect(409);
    portal.form(&format!("{at}/delete"), &[("version", "2")]).await.expect(303);
    portal.get(&at).await.expect(404);
}
app_test!(the_pages_of_lists);

#[test]
fn the_month_before_has_a_first_and_a_last_day() {
    for (today, first, last) in [
        ("2024-08-05", "2024-07-01", "2024-07-31"),
        ("2024-03-31", "2024-02-01", "2024-02-29"),
        ("2025-01-01", "2024-12-01", "2024-12-31"),
    ] {
        assert_eq!(last_month::month_before(day(today)), Some((day(first), day(last))), "{today}");
    }
}
