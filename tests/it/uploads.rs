//! Files that people hand in: what is taken, what is refused and how it is said, and who gets it back.

use jicai::platform::files::LIMIT;
use sha2::{Digest, Sha256};

use crate::support::{Actor, TestApp, Who, app_test};

const PATH: &str = "/organisation/files";
const API: &str = "/api/v1/organisation/files";

/// A PNG by its first bytes, of so many bytes.
fn png(size: usize) -> Vec<u8> {
    let mut bytes = vec![0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];
    // Not the same everywhere, so that chunks in the wrong order would be seen.
    bytes.extend((bytes.len()..size).map(|n| (n / 1000 % 251) as u8));
    bytes
}

async fn refused(actor: &Actor, name: &str, content: &[u8], said: &str) {
    let problem = actor.upload(API, &[], &[("files", name, content)]).await.problem(422, "INVALID");
    assert_eq!(problem["errors"][0]["pointer"], "/files", "{problem}");
    assert!(problem["detail"].as_str().expect("words").contains(said), "{problem}");
}

async fn what_is_no_evidence_is_refused_by_its_content(app: &TestApp) {
    let admin = app.api(Who::HospitalAdmin).await;
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    let html = b"<!doctype html><script>alert(1)</script>";
    for (name, content) in [
        ("licence.svg", &svg[..]),
        ("licence.png", &svg[..]),
        ("licence.pdf", &html[..]),
        ("licence.pdf", b"MZ\x90\x00\x03 a program"),
        ("licence.xlsx", b"PK\x03\x04 not an archive"),
        ("licence.js", b"alert(1)"),
    ] {
        refused(&admin, name, content, "不接受该类文件").await;
    }
    refused(&admin, "empty.pdf", b"", "empty.pdf：文件是空的").await;
    let none = admin.upload(API, &[], &[("files", "", b"")]).await.problem(422, "INVALID");
    assert!(none["detail"].as_str().expect("words").contains("请选择要上传的文件"));
    assert_eq!(admin.get("/api/v1/organisation").await.expect(200).json()["files"], serde_json::json!([]));
    // The page says it beside the field, and what is not a form with files is not taken for one.
    let page = app.portal(Who::HospitalAdmin).await;
    let answer = page.upload(PATH, &[], &[("files", "licence.svg", svg)]).await.expect(422);
    assert!(answer.text.contains("licence.svg：不接受该类文件") && answer.text.contains("<form"));
    page.form(PATH, &[("files", "x")]).await.expect(415);
    admin.post(API, &serde_json::json!({})).await.problem(415, "UNSUPPORTED_MEDIA_TYPE");
}
app_test!(what_is_no_evidence_is_refused_by_its_content);

/// The request takes no idempotency key: the content is the key.
async fn a_file_that_is_sent_twice_is_kept_once(app: &TestApp) {
    let admin = app.api(Who::HospitalAdmin).await;
    let (one, two) = (png(1000), png(2000));
    let first = admin.upload(API, &[], &[("files", "执照.png", &one)]).await.expect(201).json();
    let again = admin.upload(API, &[], &[("files", "执照.png", &one)]).await.expect(201).json();
    assert_eq!(again, first);
    let both = [
        ("files", "执照.png", &one[..]),
        ("files", "许可证.png", &two[..]),
        ("files", "又一份.png", &two[..]),
    ];
    let both = admin.upload(API, &[], &both).await.expect(201).json();
    assert_eq!(both["items"][0], first["items"][0]);
    assert_eq!(both["items"][1], both["items"][2], "twice in one request");
    let kept = admin.get("/api/v1/organisation").await.expect(200).json();
    assert_eq!(kept["files"].as_array().map(Vec::len), Some(2), "{kept}");
}
app_test!(a_file_that_is_sent_twice_is_kept_once);

