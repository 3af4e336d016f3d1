//! Drugs by what stands on their box: approval number, standard code, the middle of a code, strength, volume, pack.

use diesel::prelude::*;
use jicai::catalogue::search::{Query, find};
use jicai::platform::db::Db;
use jicai::platform::schema::product;
use jicai::platform::who::OrgKind;

use crate::support::both_engines;
use crate::support::office::*;

async fn names(db: &Db, text: &str) -> Vec<String> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let query = Query { text: text.into(), after, limit: 2 };
        let found = db.read(move |conn| find(conn, &query)).await.expect("search");
        all.extend(found.products.into_iter().map(|p| p.generic_name));
        match found.next {
            Some(next) => after = Some(next),
            None => return all,
        }
    }
}

async fn by_what_stands_on_the_box(db: Db) {
    let north = organisation(&db, OrgKind::Manufacturer, "澜州青禾制药有限公司", 1).await;
    let mut amoxicillin = new_product(&north, "青禾", "阿莫西林", "0.25g", 1);
    amoxicillin.approval_no = "国药准字H20046345".into();
    let mut heparin = new_product(&north, "青禾", "肝素钠", "10ml:0.25g", 2);
    heparin.approval_no = "国药准字H20051111".into();
    let mut other = new_product(&north, "青禾", "青霉素钠", "10.25g", 3);
    other.approval_no = "国药准字H19990003".into();
    let (pack, unit, pack_unit) = (heparin.pack_qty, heparin.unit.clone(), heparin.pack_unit.clone());
    let of = products(&db, vec![amoxicillin, heparin, other]).await[0].id;
    db.write_unaudited("test.code", move |c| {
        let row = diesel::update(product::table.find(of));
        Ok(row.set(product::standard_code.eq(Some("86900123000456"))).execute(c)?)
    })
    .await
    .expect("a standard code");
    let none = Vec::<String>::new();
    for text in ["国药准字H20046345", "h20046345", "20046345", "Ｈ２００４６３４５", "国药准字 H20046345"]
    {
        assert_eq!(names(&db, text).await, ["阿莫西林"], "{text}");
    }
    for text in ["86900123000456", "900123000"] {
        assert_eq!(names(&db, text).await, ["阿莫西林"], "{text}");
    }
    let code = drug_code(2);
    for from in [1, 4, 9] {
        assert_eq!(names(&db, &code[from..]).await, ["肝素钠"], "{}", &code[from..]);
    }
    assert_eq!(names(&db, "0.25g").await, ["阿莫西林", "肝素钠"], "not 10.25g");
    assert_eq!(names(&db, "0.25G 肝素").await, ["肝素钠"]);
    assert_eq!(names(&db, "gsn 10ml:0.25g").await, ["肝素钠"]);
    assert_eq!(names(&db, "10ml：0.25g").await, ["肝素钠"], "full-width colon");
    assert_eq!(names(&db, "10.25g 青禾").await, ["青霉素钠"]);
    assert_eq!(names(&db, "0.25g 青霉素").await, none);
    let box_of = format!("{pack}{unit}/{pack_unit}");
    assert_eq!(names(&db, &box_of).await.len(), 3, "{box_of}");
    assert_eq!(names(&db, &format!("{pack} {unit}")).await.len(), 3);
    assert_eq!(names(&db, "99片/盒").await, none);
    for text in ["H2_046345", "H20046345%", "0%25g", r"5\", "12345678901"] {
        assert_eq!(names(&db, text).await, none, "{text}");
    }
}
both_engines!(by_what_stands_on_the_box);
