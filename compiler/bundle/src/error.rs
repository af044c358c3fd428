//! Why a bundle was not written. Each says the path, what went wrong and the way out.

use std::fmt;
use std::io;
use std::path::PathBuf;

#[derive(Debug)]
pub enum Error {
    /// The disk refused: full, read-only, not allowed.
    Io { doing: &'static str, path: PathBuf, source: io::Error },
    /// What stands at the path is no bundle, so it is not replaced.
    NotABundle { path: PathBuf },
    /// A file's name would lie outside the bundle.
    BadName { name: String },
    /// The zip could not be made.
    Zip { path: PathBuf, reason: String },
}

impl Error {
    /// One concrete thing to do.
    pub fn help(&self) -> String {
        match self {
            Error::Io { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                    "make room on the disk, or build into another place (`mulc build --out`)".into()
                }
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    "build into a place that may be written (`mulc build --out`)".into()
                }
                _ => "build into another place (`mulc build --out`)".into(),
            },
            Error::NotABundle { .. } => "remove it, or build into another place (`mulc build --out`)".into(),
            Error::BadName { .. } => "report this: names inside a bundle are made by the compiler".into(),
            Error::Zip { .. } => "build with `--target local` to see the files, and report this".into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Io { doing, path, source } => write!(f, "cannot {doing} `{}`: {source}", path.display()),
            Error::NotABundle { path } => {
                write!(f, "`{}` exists and is no bundle, so it is not replaced", path.display())
            }
            Error::BadName { name } => write!(f, "`{name}` cannot be the name of a file in a bundle"),
            Error::Zip { path, reason } => write!(f, "cannot pack `{}`: {reason}", path.display()),
        }
    }
}

impl std::error::Error for Error {}

/// For `map_err`: names what was being done to which path. Errors that are not the system's own words may name a temporary
/// path too; of them only the kind is kept.
pub(crate) fn io_error<'a>(doing: &'static str, path: impl Into<PathBuf> + 'a) -> impl FnOnce(io::Error) -> Error + 'a {
    move |source| {
        let source = if source.raw_os_error().is_some() { source } else { source.kind().into() };
        Error::Io { doing, path: path.into(), source }
    }
}
