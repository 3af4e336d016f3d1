//! Whose an imported product is: exactly one national general agent's, which counts as its manufacturer (SN-2).

use diesel::prelude::*;
use jicai::catalogue::claim::{self, ClaimState, Verdict};
use jicai::catalogue::proposal::{self, ProductPatch};
use jicai::catalogue::{self, Product};
use jicai::party::Organisation;
use jicai::platform::files;
use jicai::platform::http::upload::Kept;
use jicai::platform::schema::product;
use jicai::platform::sql::Id;
use jicai::platform::who::guard::{Guard, Manufacturer, ManufacturerClerk};
use jicai::platform::who::{OrgKind, Post, Principal};

use crate::support::office::{account, new_product, organisation, refusal};
use crate::support::sheets::{checked, confirmed, drug, drugs_xlsx, work};
use crate::support::{TestApp, Who, app_test};

const IMPORTED: &str = "国药准字HJ20160001";

async fn agent(app: &TestApp, name: &str, n: u32) -> (Organisation, Principal) {
    let of = organisation(&app.db, OrgKind::NationalAgent, name, n).await;
    let person = account(&app.db, &of, Post::Trade, &format!("agent{n}")).await;
    let person = Principal { received_at: app.now(), ..person };
    (of, person)
}

async fn claimed(app: &TestApp, who: &Principal) -> Id {
    let png = b"\x89PNG\r\n\x1a\n an appointment".to_vec();
    let file = files::store(&app.db, app.now(), "/evidence", png).await.expect("evidence");
    let kept = vec![Kept { name: "委托书.png".into(), file }];
    claim::claim(&app.db, who, "10001", "境外持有人的委托书见附件", kept).await.expect("claim").id
}

async fn confirm(app: &TestApp, id: Id) {
    let officer = app.person(Who::Officer);
    claim::judge(&app.db, &officer, id, Verdict::Confirm).await.expect("decided");
    work(app).await;
}

async fn products(app: &TestApp) -> Vec<Product> {
    app.db
        .read(|c| Ok(product::table.order(product::approval_no).select(Product::as_select()).load(c)?))
        .await
        .expect("products")
}

/// One made here (国药准字H00000001) and one made abroad (国药准字HJ…), both under enterprise code 10001.
async fn imported(app: &TestApp) {
    let mut rows = vec![drug(1, 10_001), drug(2, 10_001)];
    rows[1][10] = IMPORTED.into();
    let run = checked(app, "drugs", "a.xlsx", drugs_xlsx(&rows)).await;
    assert_eq!(confirmed(app, &run).await.added, 2);
}

async fn an_import_has_exactly_one_national_agent(app: &TestApp) {
    imported(app).await;
    let (first, one) = agent(app, "远洋医药进出口有限公司", 701).await;
    let (_, two) = agent(app, "海岸医药进出口有限公司", 702).await;
    let (a, b) = (claimed(app, &one).await, claimed(app, &two).await);
    confirm(app, a).await;
    let other = app.db.read(move |c| claim::find(c, None, b)).await.expect("claim");
    assert_eq!(other.state, ClaimState::Refused, "there is no second agent");
    let owners: Vec<_> = products(app).await.iter().map(|p| p.manufacturer_id).collect();
    assert_eq!(owners, [None, Some(first.id)], "the agent holds what is made abroad, and nothing else");
    // It acts as the manufacturer: its product is among its own.
    let mine =
        app.db.read(move |c| catalogue::mine::products(c, first.id, None, 10)).await.expect("products");
    assert_eq!(mine.len(), 1);
    // A later import under the code finds both rules again.
    let mut row = drug(3, 10_001);
    row[10] = "国药准字HJ20160002".into();
    let run = checked(app, "drugs", "b.xlsx", drugs_xlsx(&[row, drug(4, 10_001)])).await;
    confirmed(app, &run).await;
    let held: Vec<_> =
        products(app).await.into_iter().filter(|p| p.manufacturer_id == Some(first.id)).collect();
    assert_eq!(
        held.iter().map(|p| p.approval_no.as_str()).collect::<Vec<_>>(),
        ["国药准字HJ20160001", "国药准字HJ20160002"]
    );
    app.take_mails().await;
}
app_test!(an_import_has_exactly_one_national_agent);