async fn a_file_comes_back_whole_and_only_as_something_to_save(app: &TestApp) {
    let admin = app.api(Who::HospitalAdmin).await;
    // Three chunks, the last one short; called what it is not.
    let content = png(2 * 1024 * 1024 + 77);
    let answer = admin.upload(API, &[], &[("files", "执照 2024.pdf", &content)]).await.expect(201).json();
    let file = &answer["items"][0];
    assert_eq!((&file["name"], &file["media_type"]), (&"执照 2024.png".into(), &"image/png".into()));
    assert_eq!(file["sha256"], hex::encode(Sha256::digest(&content)));
    let path = format!("/files/{}", file["id"].as_str().expect("id"));
    for (actor, path) in [
        (app.portal(Who::HospitalViewer).await, path.clone()),
        (app.api(Who::HospitalViewer).await, format!("/api/v1{path}")),
        (app.portal(Who::Officer).await, path.clone()),
    ] {
        let response = actor.request("GET", &path).send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        let header = |name: &str| response.headers()[name].to_str().expect("ASCII").to_owned();
        assert!(header("content-disposition").starts_with("attachment;"));
        assert!(header("content-disposition").ends_with("filename*=UTF-8''%E6%89%A7%E7%85%A7%202024.png"));
        assert_eq!(
            (header("x-content-type-options"), header("content-type")),
            ("nosniff".into(), "image/png".into())
        );
        assert!(header("content-security-policy").contains("sandbox"));
        assert!(response.bytes().await.expect("bytes") == content, "not the same bytes");
    }
    for (who, path) in [(Who::OtherHospital, path.as_str()), (Who::Enterprise, &path), (Who::Observer, &path)]
    {
        app.portal(who).await.get(path).await.expect(404);
        app.api(who).await.get(&format!("/api/v1{path}")).await.problem(404, "NOT_FOUND");
    }
}
app_test!(a_file_comes_back_whole_and_only_as_something_to_save);

async fn twenty_mebibytes_are_taken_and_more_is_explained(app: &TestApp) {
    let (api, page) = (app.api(Who::HospitalAdmin).await, app.portal(Who::HospitalAdmin).await);
    let much = png(21 * 1024 * 1024);
    let problem = api.upload(API, &[], &[("files", "a.png", &much)]).await.problem(413, "TOO_LARGE");
    assert!(problem["detail"].as_str().expect("words").contains("一次上传至多 20 MB"));
    let answer = page.upload(PATH, &[], &[("files", "a.png", &much)]).await.expect(413);
    assert!(answer.text.contains("一次上传至多 20 MB") && answer.text.contains("<nav"), "{}", answer.text);
    // Within the room for the form's other fields, but a file of its own limit.
    let problem = api.upload(API, &[], &[("files", "b.png", &png(LIMIT + 1))]).await.problem(422, "INVALID");
    assert!(problem["detail"].as_str().expect("words").contains("超过 20 MB"), "{problem}");
    api.upload(API, &[], &[("files", "c.png", &png(LIMIT))]).await.expect(201);
}
app_test!(twenty_mebibytes_are_taken_and_more_is_explained);

async fn an_upload_needs_our_own_page_or_a_token(app: &TestApp) {
    let page = app.portal(Who::HospitalAdmin).await;
    let file = [("files", "a.png", &png(100)[..])];
    let stolen = Actor::new(
        &app.base,
        match &page.credential {
            crate::support::Credential::Session { secret, .. } => {
                crate::support::Credential::Session { secret: secret.clone(), form_token: "guessed".into() }
            }
            other => other.clone(),
        },
    );
    let answer = stolen.upload(PATH, &[], &file).await.expect(403);
    assert!(answer.text.contains("页面已失效"), "{}", answer.text);
    app.api(Who::Anonymous).await.upload(API, &[], &file).await.problem(401, "LOGIN_REQUIRED");
    app.api(Who::Hospital).await.upload(API, &[], &file).await.problem(403, "FORBIDDEN");
    page.upload(PATH, &[], &file).await.expect(303);
    // Broken off in the middle of a part.
    let request = app.api(Who::HospitalAdmin).await.request("POST", API);
    let request = request.header("content-type", "multipart/form-data; boundary=x");
    let half = "--x\r\ncontent-disposition: form-data; name=\"files\"; filename=\"a.png\"\r\n\r\nabc";
    page.send(request.body(half)).await.problem(400, "UNREADABLE");
}
app_test!(an_upload_needs_our_own_page_or_a_token);
