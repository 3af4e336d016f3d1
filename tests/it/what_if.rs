//! 「参数试算」 over HTTP.

use serde_json::json;

use crate::rules_vary::LOTS;
use crate::support::{TestApp, Who, app_test};

const API: &str = "/api/v1/what-if";
const PAGE: &str = "/what-if";

/// The figures are those of `rules_vary`, worked out there.
async fn a_parameter_is_tried_on_lots(app: &TestApp) {
    let officer = app.api(Who::Officer).await;
    let question = json!({ "parameter": "selection.max_ratio", "values": "1.5，1.8, 2.0", "lots": LOTS });
    let found = officer.json("POST", API, &question).await.expect(200).json();
    assert!(found["policy"].as_str().is_some_and(|name| name.starts_with("default@")), "{found}");
    let row = |value, winners, kept, cut| {
        json!({ "value": value, "lots": 4, "errors": 1, "lots_without_winner": 1, "winners": winners, "revived": 0,
            "demand_kept": kept, "mean_cut": cut })
    };
    let expected = [
        row("1.5", 3, "0.7000", "0.5667"),
        row("1.8", 3, "0.7000", "0.5667"),
        row("2.0", 4, "0.7500", "0.5825"),
    ];
    assert_eq!(found["results"], json!(expected));
    let fault = &found["faults"][0];
    assert_eq!((&fault["line"], &fault["code"]), (&json!(5), &json!("NOT_JSON")), "blank lines count");
    // Without lots the third round, under its own rules.
    let found =
        officer.json("POST", API, &json!({ "parameter": "selection.max_ratio", "values": "1.8" })).await;
    let found = found.expect(200).json();
    assert_eq!(found["policy"], "round-3@2020-08-20");
    assert_eq!(
        (&found["results"][0]["lots"], &found["results"][0]["demand_kept"]),
        (&json!(22), &json!(null))
    );
}
app_test!(a_parameter_is_tried_on_lots);

async fn the_page_shows_table_and_picture(app: &TestApp) {
    let officer = app.portal(Who::Officer).await;
    let page = officer.get(PAGE).await.expect(200).text;
    assert!(
        page.contains("直接中选：不高于最低价的倍数（selection.max_ratio）") && page.contains("1.5,1.8,2.0")
    );
    let fields = [("parameter", "selection.max_ratio"), ("values", "1.5,2.0"), ("profile", "")];
    let page =
        officer.upload(PAGE, &fields, &[("file", "lots.jsonl", LOTS.as_bytes())]).await.expect(200).text;
    for part in [
        "data-chart=\"what-if\"",
        "role=\"img\"",
        "aria-label=\"不同取值下的中选家数、需求保留和平均降幅，数据见下表\"",
        "查看数据",
        "&#34;kept&#34;:[&#34;70.00&#34;,&#34;75.00&#34;]",
        "<td class=\"num\">58.25</td>",
        "第 5 行：不是一个完整的 JSON 对象",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    // Pasted, and the built-in lots.
    let pasted = [fields[0], fields[1], fields[2], ("lots", LOTS)];
    assert!(
        officer.upload(PAGE, &pasted, &[]).await.expect(200).text.contains("<td class=\"num\">58.25</td>")
    );
    let built_in = officer.upload(PAGE, &fields, &[]).await.expect(200).text;
    assert!(
        built_in.contains("其他参数取自 round-3@2020-08-20") && built_in.contains("没有公布各企业的需求量")
    );
}
app_test!(the_page_shows_table_and_picture);

async fn what_is_wrong_is_named(app: &TestApp) {
    let officer = app.api(Who::Bureau).await;
    let good = json!({ "parameter": "selection.max_ratio", "values": "1.8" });
    let many = vec!["1.8"; 21].join(",");
    let lots = "{}\n".repeat(30_000);
    for (member, value, said) in [
        ("parameter", "selection.ratio", "没有名为 selection.ratio 的参数"),
        ("values", "", "请填写要试算的取值"),
        ("values", "1.5,0.9", "（selection.max_ratio）不能取这些值"),
        ("values", "1.5,x", "您填的是 1.5,x"),
        ("values", many.as_str(), "最多试算 20 个取值"),
        ("profile", "nowhere", "没有名为 nowhere 的参数版本"),
        ("lots", lots.as_str(), "一次最多试算 50000 个"),
    ] {
        let mut question = good.clone();
        question[member] = value.into();
        if member == "lots" {
            question["values"] = "1.5,1.8".into();
        }
        let problem = officer.json("POST", API, &question).await.problem(422, "INVALID");
        assert_eq!(problem["errors"][0]["pointer"], format!("/{member}"), "{problem}");
        assert!(problem["detail"].as_str().is_some_and(|text| text.contains(said)), "{said}: {problem}");
    }
    let mut unknown = good.clone();
    unknown["parametre"] = "x".into();
    assert!(officer.json("POST", API, &unknown).await.status >= 400);
    let page = app.portal(Who::Officer).await;
    let fields = [("parameter", "selection.max_ratio"), ("values", "1.8"), ("profile", "")];
    let answer = page.upload(PAGE, &fields, &[("file", "lots.jsonl", b"\xff\xfe{}")]).await.expect(422);
    assert!(answer.text.contains("lots.jsonl 不是 UTF-8") && answer.text.contains("<form"));
    let wrong = [fields[0], ("values", "0.9"), fields[2]];
    let answer = page.upload(PAGE, &wrong, &[]).await.expect(422);
    assert!(
        answer.text.contains("不能取这些值") && answer.text.contains("value=\"0.9\""),
        "what was typed stays"
    );
}
app_test!(what_is_wrong_is_named);
