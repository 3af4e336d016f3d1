//! Lists from spreadsheets and messages as rows: whatever the columns, a quantity is never guessed and no line is lost.

use jicai::order::pasted::{MOST, Read, Row, Skip, counted, of_file, of_text};
use jicai::platform::error::Error;
use jicai::platform::sheet::{Cell, Column, Sheet};
use proptest::prelude::*;

use crate::support::office::refusal;

fn read(text: &str) -> Read {
    of_text("/text", text).unwrap_or_else(|error| panic!("{text:?}: {error:?}"))
}

fn refused(text: &str) -> String {
    let refusal = refusal(of_text("/text", text));
    assert_eq!((refusal.status, refusal.errors[0].pointer.as_str()), (422, "/text"));
    refusal.errors[0].detail.clone()
}

/// What is ordered, how many of what; the reason in the place of a quantity that cannot be read.
fn brief(row: &Row) -> (String, String) {
    let what = if row.name.is_empty() { row.codes.join(" ") } else { row.name.clone() };
    let counted = match &row.counted {
        Ok(counted) => format!("{}{}", counted.quantity.get(), counted.unit),
        Err(why) => why.clone(),
    };
    (what, counted)
}

fn briefs(text: &str) -> Vec<(String, String)> {
    read(text).rows.iter().map(brief).collect()
}

fn of(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(what, counted)| ((*what).to_owned(), (*counted).to_owned())).collect()
}

#[test]
fn a_sheet_with_heads_is_read_by_its_heads() {
    let text = "澜州市第一医院八月采购计划\t\t\t\t\t\t\t\n\
        序号\t医保编码\t药品名称\t规格\t生产企业\t单价（元）\t采购数量（支）\t备注\n\
        1\tXJ01DDT133B001000000001\t注射用头孢曲松钠\t1.0g\t华南制药\t15.00\t1,200\t急\n\
        \t\t\t\t\t\t\t\n\
        ２\t\t注射用青霉素钠\t0.8g\t\t2\t５０\t\n\
        合计\t\t\t\t\t\t1,250\t";
    let found = read(text);
    assert_eq!(found.rows.len(), 2);
    let [first, second] = found.rows.as_slice() else { panic!("two rows") };
    assert_eq!(first.codes, ["XJ01DDT133B001000000001"]);
    assert_eq!((first.strength.as_str(), first.maker.as_str()), ("1.0g", "华南制药"));
    assert_eq!(brief(first), ("注射用头孢曲松钠".into(), "1200支".into()));
    assert_eq!(brief(second), ("注射用青霉素钠".into(), "50支".into()));
    assert_eq!((first.number, second.number), (3, 5));
    assert_eq!(found.skipped, [(1, Skip::Title), (2, Skip::Head), (6, Skip::Total)]);
    assert_eq!(found.passed_over().expect("a sentence"), "没有读取：第 1 行（标题），第 6 行（合计）。");
}

#[test]
fn without_heads_the_columns_say_what_they_hold() {
    for text in [
        "1\t阿莫西林胶囊\t0.25g*24粒\t9.90\t5\n2\t注射用青霉素钠\t0.8g\t1.25\t100",
        "阿莫西林胶囊\t5\t0.25g*24粒\t49.50\t9.90\n注射用青霉素钠\t100\t0.8g\t125\t1.25",
        "阿莫西林胶囊\t0.25g*24粒\t5\n注射用青霉素钠\t0.8g\t100\n",
        "阿莫西林胶囊\t15.00\t5.00\n注射用青霉素钠\t1.25\t100.00",
        "5\t阿莫西林胶囊\n100\t注射用青霉素钠",
    ] {
        assert_eq!(briefs(text), of(&[("阿莫西林胶囊", "5"), ("注射用青霉素钠", "100")]), "{text}");
    }
    assert_eq!(briefs("国药准字H20055001\t5盒"), of(&[("H20055001", "5盒")]));
    assert_eq!(briefs("H20055001\t 5\t盒"), of(&[("H20055001", "5盒")]));
    let serial = "1\t阿莫西林胶囊\n2\t注射用青霉素钠\n3\t布洛芬片";
    assert!(
        read(serial).rows.iter().all(|row| row.counted == Err("没有填写数量".into())),
        "no serial number"
    );
}

