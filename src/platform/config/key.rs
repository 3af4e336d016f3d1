//! The platform's secret keys: a file that only its owner may read, made once, never in the database and never in a backup.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use sha2::{Digest, Sha256};

/// First line of the file, so that another file is not taken for it.
const HEAD: &str = "jicai keys 1";
const LENGTH: usize = 32;

/// The key that signs access tokens.
#[derive(Clone)]
pub struct SigningKey {
    /// Names the key without giving it away.
    pub kid: String,
    /// 256 random bits.
    pub secret: [u8; LENGTH],
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey {{ kid: {:?}, secret: *** }}", self.kid)
    }
}

impl SigningKey {
    /// A fresh key that is kept nowhere; for tests.
    pub fn random() -> Self {
        Self::from_secret(rand::random())
    }

    fn from_secret(secret: [u8; LENGTH]) -> Self {
        let mut kid = hex::encode(Sha256::digest(secret));
        kid.truncate(16);
        Self { kid, secret }
    }

    /// Reads the key file.
    ///
    /// # Errors
    /// A Chinese sentence: there is none, others may read it, or it is another file.
    pub fn load(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let text = std::fs::read_to_string(path).map_err(|e| {
            format!("keys.file：密钥文件 {shown} 无法读取（{e}）；首次使用请运行 jicai migrate 生成，已有备份请放回原处")
        })?;
        if others_may_read(path) {
            return Err(format!("keys.file：密钥文件 {shown} 可被其他用户读取；请运行 chmod 600 {shown}"));
        }
        let secret = text.strip_prefix(HEAD).and_then(|rest| rest.trim().strip_prefix("token "));
        let bytes = secret.and_then(|digits| hex::decode(digits.trim()).ok());
        let secret = bytes.and_then(|bytes| <[u8; LENGTH]>::try_from(bytes).ok());
        secret
            .map(Self::from_secret)
            .ok_or_else(|| format!("keys.file：{shown} 不是平台的密钥文件；请核对路径"))
    }

    /// Reads the key file, or makes it where there is none; true where it was made. Only `migrate` and `demo` make one.
    pub fn load_or_create(path: &Path) -> Result<(Self, bool), String> {
        if path.exists() {
            return Self::load(path).map(|key| (key, false));
        }
        if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
            std::fs::create_dir_all(parent)
                .map_err(|e| format!("keys.file：无法建立目录 {}（{e}）", parent.display()))?;
        }
        let key = Self::random();
        write_private(path, &format!("{HEAD}\ntoken {}\n", hex::encode(key.secret)))
            .map_err(|e| format!("keys.file：无法写入密钥文件 {}（{e}）", path.display()))?;
        Ok((key, true))
    }
}

/// Never readable by others, not for a moment.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
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
