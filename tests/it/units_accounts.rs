//! What accounts compute without a database.

mod totp {
    use jicai::accounts::totp::{app_address, fresh_recovery_codes, matching_step, normalise, picture};
    use jicai::platform::sql::Time;

    fn at(seconds: i64) -> Time {
        Time::from_utc(chrono::DateTime::from_timestamp(seconds, 0).unwrap())
    }

    /// The SHA-1 vectors of RFC 6238, appendix B, the last six of their eight digits.
    #[test]
    fn the_vectors_of_the_rfc() {
        let secret = b"12345678901234567890";
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(matching_step(secret, code, at(seconds)).unwrap(), Some(seconds / 30), "{seconds}");
            let neighbours =
                [seconds - 30, seconds + 30].map(|s| matching_step(secret, code, at(s)).unwrap());
            assert_eq!(neighbours, [Some(seconds / 30); 2], "a clock half a minute off");
            assert_eq!(matching_step(secret, code, at(seconds + 90)).unwrap(), None);
        }
        for nonsense in ["", "28708", "2870822", "28708x", "二八七零八二"] {
            assert_eq!(matching_step(secret, nonsense, at(59)).unwrap(), None);
        }
    }

    #[test]
    fn codes_are_read_as_people_type_them() {
        assert_eq!(normalise(" 287 ０８２　"), "287082");
        assert_eq!(normalise("k7qm-2xwp"), "K7QM2XWP");
        assert_eq!(normalise(&"长".repeat(1_000)), "");
        let codes = fresh_recovery_codes();
        assert_eq!(codes.len(), 10);
        assert!(codes.iter().all(|c| normalise(c).len() == 16 && c.len() == 19), "{codes:?}");
    }

    #[test]
    fn the_picture_holds_what_apps_read() {
        let address = app_address("医药集中采购平台", "li.ming@x", b"12345678901234567890");
        assert!(
            address.starts_with("otpauth://totp/%E5%8C%BB") && address.contains(":li.ming%40x?"),
            "{address}"
        );
        assert!(address.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&"), "{address}");
        let (side, path) = picture(&address).unwrap();
        assert!(side > 40 && path.starts_with("M4 4h1v1h-1z"));
    }
}

mod limit {
    use std::net::IpAddr;

    use chrono::Duration;
    use jicai::accounts::limit::AddressLimit;
    use jicai::platform::error::Error;
    use jicai::platform::sql::Time;

    fn start() -> Time {
        Time::parse("2024-08-05T09:00:00+08:00").unwrap()
    }

    #[test]
    fn failures_run_out_and_come_back_with_time() {
        let (limit, address, now) = (AddressLimit::default(), "192.0.2.1".parse().unwrap(), start());
        for _ in 0..60 {
            limit.take(address, now).unwrap();
        }
        let refused = limit.take(address, now);
        assert!(matches!(refused, Err(Error::Refused(r)) if r.status == 429 && r.extra["retry_after"] == 5));
        limit.take("192.0.2.2".parse().unwrap(), now).unwrap();
        limit.take(address, now.plus(Duration::seconds(5))).unwrap();
        assert!(limit.take(address, now.plus(Duration::seconds(9))).is_err());
        limit.give_back(address);
        limit.take(address, now.plus(Duration::seconds(9))).unwrap();
    }

    #[test]
    fn a_flood_of_addresses_takes_no_more_memory() {
        let limit = AddressLimit::default();
        for n in 0..200_000_u32 {
            limit.take(IpAddr::V4(n.into()), start()).unwrap();
        }
        assert!(limit.remembered() <= 40_000, "{}", limit.remembered());
    }
}

mod strength {
    use jicai::accounts::strength::check_for;
    use jicai::platform::error::Error;

