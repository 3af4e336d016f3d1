//! Two organisations that want to take part: one waits for the first officer, one for the second. And an announcement.

use super::people::{People, credit_code};
use crate::party::registration::apply::{self, Applicant, ApplicationInput};
use crate::party::registration::decide::{self, Decision, RegistrationAct};
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::Form;
use crate::platform::http::upload::{File, Upload};
use crate::platform::who::OrgKind;
use crate::publication::announcement;

/// The smallest PDF: one empty page.
const LICENCE: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
    2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
    3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n\
    trailer<</Root 1 0 R>>\n%%EOF\n";

/// Name, kind, further kind, city, number of the code, contact.
type Wanted = (&'static str, OrgKind, Option<OrgKind>, &'static str, u32, &'static str);

const WANTED: [Wanted; 2] = [
    ("霁阳康宁医院", OrgKind::PrivateHospital, None, "霁阳", 900_001, "seed-hospital"),
    (
        "鹤洲远航医药进出口有限公司",
        OrgKind::NationalAgent,
        Some(OrgKind::Distributor),
        "鹤洲",
        900_002,
        "seed-agent",
    ),
];

/// Puts them in, through the same operations as everybody.
pub async fn seed(db: &Db, people: &People, clock: &Clock) -> Result<()> {
    for (n, wanted) in WANTED.into_iter().enumerate() {
        let who = Applicant { principal: None, request_id: None, at: clock.now() };
        let (row, key) = apply::begin(db, &who, &input(wanted)?).await?;
        let file = File { field: "files".into(), name: "营业执照.pdf".into(), bytes: LICENCE.into() };
        apply::add_files(db, &who, &key, &Upload::new(Form::default(), vec![file])).await?;
        let row = apply::submit(db, &who, &key, "").await.map(|r| (row.id, r.version))?;
        if n == 1 {
            let officer = people.acting("officer1", clock.now())?;
            let decision = Decision { act: RegistrationAct::Approve, words: String::new() };
            decide::decide(db, &officer, row.0, row.1, &decision).await?;
        }
    }
    let officer = people.acting("officer1", clock.now())?;
    let body = "自 2024 年 8 月 1 日起，注射剂按最小制剂单位挂网和订购，原按包装挂网的医保编码将停用。\n\
                请各医疗机构核对院内目录，请各企业核对本企业产品的换算结果；如有疑问，请在 8 月 20 日前反馈。";
    announcement::publish(db, &officer, "关于注射剂按最小制剂单位挂网的通知", body).await?;
    Ok(())
}

fn input((name, kind, other, city, serial, mail): Wanted) -> Result<ApplicationInput> {
    Ok(ApplicationInput {
        name: name.into(),
        credit_code: credit_code(serial)?,
        kind,
        other_kinds: other.into_iter().collect(),
        city: city.into(),
        district: String::new(),
        address: format!("{city}市滨江路 18 号"),
        contact_name: "周文清".into(),
        phone: "0770-5550188".into(),
        email: format!("{mail}@demo.invalid"),
    })
}
