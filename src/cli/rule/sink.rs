//! Where the result goes: standard output, or a file that appears only when it is complete.

use std::fs::{self, File};
use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Larger than a pipe's buffer, small beside the memory a row needs.
const BUFFER: usize = 128 * 1024;

/// The output of one run. Dropped without [`Sink::finish`], it leaves no file behind.
pub(super) enum Sink {
    Stdout(BufWriter<StdoutLock<'static>>),
    /// Beside its target, to be renamed over it.
    Beside(BufWriter<NamedTempFile>, PathBuf),
    /// Something that is no regular file, such as a pipe or a device: it cannot be replaced.
    Direct(BufWriter<File>),
}

impl Sink {
    pub fn open(target: Option<&Path>) -> io::Result<Self> {
        let Some(target) = target else {
            return Ok(Sink::Stdout(BufWriter::with_capacity(BUFFER, io::stdout().lock())));
        };
        match fs::metadata(target) {
            Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
            Ok(found) if !found.is_file() => {
                let file = File::options().write(true).open(target)?;
                Ok(Sink::Direct(BufWriter::with_capacity(BUFFER, file)))
            }
            // A link is followed, so that the file that it names is replaced and not the link.
            Ok(_) => Self::beside(fs::canonicalize(target)?),
            Err(_) => Self::beside(target.to_owned()),
        }
    }

    fn beside(target: PathBuf) -> io::Result<Self> {
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut builder = tempfile::Builder::new();
        builder.prefix(".jicai-rule-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(folder.unwrap_or(Path::new(".")))?;
        Ok(Sink::Beside(BufWriter::with_capacity(BUFFER, file), target))
    }

    /// Writes what is still buffered and puts the file in its place.
    pub fn finish(self) -> io::Result<()> {
        match self {
            Sink::Stdout(mut out) => out.flush(),
            Sink::Direct(mut out) => out.flush(),
            Sink::Beside(out, target) => {
                let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.persist(target).map_err(|error| error.error).map(drop)
            }
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Sink::Stdout(out) => out.write(bytes),
            Sink::Direct(out) => out.write(bytes),
            Sink::Beside(out, _) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Sink::Stdout(out) => out.flush(),
            Sink::Direct(out) => out.flush(),
            Sink::Beside(out, _) => out.flush(),
        }
    }
}
