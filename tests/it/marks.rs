//! What a mark asks of whoever orders (INJ-4.3), and what officers see of it.

use jicai::order::input::{SubmitInput, SubmitLine};
use jicai::order::{answer, cancel, draft, show};
use jicai::platform::db::Db;
use jicai::supervision::marked::{self, Key, MarkedFilter};

use crate::support::both_engines;
use crate::support::office::*;

const REASON: &str = "重症患者治疗急需，其余品种暂时缺货";

async fn red_asks_for_a_reason(db: Db) {
    let scene = Scene::new(db).await;
    let input = scene.draft(vec![line(&scene.tablet, 1), line(&scene.red, 20), line(&scene.yellow, 5)]);
    let preview = draft::preview(&scene.db, &scene.buyer, input.clone()).await.expect("preview");
    let risks: Vec<_> =
        preview.risks.iter().map(|r| (r.line_no, r.code.as_str(), r.ratio.as_deref())).collect();
    assert_eq!(risks, [(2, "RISK_WARNING", Some("3.0020")), (3, "RISK_HINT", Some("1.8020"))]);
    assert_eq!(preview.total, yuan("357.55"));
    let made = scene.saved(&scene.buyer, input).await;
    assert_eq!(made["risks"].as_array().map(Vec::len), Some(2));
    let without = refusal(scene.submit(&scene.buyer, &made, SubmitInput::default()).await);
    assert_eq!((without.status, without.code, without.clause), (422, "RISK_ACK_REQUIRED", Some("INJ-4.3")));
    let told = &without.extra["lines"];
    assert_eq!(told.as_array().map(Vec::len), Some(1), "yellow is a hint only");
    assert_eq!((told[0]["line_no"].as_i64(), told[0]["mark"].as_str()), (Some(2), Some("red")));
    for member in ["mark", "unit_price", "low", "ratio"] {
        assert_eq!(without.extra[member], told[0][member], "{member}");
    }
    assert_eq!((told[0]["unit_price"].as_str(), told[0]["low"].as_str()), (Some("15.01"), Some("5.00")));
    let alternatives = told[0]["alternatives"].as_array().expect("alternatives");
    let shown: Vec<_> = alternatives
        .iter()
        .map(|a| (a["brand"].as_str(), a["unit_price"].as_str(), a["less"].as_str()))
        .collect();
    assert_eq!(
        shown,
        [(Some("百澍"), Some("5.80"), Some("9.21")), (Some("云浦"), Some("6.00"), Some("9.01"))]
    );
    assert_eq!(alternatives[0]["listing_id"], scene.cheaper.listing.id.to_string());
    assert_eq!(alternatives[0]["supplier"], "云浦百澍药业股份有限公司");
    let pointers: Vec<_> = without.errors.iter().map(|e| e.pointer.as_str()).collect();
    assert!(pointers.contains(&"/lines/1/risk_reason") && pointers.contains(&"/lines/1/risk_acknowledged"));
    for reason in ["急需", "一二三四五六七八九", "   ", &"长".repeat(501)] {
        let short = refusal(scene.submit(&scene.buyer, &made, acknowledged(2, reason)).await);
        assert_eq!(short.code, "RISK_ACK_REQUIRED", "{reason}");
    }
    let mut silent = acknowledged(2, REASON);
    silent.lines[0].risk_acknowledged = false;
    assert_eq!(refusal(scene.submit(&scene.buyer, &made, silent).await).code, "RISK_ACK_REQUIRED");
    let sent = scene.submit(&scene.buyer, &made, acknowledged(2, REASON)).await.expect("submitted").body;
    let kept = show::show(&scene.db, &scene.officer, id_of(&sent)).await.expect("order").view.lines;
    assert_eq!(kept[1].risk_reason.as_deref(), Some(REASON));
    assert_eq!(kept[1].risk_acknowledged_by, Some(scene.buyer.user));
    assert_eq!(kept[1].risk_acknowledged_at, Some(morning()));
    assert_eq!((kept[1].unit_price, kept[1].mark.as_str()), (yuan("15.01"), "red"));
    assert_eq!((kept[2].risk_reason.as_deref(), kept[2].risk_acknowledged_at), (None, None));
    assert_eq!(sent["mark"], "red", "the gravest");
}
both_engines!(red_asks_for_a_reason);

async fn reasons_of_ten_and_of_five_hundred_characters_do(db: Db) {
    let scene = Scene::new(db).await;
    for reason in ["一二三四五六七八九十".to_owned(), "长".repeat(500)] {
        let made = scene.saved(&scene.buyer, scene.draft(vec![line(&scene.red, 1)])).await;
        assert!(
            scene.submit(&scene.buyer, &made, acknowledged(1, &reason)).await.is_ok(),
            "{}",
            reason.chars().count()
        );
    }
    // The reason may stand in the draft already; the acknowledgement is given with the act.
    let mut early = scene.draft(vec![line(&scene.red, 1)]);
    early.lines[0].risk_reason = Some(REASON.into());
    let made = scene.saved(&scene.buyer, early).await;
    let only = SubmitInput {
        lines: vec![SubmitLine { line_no: 1, unit_price: None, risk_acknowledged: true, risk_reason: None }],
    };
    assert_eq!(
        scene.submit(&scene.buyer, &made, only).await.expect("submitted").body["lines"][0]["risk_reason"],
        REASON
    );
}
both_engines!(reasons_of_ten_and_of_five_hundred_characters_do);

