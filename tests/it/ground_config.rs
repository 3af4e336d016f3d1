//! Configuration: three layers, every key named, what is wrong said in Chinese with the way to mend it, secrets unseen.

use jicai::platform::config::{Config, Environment, SenderKind};

fn load(file: &str, variables: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    let variables: Vec<(String, String)> =
        variables.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
    Config::from_parts(Some(file), &variables).map_err(|problems| problems.0)
}

fn refused(file: &str, variables: &[(&str, &str)]) -> String {
    load(file, variables).expect_err("refused").join("\n")
}

#[test]
fn the_defaults_stand_by_themselves() {
    let config = load("", &[]).unwrap();
    assert_eq!(config.platform.environment, Environment::Development);
    assert_eq!(config.server.bind.to_string(), "127.0.0.1:8080");
    assert_eq!(config.database.url.reveal(), "sqlite:data/jicai.db");
    assert_eq!(config.mail.sender, SenderKind::Memory);
    assert!(config.insecure().is_none() && config.is_loopback());
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let file = "[server]\nbind = \"127.0.0.1:9000\"\nworkers = 3\n[mail]\nsmtp_port = 25\n";
    let config = load(
        file,
        &[
            ("JICAI_SERVER_BIND", "127.0.0.1:9001"),
            ("JICAI_DATABASE_SLOW_QUERY_MS", "5"),
            ("JICAI_AUDIT_DAILY_MAIL", "false"),
            ("DATABASE_URL", "postgres://a:b@h/d"),
            ("JICAI_REQUIRE", "postgres"),
            ("HOME", "/nowhere"),
        ],
    )
    .unwrap();
    assert_eq!(config.server.bind.to_string(), "127.0.0.1:9001");
    assert_eq!((config.server.workers, config.mail.smtp_port), (3, 25));
    assert_eq!(config.database.slow_query_ms, 5);
    assert!(!config.audit.daily_mail);
    assert_eq!(config.database.url.reveal(), "postgres://a:b@h/d");
}

/// A file, variables, and the words of the refusal.
type Case = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);

#[test]
fn what_is_unknown_or_of_another_kind_is_refused_by_name() {
    let cases: [Case; 12] = [
        ("[server]\nprot = 1\n", &[], &["server.prot", "没有这一项配置", "bind"]),
        ("[sever]\n", &[], &["[sever]", "没有这一组配置", "server"]),
        ("server = 1\n", &[], &["server：应写成"]),
        ("[mail]\nsmtp_port = \"25\"\n", &[], &["mail.smtp_port", "应为整数"]),
        ("[mail]\nsmtp_port = 70000\n", &[], &["mail.smtp_port", "取值无法识别"]),
        ("[mail]\nsender = \"pigeon\"\n", &[], &["mail.sender", "取值无法识别", "pigeon"]),
        ("[server]\nbind = \"localhost\"\n", &[], &["server.bind", "取值无法识别"]),
        ("[server\n", &[], &["不是有效的 TOML"]),
        ("", &[("JICAI_SERVER_PROT", "1")], &["JICAI_SERVER_PROT", "没有对应的配置项"]),
        (
            "",
            &[("JICAI_DATABASE_READERS", "many")],
            &["JICAI_DATABASE_READERS", "database.readers", "应为整数"],
        ),
        ("", &[("JICAI_AUDIT_DAILY_MAIL", "yes")], &["JICAI_AUDIT_DAILY_MAIL", "true 或 false"]),
        ("", &[("DATABASE_URL", "mysql://h/d")], &["database.url", "mysql", "sqlite:文件路径"]),
    ];
    for (file, variables, words) in cases {
        let said = refused(file, variables);
        for word in words {
            assert!(said.contains(word), "{file:?} {variables:?}: {said}");
        }
    }
}