#[test]
fn a_message_is_read_word_by_word() {
    let text = "1、阿莫西林胶囊 0.25g 5盒\n２．注射用青霉素钠，０.８g，１，２００支\n\n③ 布洛芬片×3盒\n\
        XC05CAQ094B001010290004,200\n维生素B1片 100片 2 瓶";
    let found = read(text);
    let expected = [
        ("阿莫西林胶囊", "5盒"),
        ("注射用青霉素钠", "1200支"),
        ("布洛芬片", "3盒"),
        ("XC05CAQ094B001010290004", "200"),
        ("维生素B1片", "100片"),
    ];
    let read: Vec<_> = found.rows.iter().map(brief).collect();
    assert_eq!(read[..4], of(&expected[..4]));
    assert_eq!(found.rows[0].strength, "0.25g");
    assert_eq!(found.rows[4].name, "维生素B1片");
    let headed = briefs("药品名称 规格 数量 单价\n阿莫西林胶囊 0.25g 5 15\n注射用青霉素钠 0.8g 100 2");
    assert_eq!(headed, of(&[("阿莫西林胶囊", "5"), ("注射用青霉素钠", "100")]));
    let two = of_text("/text", "阿莫西林胶囊 5 15").expect("read");
    assert_eq!(two.rows[0].counted, Err("看不出哪个数是数量（5、15）".into()));
}

#[test]
fn a_quantity_is_whole_or_stays_with_the_reason() {
    let good =
        [("5", 5, ""), ("５盒", 5, "盒"), ("1,200", 1200, ""), ("1，200 支", 1200, "支"), ("5.00", 5, "")];
    for (text, quantity, unit) in good {
        let read = counted(text).expect(text);
        assert_eq!((read.quantity.get(), read.unit.as_str()), (quantity, unit), "{text}");
    }
    let bad = [
        ("", "没有填写数量"),
        ("1.5", "数量应为不小于 1 的整数，您填的是 1.5"),
        ("0", "数量应为不小于 1 的整数，您填的是 0"),
        ("-3", "数量应为不小于 1 的整数，您填的是 -3"),
        ("-3盒", "数量应为不小于 1 的整数，您填的是 -3盒"),
        ("1,20", "数量应为不小于 1 的整数，您填的是 1,20"),
        ("12万", "数量应为不小于 1 的整数，您填的是 12万"),
        ("10*5盒", "数量应为不小于 1 的整数，您填的是 10*5盒"),
        ("5-10盒", "数量应为不小于 1 的整数，您填的是 5-10盒"),
        ("五盒", "数量应为不小于 1 的整数，您填的是 五盒"),
        ("#N/A", "数量应为不小于 1 的整数，您填的是 #N/A"),
        ("1000000001", "数量不能超过 1000000000，您填的是 1000000001"),
        (
            "99999999999999999999999999999999",
            "数量不能超过 1000000000，您填的是 99999999999999999999999999999999",
        ),
    ];
    for (text, told) in bad {
        assert_eq!(counted(text).expect_err(text), told);
    }
    let rows = "阿莫西林胶囊\t5\n布洛芬片\t1.5\n青霉素\t0\n维生素C片\t-3\n胰岛素\t\n地西泮\t2000000000";
    assert_eq!(read(rows).rows.iter().filter(|row| row.counted.is_ok()).count(), 1);
    assert_eq!(read(rows).rows.len(), 6, "each stays");
}

#[test]
fn what_nobody_can_tell_is_asked() {
    let told = refused("阿莫西林胶囊\t5\t15\n布洛芬片\t7\t20");
    assert!(told.contains("第 2、3 列都是数字") && told.contains("加一行列名"), "{told}");
    let told = refused("药品名称\t申请数量\t计划数量\n阿莫西林胶囊\t5\t6");
    assert!(told.contains("“申请数量”") && told.contains("“计划数量”"), "{told}");
    let settled = "药品名称\t库存数量\t上月用量\t申请数量\t审批数量\n阿莫西林胶囊\t900\t80\t5\t4";
    assert_eq!(briefs(settled), of(&[("阿莫西林胶囊", "4")]));
    assert!(refused(" \n\t\t\n\u{3000}").starts_with("没有内容"));
}

#[test]
fn too_many_lines_are_refused_by_their_number() {
    let lines: String = (0..5000).map(|n| format!("药{n}\t{}\n", n + 1)).collect();
    assert_eq!(
        refused(&lines),
        format!("清单有 5000 行，一次最多 {MOST} 行，没有加入。请分几次粘贴或上传。")
    );
    let most: String = (0..MOST).map(|n| format!("药{n}\t{}\n", n % 7 + 1)).collect();
    assert_eq!(read(&most).rows.len(), MOST);
}

#[test]
fn cells_with_line_breaks_and_lone_quotes() {
    let text =
        "编码\t名称\t数量\n\tA\t1\n\t\"阿莫西林胶囊\n（国产）\"\t5\n\t\"未闭合\t6\n\t\"\"\"优\"\"片\"\t7";
    let found = read(text);
    let names: Vec<&str> = found.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["A", "阿莫西林胶囊 （国产）", "\"未闭合", "\"优\"片"]);
    assert_eq!(found.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [2, 3, 5, 6]);
}

