//! What access tokens are signed with: a file with one `KID SECRET` a line, the secret in base64 (at least 32 bytes), and a line
//! `sign SECRET` with the key of [`crate::platform::signing`]. The
//! first line signs, all verify, so that keys are changed without a break: add the new line on top, remove the old one
//! a day later, when an hourly task has sealed again what is kept sealed in the database (secrets of the second log-in step). All instances of an installation share the file; a backup does not hold it.

use std::io::Write;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{DecodingKey, EncodingKey};
use sha2::{Digest, Sha256};

use crate::platform::signing::SigningKey;

/// Bytes that a secret has at least: as many as its hash.
const MIN_BYTES: usize = 32;

/// One signing key.
#[derive(Clone)]
pub(super) struct Key {
    pub kid: String,
    /// For what is kept sealed in the database; made from the secret, never the secret itself.
    pub seals: [u8; 32],
    pub signs: EncodingKey,
    pub verifies: DecodingKey,
}

/// The keys of an installation: those of tokens, the one that signs first, and the one that signs documents.
#[derive(Clone)]
pub struct Keys {
    tokens: Vec<Key>,
    documents: Option<SigningKey>,
}

/// What the line of the key that signs documents begins with.
const SIGN: &str = "sign";

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.tokens.iter().map(|k| &k.kid)).finish()
    }
}

impl Keys {
    /// Reads the file's text.
    ///
    /// # Errors
    /// A sentence for the operator that names the line, never the secret.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (mut keys, mut documents): (Vec<Key>, _) = (Vec::new(), None);
        let lines = text.lines().enumerate().map(|(n, l)| (n + 1, l.trim()));
        for (n, line) in lines.filter(|(_, l)| !l.is_empty() && !l.starts_with('#')) {
            let (kid, secret) = line
                .split_once(char::is_whitespace)
                .ok_or(format!("密钥文件第 {n} 行应为“编号 密钥”，中间用空格隔开"))?;
            if kid == SIGN {
                let read = SigningKey::read(secret).ok_or(format!("密钥文件第 {n} 行不是签名密钥"))?;
                // Like those of tokens: the first signs. Older ones are only kept by the operator.
                documents.get_or_insert(read);
                continue;
            }
            let secret =
                STANDARD.decode(secret.trim()).map_err(|_| format!("密钥文件第 {n} 行的密钥不是 base64"))?;
            if secret.len() < MIN_BYTES {
                return Err(format!("密钥文件第 {n} 行的密钥短于 {MIN_BYTES} 字节"));
            }
            if keys.iter().any(|k| k.kid == kid) {
                return Err(format!("密钥文件第 {n} 行的编号 {kid} 重复"));
            }
            let (signs, verifies) = (EncodingKey::from_secret(&secret), DecodingKey::from_secret(&secret));
            keys.push(Key { kid: kid.into(), seals: sealing_key(&secret), signs, verifies });
        }
        if keys.is_empty() {
            Err("密钥文件中没有密钥".into())
        } else {
            Ok(Self { tokens: keys, documents })
        }
    }

    /// Reads the file.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn load(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|e| {
            format!(
                "无法读取密钥文件 {}：{e}；首次使用请运行 jicai migrate 生成，已有备份请放回原处",
                path.display()
            )
        })?;
        if others_may_read(path) {
            return Err(format!("密钥文件 {0} 可被其他用户读取；请运行 chmod 600 {0}", path.display()));
        }
        let keys = Self::parse(&text).map_err(|e| format!("{}：{e}", path.display()))?;
        match keys.documents {
            Some(_) => Ok(keys),
            None => Err(format!(
                "密钥文件 {} 中没有签名密钥（以 {SIGN} 开头的一行）；请运行 jicai migrate 补上",
                path.display()
            )),
        }
    }

    /// Reads the file, or makes one with a fresh key that only its owner may read.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn load_or_create(path: &Path) -> Result<Self, String> {
        if !path.exists() {
            let parent = path.parent().filter(|p| !p.as_os_str().is_empty());
            parent
                .map_or(Ok(()), std::fs::create_dir_all)
                .and_then(|()| write_private(path, &format!("{}{}", Self::fresh_line(), sign_line())))
                .map_err(|e| format!("无法写入密钥文件 {}：{e}", path.display()))?;
        }
        add_sign_line(path).map_err(|e| format!("无法写入密钥文件 {}：{e}", path.display()))?;
        Self::load(path)
    }

    /// One line of a key file with a fresh key.
    pub fn fresh_line() -> String {
        let kid: [u8; 4] = rand::random();
        let secret: [u8; 64] = rand::random();
        format!("{} {}\n", hex::encode(kid), STANDARD.encode(secret))
    }

    /// A key that lives as long as the process, for tests.
    ///
    /// # Errors
    /// None that a fresh line gives.
    pub fn ephemeral() -> Result<Self, String> {
        Self::parse(&format!("{}{}", Self::fresh_line(), sign_line()))
    }

    /// What documents are signed with; none where the file has no such line.
    pub fn documents(&self) -> Option<&SigningKey> {
        self.documents.as_ref()
    }

    pub(super) fn signing(&self) -> Option<&Key> {
        self.tokens.first()
    }

    pub(super) fn find(&self, kid: &str) -> Option<&Key> {
        self.tokens.iter().find(|k| k.kid == kid)
    }
}

fn sign_line() -> String {
    format!("{SIGN} {}\n", SigningKey::fresh())
}

/// Adds the key that signs documents to a file of before there was one.
fn add_sign_line(path: &Path) -> std::io::Result<()> {
    let text = std::fs::read_to_string(path)?;
    if text.lines().any(|line| line.split_whitespace().next() == Some(SIGN)) {
        return Ok(());
    }
    let mut file = std::fs::OpenOptions::new().append(true).open(path)?;
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    file.write_all(format!("{gap}{}", sign_line()).as_bytes())?;
    file.sync_all()
}

/// Another key for another use.
fn sealing_key(secret: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(b"jicai sealed at rest 1").chain_update(secret).finalize().into()
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(unix)]
fn others_may_read(path: &Path) -> bool {
    std::fs::metadata(path)
        .is_ok_and(|m| std::os::unix::fs::PermissionsExt::mode(&m.permissions()) & 0o077 != 0)
}

#[cfg(not(unix))]
fn others_may_read(_: &Path) -> bool {
    false
}
