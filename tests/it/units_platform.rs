//! What the ground computes without a database.

mod total {
    use jicai::platform::sql::{Money, Total};

    #[test]
    fn a_total_is_written_like_an_amount_and_goes_further() {
        for (micro, plain, shown) in [
            (0, "0.00", "0.00"),
            (5_800_000, "5.80", "5.80"),
            (1_234_000, "1.234", "1.234"),
            (1_234_567_890_001, "1234567.890001", "1,234,567.890001"),
            (-1_500_000, "-1.50", "-1.50"),
            (i64::MAX, "9223372036854.775807", "9,223,372,036,854.775807"),
        ] {
            let total = Total::from(Money(micro));
            assert_eq!((total.to_string().as_str(), total.display().as_str()), (plain, shown));
            assert_eq!(Money(micro).to_string(), plain, "an amount is written the same way");
        }
        let most = Total::from(Money(i64::MAX));
        assert_eq!(most.plus(most).expect("a sum").to_string(), "18446744073709.551614");
        // 2 × (2⁶³ − 1)² + 4 × (2⁶³ − 1) + 1 is 2¹²⁷ − 1, the most that there is.
        let square = Money(i64::MAX).times(i64::MAX);
        let rest = Money(i64::MAX).times(4).plus(Money(1)).expect("a sum");
        let end = square.plus(square).and_then(|sum| sum.plus(rest)).expect("a sum");
        assert_eq!(end.to_string().replace('.', ""), i128::MAX.to_string());
        assert!(end.plus(Money(1)).is_err());
    }
}

mod input {
    use jicai::platform::error::Error;
    use jicai::platform::input::{Checks, half_width};

    #[test]
    fn a_quantity_is_whole_digits_or_refused_by_name() {
        for (given, read) in [
            (serde_json::json!(10), Some(10)),
            (serde_json::json!("10"), Some(10)),
            (serde_json::json!("\u{3000}7 "), Some(7)),
            (serde_json::json!(1_000_000_000), Some(1_000_000_000)),
            (serde_json::json!(0), None),
            (serde_json::json!(-1), None),
            (serde_json::json!(1.5), None),
            (serde_json::json!("1.5"), None),
            (serde_json::json!("1e3"), None),
            (serde_json::json!(1e3), None),
            (serde_json::json!(1_000_000_000_000_i64), None),
            (serde_json::json!(12345678901234567.89), None),
            (serde_json::json!("１０"), None),
            (serde_json::json!(""), None),
            (serde_json::json!(null), None),
            (serde_json::json!([1]), None),
        ] {
            let mut checks = Checks::default();
            let got = checks.whole("/lines/0/quantity", "数量", &given, 1..=1_000_000_000);
            assert_eq!(checks.is_fine().then_some(got), read, "{given}");
            if read.is_none() {
                assert!(matches!(checks.finish(), Err(Error::Refused(r))
                    if r.status == 422 && r.errors.first().map(|e| e.pointer.as_str()) == Some("/lines/0/quantity")));
            }
        }
        assert_eq!(half_width("１０　ＡＭＸＬ－１"), "10 AMXL-1");
    }

    #[test]
    fn a_text_is_measured_in_characters() {
        let mut checks = Checks::default();
        assert_eq!(
            checks.text("/reason", "理由", "　临床急需，无替代品种  ", 10..=500),
            "临床急需，无替代品种"
        );
        assert!(checks.is_fine());
        checks.text("/reason", "理由", "急需", 10..=500);
        checks.text("/reason", "理由", "一二三四五\n六七八九十", 10..=500);
        assert_eq!(checks.optional("/remark", "备注", Some("  "), 10), None);
        let wrong = checks.into_errors();
        assert!(wrong[0].detail.contains("您填了 2 个字") && wrong[1].detail.contains("换行"));
    }
}

mod signing {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use jicai::platform::signing::SigningKey;
    use p256::ecdsa::VerifyingKey;
    use p256::pkcs8::DecodePublicKey;

    /// RFC 6979, A.2.5: the public key of a published private key.
    #[test]
    fn the_public_half_is_the_published_one() {
        let private = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721";
        let key = SigningKey::read(&STANDARD.encode(hex::decode(private).unwrap())).unwrap();
        let point = "0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6\
                     7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299";
        let read = VerifyingKey::from_public_key_pem(&key.public.pem).unwrap();
        assert_eq!(hex::encode_upper(read.to_encoded_point(false)), point);
        let document = b"sample";
        // r and s of SHA-256, "sample".
        let published = "3046022100EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716\
                         022100F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8";
        assert_eq!(hex::encode_upper(key.sign(document).unwrap()), published);
    }
}

mod upload {
    use actix_web::http::header::{CONTENT_TYPE, HeaderMap};
    use actix_web::web::Bytes;
    use jicai::platform::error::Error;
    use jicai::platform::http::upload::{LONGEST_NAME, clean, fitting, read};