#[test]
fn a_file_is_read_as_a_block_is() {
    let columns = ["医保编码", "药品名称", "数量", "挂网价"].map(|head| Column::new(head, 12)).to_vec();
    let mut sheet = Sheet::new("计划", columns);
    let code = "XJ01DDT133B001000000001";
    sheet.row(vec![code.into(), "注射用头孢曲松钠".into(), Cell::Whole(20), Cell::Whole(15)]);
    sheet.row(vec![Cell::Empty, "青霉素".into(), "３０支".into(), Cell::Empty]);
    sheet.total([(0, "合计".into()), (2, Cell::Whole(50))]);
    let found = of_file("/file", &sheet.bytes().expect("xlsx")).expect("read");
    let expected = of(&[("注射用头孢曲松钠", "20"), ("青霉素", "30支")]);
    assert_eq!(found.rows.iter().map(brief).collect::<Vec<_>>(), expected);
    assert_eq!(found.skipped, [(1, Skip::Head), (4, Skip::Total)]);
    let (csv, _, _) = encoding_rs::GB18030.encode("药品名称,数量\r\n青霉素,\"1,200\"\r\n");
    assert_eq!(
        of_file("/file", &csv).expect("csv").rows.iter().map(brief).next(),
        of(&[("青霉素", "1200")]).pop()
    );
    let faulty: [(&[u8], &str); 4] = [
        (b"PK\x03\x04broken", "文件无法读取"),
        (b"\x89PNG\r\n\x1a\n\xff\xff\x00", "文件既不是 Excel"),
        (b"", "表中没有内容"),
        (&[b'1'; 6 * 1024 * 1024], "文件超过 5 MB"),
    ];
    for (bytes, told) in faulty {
        match of_file("/file", bytes) {
            Err(Error::Refused(no)) => {
                assert!(no.errors[0].detail.contains(told) && no.errors[0].pointer == "/file", "{no:?}");
            }
            other => panic!("{other:?}"),
        }
    }
}

/// A line of a list, and what its cells hold.
fn line() -> impl Strategy<Value = Vec<String>> {
    let name = "[阿莫西林胶囊注射用片]{1,8}";
    let quantity =
        prop_oneof!["[1-9][0-9]{0,4}", "[0-9]{1,3}盒", Just(String::new()), "-?[0-9]{1,3}\\.[0-9]"];
    let code = prop_oneof![Just(String::new()), "X[A-Z]0[1-9]DDT133B0010[0-9]{8}", "国药准字H[0-9]{8}"];
    (code, name, "[a-z0-9.*]{0,6}", quantity)
        .prop_map(|(code, name, strength, quantity)| vec![code, name, strength, quantity])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_makes_it_fall(text in any::<String>(), tabs in "[\\t\\n\"a合计数量编码0-9.,，×盒 \u{3000}（）-]{0,80}") {
        for text in [text, tabs] {
            if let Ok(found) = of_text("/text", &text) {
                let mut numbers: Vec<u32> = found.rows.iter().map(|row| row.number).collect();
                numbers.extend(found.skipped.iter().map(|(number, _)| *number));
                numbers.sort_unstable();
                prop_assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "a line stands once: {text:?}");
            }
            let _ = counted(&text);
        }
    }

    #[test]
    fn every_line_stands_once(
        lines in prop::collection::vec(line(), 1..40),
        blank in prop::collection::vec(0..3_usize, 40),
        head: bool,
        total: bool,
    ) {
        let mut text = String::new();
        let mut expected = Vec::new();
        let (mut number, mut skipped) = (1_u32, Vec::new());
        if head {
            text.push_str("编码\t名称\t规格\t数量\n");
            skipped.push((1, Skip::Head));
            number += 1;
        }
        for (cells, blanks) in lines.iter().zip(&blank) {
            text.push_str(&"\t\n".repeat(*blanks));
            number += u32::try_from(*blanks).expect("few");
            text.push_str(&cells.join("\t"));
            text.push('\n');
            expected.push((number, cells.iter().filter(|c| !c.is_empty()).cloned().collect::<Vec<_>>().join(" ")));
            number += 1;
        }
        if total {
            text.push_str("合计\t\t\t999");
            skipped.push((number, Skip::Total));
        }
        // Without heads it may be refused as a whole, never in part.
        if let Ok(found) = of_text("/text", &text) {
            let rows: Vec<(u32, String)> = found.rows.iter().map(|row| (row.number, row.text.clone())).collect();
            prop_assert_eq!(rows, expected);
            prop_assert_eq!(found.skipped, skipped);
        } else {
            prop_assert!(!head, "{text:?}");
        }
    }
}