#[test]
fn what_cannot_work_is_refused_with_the_way_to_mend_it() {
    let cases = [
        ("[platform]\npublic_url = \"jicai.example.cn\"\n", "platform.public_url"),
        ("[platform]\npublic_url = \"https://jicai.example.cn/\"\n", "platform.public_url"),
        ("[platform]\npublic_url = \"https://jicai.example.cn:port\"\n", "platform.public_url"),
        ("[metrics]\nbind = \"0.0.0.0:9464\"\n", "metrics.bind"),
        ("[log]\nlevel = \"loud\"\n", "log.level"),
        ("[mail]\nfrom = \"nobody\"\n", "mail.from"),
        ("[mail]\nsender = \"smtp\"\nsmtp_user = \"u\"\n", "mail.smtp_password"),
        ("[mail]\nsender = \"smtp\"\nsmtp_host = \" \"\n", "mail.smtp_host"),
        ("[database]\nwriters = 0\n", "database.writers"),
        ("[jobs]\nworkers = 65\n", "jobs.workers"),
        ("[keys]\nfile = \"\"\n", "keys.file"),
    ];
    for (file, key) in cases {
        let said = refused(file, &[]);
        assert!(said.lines().any(|line| line.contains(key)), "{file:?}: {said}");
    }
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let said = refused("[database]\nwriters = 0\nreaders = 0\n[jobs]\nworkers = 99\n", &[]);
    assert_eq!(said.lines().count(), 3, "{said}");
}

#[test]
fn secrets_are_never_printed() {
    let file = "[mail]\nsender = \"smtp\"\nsmtp_user = \"u\"\nsmtp_password = \"geheim-1\"\n";
    let config = load(file, &[("DATABASE_URL", "postgres://u:geheim-2@h/d")]).unwrap();
    let shown = format!("{config:?} {} {}", config.mail.smtp_password, config.database.url);
    assert!(!shown.contains("geheim") && shown.contains("***"), "{shown}");
    assert_eq!(config.mail.smtp_password.reveal(), "geheim-1");
    let said = refused("", &[("DATABASE_URL", "mysql://u:geheim-3@h/d")]);
    assert!(!said.contains("geheim"), "{said}");
}

const PRODUCTION: &str = include_str!("../../config/production.example.toml");

// A pool of connections to a mail server wants a runtime.
#[tokio::test]
async fn the_example_for_production_is_one() {
    let config = load(PRODUCTION, &[("JICAI_MAIL_SMTP_PASSWORD", "x")]).unwrap();
    assert!(config.is_production() && config.insecure().is_none() && !config.is_loopback());
    assert!(matches!(config.mailer().unwrap().sender, jicai::platform::outbox::sender::Sender::Smtp(_)));
}

#[test]
fn production_refuses_what_is_not_fit_for_the_public() {
    let password = ("JICAI_MAIL_SMTP_PASSWORD", "x");
    let cases = [
        (("JICAI_MAIL_SENDER", "file"), "mail.sender"),
        (("JICAI_MAIL_SENDER", "memory"), "mail.sender"),
        (("JICAI_MAIL_SMTP_TLS", "none"), "mail.smtp_tls"),
        (("JICAI_PLATFORM_PUBLIC_URL", "http://jicai.example.gov.cn"), "platform.public_url"),
    ];
    for (variable, key) in cases {
        let said = refused(PRODUCTION, &[password, variable]);
        assert!(said.contains(key), "{variable:?}: {said}");
    }
}

#[test]
fn an_address_without_tls_is_safe_on_this_machine_only() {
    let insecure = |url: &str, bind: &str| {
        load("", &[("JICAI_PLATFORM_PUBLIC_URL", url), ("JICAI_SERVER_BIND", bind)]).unwrap().insecure()
    };
    assert_eq!(insecure("http://127.0.0.1:8080", "127.0.0.1:8080"), None);
    assert_eq!(insecure("http://localhost:8080", "[::1]:8080"), None);
    assert_eq!(insecure("http://[::1]:8080", "127.0.0.1:8080"), None);
    assert_eq!(insecure("https://jicai.example.cn", "0.0.0.0:8080"), None);
    for (url, bind) in [
        ("http://jicai.example.cn", "127.0.0.1:8080"),
        ("http://127.0.0.1:8080", "0.0.0.0:8080"),
        ("http://10.1.2.3", "10.1.2.3:80"),
    ] {
        let said = insecure(url, bind).unwrap_or_else(|| panic!("{url} on {bind} is not safe"));
        assert!(said.contains("--insecure-http") && said.contains("明文"), "{said}");
    }
}