    #[test]
    fn a_files_name_neither_leads_elsewhere_nor_says_what_it_is() {
        for (given, kept) in [
            ("C:\\用户\\证照.pdf", "证照.pdf"),
            ("../../etc/passwd", "passwd"),
            ("  .htaccess", "htaccess"),
            ("许可证\u{202e}fdp.exe", "许可证fdp.exe"),
            ("a\"b\r\nc.png", "abc.png"),
        ] {
            assert_eq!(clean(given), kept, "{given:?}");
        }
        assert_eq!(clean(&"长".repeat(300)).chars().count(), LONGEST_NAME);
        for (name, media_type, kept) in [
            ("证照.PDF", "application/pdf", "证照.PDF"),
            ("照片.jpeg", "image/jpeg", "照片.jpeg"),
            ("照片.pdf", "image/png", "照片.png"),
            ("照片", "image/png", "照片.png"),
            ("", "application/pdf", "文件.pdf"),
        ] {
            assert_eq!(fitting(name, media_type), kept, "{name:?}");
        }
    }

    #[tokio::test]
    async fn fields_and_files_are_told_apart() {
        let body = Bytes::from_static(
            "--x\r\ncontent-disposition: form-data; name=\"city\"\r\n\r\n南州\r\n\
             --x\r\ncontent-disposition: form-data; name=\"none\"; filename=\"\"\r\n\r\n\r\n\
             --x\r\ncontent-disposition: form-data; name=\"sheet\"; filename=\"a.csv\"\r\n\r\n1,2\r\n3\r\n--x--\r\n"
                .as_bytes(),
        );
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, "multipart/form-data; boundary=x".parse().unwrap());
        let upload = read(&headers, true, &body).await.unwrap().unwrap();
        assert_eq!(upload.form.value("city"), "南州");
        assert_eq!(upload.file("sheet").unwrap().bytes.as_ref(), b"1,2\r\n3");
        assert!(upload.file("none").is_err() && upload.files("none").next().is_none());
        assert!(matches!(read(&headers, false, &body).await, Err(Error::Refused(r)) if r.status == 415));
        let half = body.slice(..40);
        assert!(matches!(read(&headers, true, &half).await, Err(Error::Refused(r)) if r.status == 400));
    }
}

mod place {
    use jicai::platform::http::place::ListAddress;

    #[test]
    fn a_list_goes_on_and_back_with_its_filters() {
        let first = ListAddress::read("/orders", "state=submitted&q=%20%20&other=1", &["state", "q"]);
        assert_eq!((first.value("state"), first.value("q"), first.is_filtered()), ("submitted", "", true));
        let paging = first.paging(50, Some("AAA"), Some(1204));
        assert_eq!(paging.shown, "第 1–50 条，共 1,204 条");
        assert_eq!(paging.previous, None);
        let href = paging.next.unwrap();
        assert_eq!(href, "/orders?state=submitted&after=AAA&row=51");

        let second = ListAddress::read("/orders", href.split_once('?').unwrap().1, &["state", "q"]);
        assert_eq!(second.after().as_deref(), Some("AAA"));
        let paging = second.paging(50, Some("BBB"), None);
        assert_eq!(paging.shown, "第 51–100 条");
        assert_eq!(paging.previous.as_deref(), Some("/orders?state=submitted"));

        let third = ListAddress::read("/orders", paging.next.unwrap().split_once('?').unwrap().1, &["state"]);
        let paging = third.paging(7, None, None);
        assert_eq!(paging.shown, "第 101–107 条");
        assert_eq!(paging.next, None);
        assert_eq!(paging.previous.as_deref(), Some("/orders?state=submitted&after=AAA&row=51"));
        assert_eq!(third.with("state", ""), "/orders");
        assert_eq!(third.at("/orders.xlsx"), "/orders.xlsx?state=submitted");
    }
}

mod present {
    use chrono::Duration;
    use jicai::platform::http::present::{left, short, whole};
    use jicai::platform::http::view::Tone;
    use jicai::platform::sql::Time;

    #[test]
    fn numbers_and_deadlines_read_as_people_write_them() {
        assert_eq!(
            [whole(0), whole(999), whole(1_000), whole(-1_234_567)],
            ["0", "999", "1,000", "-1,234,567"]
        );
        let now = Time::parse("2024-08-05T09:00:00+08:00").unwrap();
        let after = |minutes| left(now.plus(Duration::minutes(minutes)), now);
        assert_eq!(after(2880), ("还剩 2 天".into(), Tone::Waiting));
        assert_eq!(after(300), ("还剩 5 小时".into(), Tone::Hint));
        assert_eq!(after(-61), ("已超时 1 小时".into(), Tone::Wrong));
        assert_eq!([short("3.0020"), short("3.0000"), short("30"), short("")], ["3.002", "3", "30", ""]);
    }
}

mod sorting {
    use jicai::platform::http::sorting::Sort;

    jicai::text_enum! {
        /// Keys of the test.
        pub enum Key {
            /// One.
            Amount = "amount",
        }
    }