async fn alternatives_can_be_ordered_unmarked_and_cheaper(db: Db) {
    use jicai::listing::convert::{GroupListing, list_injection_group};
    use jicai::rules::injection::Basis;
    let scene = Scene::new(db).await;
    // Twelve more brands at 5.90, one dearer, one of another content, one that is not listed.
    let mut all = Vec::new();
    for n in 0..12_u32 {
        all.push((
            new_product(&scene.other_maker, &format!("厂牌{n:02}"), "注射用头孢曲松钠", "1.0g", 400 + n),
            "59.00",
        ));
    }
    all.push((new_product(&scene.other_maker, "贵厂", "注射用头孢曲松钠", "1.0g", 420), "150.10"));
    all.push((new_product(&scene.other_maker, "小厂", "注射用头孢曲松钠", "0.5g", 421), "10.00"));
    let unlisted = new_product(&scene.other_maker, "未挂", "注射用头孢曲松钠", "1.0g", 422);
    products(&scene.db, vec![unlisted]).await;
    for (n, (new, price)) in (0_u32..).zip(all) {
        let product = products(&scene.db, vec![new]).await[0].id;
        let group = GroupListing {
            product,
            packs: vec![pack(500 + n, 10, price, Basis::Normal)],
            evaluated: Vec::new(),
            originator: Vec::new(),
            other_brands: Some(Vec::new()),
            accept_high: false,
            from_day: day("2024-08-01"),
        };
        list_injection_group(&scene.db, &system(), &scene.policies, group).await.expect("listed");
    }
    let preview = draft::preview(&scene.db, &scene.buyer, scene.draft(vec![line(&scene.red, 1)]))
        .await
        .expect("preview");
    let brands: Vec<_> = preview.risks[0].alternatives.iter().map(|a| a.brand.as_str()).collect();
    let expected: Vec<String> =
        std::iter::once("百澍".to_owned()).chain((0..9).map(|n| format!("厂牌{n:02}"))).collect();
    assert_eq!(brands, expected, "ten, the cheapest first, then by name");
    assert!(preview.risks[0].alternatives.iter().all(|a| !a.same_supplier));
}
both_engines!(alternatives_can_be_ordered_unmarked_and_cheaper);

async fn officers_see_marked_purchases(db: Db) {
    let scene = Scene::new(db).await;
    let buy = async |lines, input| {
        let made = scene.saved(&scene.buyer, scene.draft(lines)).await;
        scene.submit(&scene.buyer, &made, input).await.expect("submitted").body
    };
    buy(vec![line(&scene.tablet, 3), line(&scene.red, 20), line(&scene.yellow, 5)], acknowledged(2, REASON))
        .await;
    buy(vec![line(&scene.yellow, 10)], SubmitInput::default()).await;
    buy(vec![line(&scene.tablet, 3)], SubmitInput::default()).await;
    let refused = buy(vec![line(&scene.yellow, 1)], SubmitInput::default()).await;
    answer::refuse(&scene.db, &scene.seller, id_of(&refused), version_of(&refused), "缺货")
        .await
        .expect("refused");
    let taken = buy(vec![line(&scene.yellow, 1)], SubmitInput::default()).await;
    cancel::cancel(&scene.db, &scene.buyer, id_of(&taken), version_of(&taken), "").await.expect("taken back");
    scene.saved(&scene.buyer, scene.draft(vec![line(&scene.red, 1)])).await;
    let see = async |filter| marked::marked(&scene.db, &scene.officer, filter, None, 50).await.expect("list");
    let all = see(MarkedFilter::default()).await;
    assert_eq!((all.totals.lines, all.totals.quantity, all.totals.amount), (3, 35, yuan("435.35").into()));
    let h = &all.hospitals[0];
    assert_eq!((h.hospital.as_str(), h.red, h.yellow), ("澜州市第一人民医院", 1, 2));
    assert_eq!((h.red_amount, h.yellow_amount), (yuan("300.20").into(), yuan("135.15").into()));
    let red = see(MarkedFilter { mark: Some(jicai::listing::Mark::Red), ..MarkedFilter::default() }).await;
    let row = &red.page.items[0];
    assert_eq!(
        (row.reason.as_deref(), row.by.as_str(), row.lowest_unit_price),
        (Some(REASON), "buyer 的姓名", Some(yuan("5.00")))
    );
    assert_eq!(
        see(MarkedFilter { hospital_id: Some(scene.other_hospital.id), ..MarkedFilter::default() })
            .await
            .totals
            .lines,
        0
    );
    assert_eq!(
        see(MarkedFilter { city: Some("云浦".into()), ..MarkedFilter::default() }).await.totals.lines,
        0
    );
    assert_eq!(
        see(MarkedFilter { from: Some(day("2024-08-06")), ..MarkedFilter::default() }).await.totals.lines,
        0
    );
    assert_eq!(
        see(MarkedFilter { to: Some(day("2024-08-05")), ..MarkedFilter::default() }).await.totals.lines,
        3
    );
    // Page by page, each once.
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = marked::marked(&scene.db, &scene.officer, MarkedFilter::default(), after, 1)
            .await
            .expect("list")
            .page;
        let Some(row) = page.items.first() else { break };
        seen.push((row.order_id, row.line_no));
        after = row.submitted_at.map(|t| {
            let at = Key::Number(t.0.and_utc().timestamp_micros());
            ("-submitted".to_owned(), at, row.order_id, row.line_no)
        });
        if page.next.is_none() {
            break;
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 3);
    for other in [&scene.buyer, &scene.seller] {
        assert_eq!(
            refusal(marked::marked(&scene.db, other, MarkedFilter::default(), None, 50).await).status,
            403
        );
    }
    let sheet = marked::sheet(&scene.db, &scene.officer, MarkedFilter::default(), 100).await.expect("sheet");
    assert!(sheet().bytes().expect("xlsx").len() > 1000);
}
both_engines!(officers_see_marked_purchases);