    fn problem(names: &[&str], password: &str) -> Option<String> {
        match check_for("/password", names, password) {
            Ok(()) => None,
            Err(Error::Refused(refusal)) => Some(refusal.detail),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn what_guessers_try_first_is_refused() {
        for common in [
            "password1234",
            "Password2024!",
            "P@ssw0rd1234",
            "passwordpassword",
            "P@ssw0rd2024!!",
            "woaini1314520",
            "woaini19900101",
            "Woaini@2024!!",
            "5201314520131",
            "woaiwojia123",
            "zhangwei1990",
            "1qaz2wsx3edc",
            "qwertyuiop123",
            "asdfghjkl;'123",
            "a123456789012",
            "abc123456789",
            "iloveyou1234",
            "admin@123456",
            "administrator",
            "123456789012",
            "19491001194910",
            "abcabcabcabc",
            "121212121212",
            "abcdefghijkl",
            "zyxwvutsrqpo",
            "yiyuan123456",
            "yaopin@2024!",
            "caigou888888",
            "jicai2024jicai",
            "welcome2china",
            "qq123456789012",
            "taobao123456",
            "ＰＡＳＳＷＯＲＤ１２３４",
        ] {
            assert!(problem(&[], common).is_some_and(|p| p.contains("太常见")), "{common} was taken");
        }
    }

    #[test]
    fn long_and_odd_is_good_enough() {
        for good in [
            "correct horse battery",
            "十二个字的中文口令也可以用",
            "green-otter-37-ladder",
            "vT9#kq2LmZ!p",
            "雨后院子里有三只猫和一把伞",
            "jicai-demo-2024-lotus-wagon",
            "korrekt pferd batterie",
            "kx9wqz7bmt4r",
        ] {
            assert_eq!(problem(&["hospital", "李药师"], good), None, "{good}");
        }
        assert_eq!(
            problem(&[], &"长雨院子猫伞林".repeat(9)),
            Some("这个密码太常见，容易被猜中，请换一个。".into())
        );
    }

    #[test]
    fn ones_own_names_are_refused_in_every_writing() {
        let names = ["li.ming", "欧阳明月", "ming.ouyang@example.cn", "第一人民医院"];
        for own in [
            "xx-LI.MING-xx-77",
            "ouyangmingyue-77",
            "欧阳明月的电脑和两把椅子",
            "OuYangMingYue#kq2",
            "第一人民医院的药房很好找",
            "diyirenminyiyuan-k7",
            "ｌｉ．ｍｉｎｇ－ｋｑ２ｋｑ７",
        ] {
            assert!(problem(&names, own).is_some_and(|p| p.contains("不能含有")), "{own} was taken");
        }
    }

    #[test]
    fn the_length_is_counted_in_characters() {
        assert!(problem(&[], "short").is_some_and(|p| p.contains("至少 12 个字符，您填的有 5 个")));
        assert!(problem(&[], &"长".repeat(129)).is_some_and(|p| p.contains("至多 128 个字符")));
        let sentence: String = "竹林雨声茶客归路灯火山桥"
            .chars()
            .cycle()
            .take(60)
            .enumerate()
            .map(|(n, c)| if n % 7 == 0 { char::from_u32(0x5000 + n as u32).unwrap() } else { c })
            .collect();
        assert_eq!(problem(&[], &format!("{sentence}kq7x")), None, "64 characters and more are taken");
        assert!(problem(&[], &"x".repeat(1_000_000)).is_some_and(|p| p.contains("至多")));
    }
}

mod seal {
    use jicai::accounts::keys::Keys;
    use jicai::accounts::seal::{is_current, open, seal};
    use jicai::platform::sql::Id;

    #[test]
    fn only_the_right_row_and_key_open_it() {
        let old = Keys::fresh_line();
        let keys = Keys::parse(&old).unwrap();
        let owner = Id::new();
        let sealed = seal(&keys, owner, b"secret").unwrap();
        assert_eq!(open(&keys, owner, &sealed).as_deref(), Some(b"secret".as_slice()));
        assert_eq!(open(&keys, Id::new(), &sealed), None, "another row");
        assert_ne!(seal(&keys, owner, b"secret").unwrap(), sealed, "each time another nonce");
        let mut altered = sealed.clone();
        altered.pop();
        assert_eq!(open(&keys, owner, &altered), None);
        for nonsense in ["", "x", "x:y", ":", &format!("{}:AAAA", sealed.split(':').next().unwrap())] {
            assert_eq!(open(&keys, owner, nonsense), None, "{nonsense}");
        }
        let rotated = Keys::parse(&format!("{}{old}", Keys::fresh_line())).unwrap();
        assert_eq!(
            open(&rotated, owner, &sealed).as_deref(),
            Some(b"secret".as_slice()),
            "an older key still opens"
        );
        assert!(is_current(&keys, &sealed) && !is_current(&rotated, &sealed));
        assert_eq!(open(&Keys::ephemeral().unwrap(), owner, &sealed), None, "another installation");
    }
}

mod name {
    use jicai::accounts::name::{
        email_problem, login_problem, name_problem, normalise_login, normalise_name,
    };

    #[test]
    fn letters_that_only_look_alike_are_refused() {
        // Cyrillic а, Greek ο, a Cherokee letter, a dotless i.
        for login in ["\u{430}dmin1", "r\u{3bf}ot1", "\u{13aa}dmin", "adm\u{131}n1"] {
            assert!(
                login_problem(&normalise_login(login)).is_some_and(|p| p.contains("外形相似")),
                "{login}"
            );
        }
        assert_eq!(login_problem(&normalise_login("　ＺＨＡＮＧ.San ")), None);
        for name in [
            "Ли",
            "Αλφα",
            "李\u{200b}明",
            "李明\u{202e}",
            "李\u{0}明",
            "",
            "\u{30af}リニック",
            "<b>李</b>",
            &"李".repeat(51),
        ] {
            assert!(name_problem(&normalise_name(name)).is_some(), "{name:?}");
        }
        for name in ["李明", "阿卜杜拉·买买提", "Jean-François O'Neill", "Ｌｉ　Ｍｉｎｇ", "㐂田", "Who2"]
        {
            assert_eq!(name_problem(&normalise_name(name)), None, "{name}");
        }
        assert_eq!(normalise_name(" Ｌｉ　 Ｍｉｎｇ "), "Li Ming");
    }

    #[test]
    fn an_address_is_plain() {
        assert_eq!(email_problem("zhang@example.cn", true), None);
        assert_eq!(email_problem("", false), None);
        for bad in ["zhang", "zhang@\u{435}xample.cn", "a@b.cn\r\nBcc: x@y.cn", "", "Zhang <z@b.cn>"] {
            assert!(email_problem(bad, true).is_some(), "{bad}");
        }
    }
}