/// SN-2: a consumable whose certificate turns out to be of an import leaves its manufacturer for the national agent.
async fn a_consumable_changes_hands_with_its_origin(app: &TestApp) {
    let heads = "医保耗材代码,产品名称,规格型号,注册证号,生产企业,单位,单独收费,所属系统,部件,部件数量";
    let row = |certificate: &str| {
        let text =
            format!("{heads}\nC0101010010000112345,髋臼螺钉,6.5×25,{certificate},某器械公司,枚,是,,,\n");
        text.into_bytes()
    };
    let (_, maker) = (agent(app, "远洋医药进出口有限公司", 701).await, app.person(Who::Enterprise));
    let png = b"\x89PNG\r\n\x1a\n a certificate".to_vec();
    let file = files::store(&app.db, app.now(), "/evidence", png).await.expect("evidence");
    let kept = vec![Kept { name: "证.png".into(), file }];
    let claim =
        claim::claim(&app.db, &maker, "C12345", "本企业的注册证见附件", kept).await.expect("claim").id;
    confirm(app, claim).await;
    let run = checked(app, "consumables", "a.csv", row("国械注准20200001")).await;
    confirmed(app, &run).await;
    assert_eq!(products(app).await[0].manufacturer_id, Some(maker.organisation));
    let run = checked(app, "consumables", "b.csv", row("国械注进20200001")).await;
    assert_eq!(run.changed, 1);
    confirmed(app, &run).await;
    assert_eq!(products(app).await[0].manufacturer_id, None, "the manufacturer holds no import");
    app.take_mails().await;
}
app_test!(a_consumable_changes_hands_with_its_origin);

async fn a_manufacturer_holds_no_import(app: &TestApp) {
    imported(app).await;
    let claim = claimed(app, &app.person(Who::Enterprise)).await;
    confirm(app, claim).await;
    let enterprise = app.organisation(Who::Enterprise).id;
    let all = products(app).await;
    assert_eq!(all.iter().map(|p| p.manufacturer_id).collect::<Vec<_>>(), [Some(enterprise), None]);
    let officer = app.portal(Who::Officer).await;
    let page = officer.get("/products/work").await.expect(200);
    assert!(page.text.contains("境外产品，应由其全国总代理认领或指定（SN-2）"), "{}", page.text);
    // An officer cannot give it to a manufacturer either, but to an agent, though the code is the manufacturer's.
    let (abroad, who) = (&all[1], app.person(Who::Officer));
    let give = |to: Id| ProductPatch { manufacturer_id: Some(to), ..ProductPatch::default() };
    let change =
        |to: Id| proposal::change(&app.db, &who, abroad.id, abroad.version, give(to), "按境外持有人的委托书");
    let refused = refusal(change(enterprise).await);
    assert_eq!((refused.status, refused.clause), (422, Some("SN-2")));
    assert!(refused.detail.contains("应由其全国总代理持有"), "{}", refused.detail);
    let (agent, _) = agent(app, "远洋医药进出口有限公司", 701).await;
    change(agent.id).await.expect("proposed");
    let waiting = app.db.read(|c| proposal::waiting(c, None, 10)).await.expect("proposals").remove(0);
    proposal::decide(&app.db, &app.person(Who::SecondOfficer), waiting.id, true).await.expect("decided");
    assert_eq!(products(app).await[1].manufacturer_id, Some(agent.id));
    let page = officer.get(&format!("/catalogue/{}", abroad.id)).await.expect(200);
    assert!(page.text.contains("远洋医药进出口有限公司（视为生产企业，SN-2）"), "{}", page.text);
    // Nor is one put in under a manufacturer, or a product made here under an agent.
    let mut new = new_product(app.organisation(Who::Enterprise), "厂牌", "进口片", "1g", 88);
    new.approval_no = IMPORTED.into();
    let refused = refusal(catalogue::create::create(&app.db, &app.system(), new.clone()).await);
    assert_eq!(refused.errors[0].pointer, "/manufacturer");
    (new.manufacturer, new.approval_no) = (agent.id, "国药准字H20160001".into());
    refusal(catalogue::create::create(&app.db, &app.system(), new).await);
    app.take_mails().await;
}
app_test!(a_manufacturer_holds_no_import);

async fn everybody_of_an_organisation_sees_its_posts(app: &TestApp) {
    let of = app.organisation(Who::Enterprise).clone();
    account(&app.db, &of, Post::Admin, "enterprise-admin").await;
    let page = app.portal(Who::Enterprise).await.get("/organisation").await.expect(200).text;
    for words in
        ["岗位与人员", "认领企业代码、下调挂网价、委托配送企业", "enterprise-admin 的姓名", "Enterprise"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("填报采购需求量"), "a hospital's function");
    let page = app.portal(Who::HospitalViewer).await.get("/organisation").await.expect(200).text;
    for words in ["填报采购需求量", "Hospital", "Finance", "HospitalAdmin", "复核"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    // Who is told no stays in the own frame, with the way back.
    let refused = app.portal(Who::Hospital).await.get("/my/products").await.expect(403).text;
    for words in ["不能办理", "回到首页", "id=\"nav\"", "第一人民医院"] {
        assert!(refused.contains(words), "{words}: {refused}");
    }
    // Whoever does no business for the enterprise looks, and claims nothing.
    let form = "提交认领";
    assert!(app.portal(Who::Enterprise).await.get("/my/claims").await.expect(200).text.contains(form));
    let (kind, admits) = (OrgKind::Manufacturer, Manufacturer::admits);
    assert!(admits(kind, Post::Admin) && admits(kind, Post::Viewer));
    assert!(!ManufacturerClerk::admits(kind, Post::Admin));
}
app_test!(everybody_of_an_organisation_sees_its_posts);