    #[test]
    fn the_sign_says_which_end_comes_first() {
        let up: Sort<Key> = "amount".parse().unwrap();
        let down: Sort<Key> = "-amount".parse().unwrap();
        assert_eq!((up.down, down.down), (false, true));
        assert_eq!((up.to_string(), down.to_string()), ("amount".into(), "-amount".into()));
        assert_eq!("price".parse::<Sort<Key>>(), Err("不能按“price”排序".into()));
    }
}

mod caller {
    use std::net::IpAddr;

    use jicai::platform::http::caller::{Caller, behind, device};

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_header_is_believed_only_as_far_as_our_own_proxies_reach() {
        let proxies = [ip("10.0.0.1"), ip("10.0.0.2")];
        let seen = |hops: &[&str]| behind(&proxies, proxies[0], hops);
        assert_eq!(seen(&["203.0.113.9"]), ip("203.0.113.9"));
        // The caller wrote the first one; our own proxy wrote the last.
        assert_eq!(seen(&["198.51.100.1", "203.0.113.9"]), ip("203.0.113.9"));
        assert_eq!(seen(&["198.51.100.1", "203.0.113.9", "10.0.0.2"]), ip("203.0.113.9"));
        assert_eq!(seen(&["nonsense"]), proxies[0]);
        assert_eq!(seen(&[]), proxies[0]);
    }

    #[test]
    fn a_device_is_told_in_two_words() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0";
        assert_eq!(device(edge), "Windows，Edge 浏览器");
        let qq = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/98 Safari/537.36 QQBrowser/11";
        assert_eq!(device(qq), "Windows，QQ 浏览器");
        assert_eq!(device("curl/8.5.0"), "curl/8.5.0");
        assert_eq!(device(""), "未知设备");
        assert_eq!(device(&"x".repeat(500)).chars().count(), 40);
    }

    #[test]
    fn one_household_counts_as_one() {
        let caller = |text| Caller { address: ip(text), device: String::new(), request_id: None };
        assert_eq!(caller("2001:db8:1:2:3:4:5:6").network(), caller("2001:db8:1:2::9").network());
        assert_ne!(caller("192.0.2.1").network(), caller("192.0.2.2").network());
    }
}

mod sheet {
    use calamine::{Data, Reader, Xlsx};
    use jicai::platform::sheet::{Cell, Column, Sheet};
    use jicai::platform::sql::Money;

    #[test]
    fn what_is_written_is_read_back() {
        let mut sheet = Sheet::new("订单[1]", vec![Column::new("品名", 20), Column::new("金额（元）", 12)]);
        sheet.row(vec!["=1+1".into(), Cell::Money(Money(9_010_000))]);
        sheet.row(vec![Cell::Empty, Cell::Whole(1_000_000_000)]);
        sheet.note("合计见上");
        let bytes = sheet.bytes().unwrap();
        let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
        let range = book.worksheet_range("订单1").unwrap();
        let cells: Vec<&Data> = range.rows().flatten().collect();
        assert_eq!(cells[0], &Data::String("品名".into()));
        assert_eq!(cells[2], &Data::String("=1+1".into()));
        assert_eq!(cells[3], &Data::Float(9.01));
        assert_eq!(cells[5], &Data::Float(1_000_000_000.0));
        assert_eq!(cells[6], &Data::String("合计见上".into()));
    }
}

mod heads {
    use jicai::platform::import::Column;
    use jicai::platform::import::heads::Finder;
    use jicai::platform::sheet::SheetRow;

    const COLUMNS: &[Column] = &[
        Column::new("药品代码", 20).needed().or(&["goodscode"]),
        Column::new("注册名称", 20).needed(),
        Column::new("备注", 9),
    ];

    fn row(cells: &[&str]) -> SheetRow {
        SheetRow { number: 1, cells: cells.iter().map(|c| (*c).to_owned()).collect() }
    }

    #[test]
    fn heads_are_found_below_a_title_in_any_order_and_by_their_aliases() {
        let mut finder = Finder::default();
        assert!(finder.look(COLUMNS, &row(&["国家医保药品编码"])).unwrap().is_none());
        let heads = finder.look(COLUMNS, &row(&["序号", "注册 名称*", "ＧoodsCode"])).unwrap().unwrap();
        let cells = heads.cells(&row(&["1", "甲", "X1"]));
        assert_eq!((cells.get(0), cells.get(1), cells.get(2)), ("X1", "甲", ""));
    }

    #[test]
    fn a_missing_or_doubled_head_is_named() {
        let words = |rows: &[&[&str]]| {
            let mut finder = Finder::default();
            for cells in rows {
                match finder.look(COLUMNS, &row(cells)) {
                    Ok(None) => {}
                    Ok(Some(_)) => return "found".to_owned(),
                    Err(e) => return e.to_string(),
                }
            }
            finder.not_found(COLUMNS).to_string()
        };
        assert!(words(&[&["药品代码", "备注"]]).contains("表头缺少“注册名称”列"));
        assert!(words(&[&["药品代码", "注册名称", "goodscode"]]).contains("出现了两次（第 3 列）"));
        assert!(words(&[&["a"][..]; 10]).contains("没有找到表头"));
    }
}
