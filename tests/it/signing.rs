//! The public verification key: what the platform gives out can be checked with it, and altered it cannot.

use jicai::platform::audit::seal;
use jicai::platform::signing::{self, SigningKey};
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{DerSignature, VerifyingKey};
use p256::pkcs8::DecodePublicKey;
use sha2::{Digest, Sha256};

use crate::support::shop::Shop;
use crate::support::{TestApp, Who, app_test};

async fn anybody_verifies_a_block_with_the_public_key(app: &TestApp) {
    Shop::open(app).await;
    seal::run(&app.db, &app.clock).await.expect("sealed");
    let stranger = app.portal(Who::Anonymous).await;
    let pem = stranger.get("/verification-key.pem").await.expect(200).text;
    let head = stranger.get("/audit/head").await.expect(200).text;
    assert!(head.contains("/audit/blocks/1.json") && head.contains("/verification-key"), "{head}");
    let page = stranger.get("/verification-key").await.expect(200).text;
    let bytes = async |path: &str| {
        let answer = stranger.request("GET", path).send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
        answer.bytes().await.expect("bytes").to_vec()
    };
    let (document, signature) = (bytes("/audit/blocks/1.json").await, bytes("/audit/blocks/1.sig").await);
    let content: serde_json::Value = serde_json::from_slice(&document).expect("JSON");
    let fingerprint = content["key"].as_str().expect("the key's fingerprint").to_owned();
    assert!(page.contains(&fingerprint) && page.contains("audit-block-1.sig"), "{page}");
    let key = VerifyingKey::from_public_key_pem(&pem).expect("a public key");
    let signed = DerSignature::from_bytes(&signature).expect("a signature");
    assert!(key.verify(&document, &signed).is_ok());
    let altered = String::from_utf8(document.clone()).expect("text").replace("\"no\":1", "\"no\":2");
    assert_ne!(altered.as_bytes(), document);
    assert!(key.verify(altered.as_bytes(), &signed).is_err());
    // The block's own hash is made of what stands there.
    let member = |name: &str| content[name].to_string();
    let hashed = format!(
        "{{\"entry_count\":{},\"merkle_root\":{},\"no\":{},\"prev_hash\":{},\"sealed_at\":{}}}",
        member("entry_count"),
        member("merkle_root"),
        member("no"),
        member("prev_hash"),
        member("sealed_at")
    );
    assert_eq!(content["hash"], hex::encode(Sha256::digest(hashed)));
    with_openssl(&pem, &document, &signature);
    stranger.get("/audit/blocks/99.json").await.expect(404);
}
app_test!(anybody_verifies_a_block_with_the_public_key);

/// As the page says: with nothing of ours.
fn with_openssl(pem: &str, document: &[u8], signature: &[u8]) {
    let dir = tempfile::tempdir().expect("dir");
    for (name, bytes) in [("key", pem.as_bytes()), ("json", document), ("sig", signature)] {
        std::fs::write(dir.path().join(name), bytes).expect("file");
    }
    let mut command = std::process::Command::new("openssl");
    command.args(["dgst", "-sha256", "-verify", "key", "-signature", "sig", "json"]).current_dir(dir.path());
    let Ok(output) = command.output() else { return };
    assert!(String::from_utf8_lossy(&output.stdout).contains("Verified OK"), "{output:?}");
}

async fn a_key_that_was_replaced_stays_published(app: &TestApp) {
    let old = SigningKey::read(&SigningKey::fresh()).expect("a key").public;
    signing::keep(&app.db, &old, app.now()).await.expect("kept");
    signing::keep(&app.db, &old, app.now()).await.expect("kept once");
    let page = app.portal(Who::Anonymous).await.get("/verification-key").await.expect(200).text;
    assert!(page.contains("曾经使用的公钥"), "{page}");
    assert_eq!(page.matches(&old.fingerprint).count(), 1);
}
app_test!(a_key_that_was_replaced_stays_published);
