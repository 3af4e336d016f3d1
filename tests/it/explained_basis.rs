//! The notice on injections is named for injections, and for nothing else.

use jicai::catalogue::{self, DosageClass};
use jicai::listing::PriceSource;
use jicai::listing::direct::{DirectListing, Term, list_direct};
use jicai::platform::policy::Policies;
use jicai::platform::sql::Id;

use crate::support::office::{day, morning, new_product, yuan};
use crate::support::{Answer, TestApp, Who, app_test};

const NOTICE: &str = "《国家医疗保障局办公室关于规范注射剂挂网工作的通知》";

fn says(page: &Answer, words: &str) {
    assert!(page.text.contains(words), "{words} is missing: {}", page.text);
}

/// A product of the enterprise at 9.90 yuan, by an agreement or not: (product, listing).
async fn listed(app: &TestApp, class: DosageClass, agreed: bool, n: u32) -> (Id, Id) {
    let mut new = new_product(app.organisation(Who::Enterprise), "华南", "阿莫西林", "0.25g", n);
    if class != DosageClass::Injection {
        (new.dosage_class, new.dosage_form) = (class, "胶囊剂".into());
        (new.unit, new.pack_qty, new.pack_unit) = ("粒".into(), 24, "盒".into());
    }
    let product = catalogue::create::create(&app.db, &app.system(), new).await.expect("product").id;
    let term = Term { until: day("2025-12-31"), pack_price: yuan("12.00"), pack_qty: 10 };
    let direct = DirectListing {
        product,
        unit_price: yuan("9.90"),
        price_source: if agreed { PriceSource::Vbp } else { PriceSource::General },
        from_day: day("2024-08-01"),
        term: agreed.then_some(term),
    };
    let policies = Policies::shipped().expect("policies");
    let record = list_direct(&app.db, &app.system(), &policies, direct).await.expect("listing");
    (product, record.listing.id)
}

async fn a_capsule_does_not_rest_on_the_notice_on_injections(app: &TestApp) {
    let now = app.now();
    app.db
        .write_unaudited("test.clock", move |c| jicai::platform::clock::set_legal(c, now, morning()))
        .await
        .expect("clock");
    let (product, capsule) = listed(app, DosageClass::Oral, false, 31).await;
    let maker = app.portal(Who::Enterprise).await;
    let why = maker.get(&format!("/listings/{capsule}/why")).await.expect(200);
    says(&why, "企业直接申报 9.90 元/盒");
    says(&why, "本品不是注射剂，不适用医保办函〔2024〕61号；价格由企业申报");
    assert!(!why.text.contains(NOTICE) && !why.text.contains("INJ-"), "{}", why.text);

    // The same of a cut, before and after.
    let cut = format!("/listings/{capsule}/price-cuts");
    let form = |act, tried| {
        [("version", "1"), ("unit_price", "9.00"), ("from_day", "2024-08-05"), ("act", act), ("tried", tried)]
    };
    let tried = maker.form(&cut, &form("try", "")).await.expect(200);
    says(&tried, "本品不是注射剂，不作标识");
    assert!(!tried.text.contains("INJ-") && !tried.text.contains("换算价"), "{}", tried.text);
    maker.form(&cut, &form("cut", "9.00 2024-08-05")).await.expect(303);
    let why = maker.get(&format!("/listings/{capsule}/why")).await.expect(200);
    says(&why, "不适用医保办函〔2024〕61号");
    assert!(!why.text.contains(NOTICE) && !why.text.contains("INJ-"), "{}", why.text);
    let told =
        app.api(Who::Hospital).await.get(&format!("/api/v1/listings/{capsule}")).await.expect(200).json();
    let documents = &told["explanation"]["documents"];
    assert_eq!(documents[0], "本品不是注射剂，不适用医保办函〔2024〕61号；价格由企业申报");
    assert!(
        !app.portal(Who::Officer)
            .await
            .get(&format!("/catalogue/{product}"))
            .await
            .expect(200)
            .text
            .contains("INJ-4.2")
    );

    let (_, agreed) = listed(app, DosageClass::Oral, true, 32).await;
    let why = maker.get(&format!("/listings/{agreed}/why")).await.expect(200);
    says(&why, "不适用医保办函〔2024〕61号；价格按集中采购或谈判的约定");
    assert!(!why.text.contains(NOTICE) && !why.text.contains("INJ-"), "{}", why.text);

    let (_, vial) = listed(app, DosageClass::Injection, false, 33).await;
    let why = maker.get(&format!("/listings/{vial}/why")).await.expect(200);
    says(&why, NOTICE);
    says(&why, "INJ-2.1");
    app.take_mails().await;
}
app_test!(a_capsule_does_not_rest_on_the_notice_on_injections);
