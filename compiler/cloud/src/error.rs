//! Why something was not done with AWS: a sentence and a way out. Nothing here holds a credential.

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::Path;

/// What failed, and one concrete thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    pub kind: Kind,
    pub message: String,
    pub help: String,
}

/// Whose fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request: a name, a conflict, a file that is not what its card says.
    Request,
    /// Network, AWS or the disk.
    Outside,
}

impl Error {
    pub(crate) fn request(message: impl Into<String>, help: impl Into<String>) -> Error {
        Error { kind: Kind::Request, message: message.into(), help: help.into() }
    }

    pub(crate) fn outside(message: impl Into<String>, help: impl Into<String>) -> Error {
        Error { kind: Kind::Outside, message: message.into(), help: help.into() }
    }

    /// For `map_err`: what was being done to which path when the disk refused.
    pub(crate) fn disk<'a>(doing: &'static str, path: &'a Path) -> impl Fn(io::Error) -> Error + 'a {
        move |error| {
            let help = match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                    "make room on the disk and say it again; nothing in the catalog was changed"
                }
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => "make the folder writable",
                _ => "see that the disk can be read and written",
            };
            Error::outside(format!("cannot {doing} `{}`: {error}", path.display()), help)
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {}

/// A request that failed.
#[derive(Debug)]
pub(crate) struct Failed {
    pub error: Error,
    pub again: Again,
    /// Of the answer; 0 where there was none.
    pub status: u16,
    /// The service's name of the error; empty where it gave none.
    pub code: String,
}

/// Whether asking again may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    No,
    /// Nobody answers: a few times, so that a dead network is told soon.
    Few,
    Many,
    /// What is known to take up to some minutes.
    Long,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Failed {
        Failed { error, again: Again::No, status: 0, code: String::new() }
    }
}

impl From<Failed> for Error {
    fn from(failed: Failed) -> Error {
        failed.error
    }
}

/// What the SDK says of a request, in our words.
pub(crate) fn failed<E>(doing: &str, whom: &str, error: aws_sdk_s3::error::SdkError<E>) -> Failed
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    use aws_sdk_s3::error::SdkError;
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    let region = error.raw_response().and_then(|response| response.headers().get("x-amz-bucket-region"));
    let region = region.map(str::to_owned);
    match &error {
        SdkError::ServiceError(service) => {
            let code = service.err().code().unwrap_or_default().to_owned();
            let said = service.err().message().map(clean).unwrap_or_default();
            answered(doing, whom, status, code, &said, region)
        }
        SdkError::ResponseError(_) => {
            let (message, help) = (format!("{whom} gave no whole answer ({doing})"), "say it again".to_owned());
            Failed { error: Error::outside(message, help), again: Again::Many, status, code: String::new() }
        }
        SdkError::ConstructionFailure(_) => {
            let message = format!("cannot ask {whom} ({doing}): {}", root(&error));
            let help = "see that the address and the settings of AWS are right";
            Error::outside(message, help).into()
        }
        _ => match credentials(&error) {
            Some(error) => error.into(),
            None => unreached(doing, whom, &error),
        },
    }
}

/// The errors that say no more than that it is too much at once.
const BUSY: [&str; 6] = [
    "ConcurrentModification",
    "ConditionalRequestConflict",
    "RequestTimeout",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
];

/// The words on a service's own error.
fn answered(doing: &str, whom: &str, status: u16, code: String, said: &str, region: Option<String>) -> Failed {
    let refused = format!("{whom} refused it ({doing}): ");
    let told = if said.is_empty() { format!("status {status} {code}") } else { format!("{said} ({code})") };
    let busy = status >= 500 && status != 501 || status == 429 || status == 408;
    let busy = busy || BUSY.contains(&&*code);
    let error = match (code.as_str(), status) {
        ("NoSuchBucket", _) => Error::outside(
            format!("{whom} has no such bucket"),
            "make it (`aws s3 mb`), or correct the address; mulc makes no buckets",
        ),
        ("ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired", _) => {
            Error::outside(format!("{whom} says that the AWS session has expired"), "sign in again (`aws sso login`)")
        }
        ("InvalidAccessKeyId" | "InvalidClientTokenId" | "UnrecognizedClientException", _) => Error::outside(
            format!("{whom} does not know the AWS access key"),
            "see which one is used (`aws sts get-caller-identity`), and choose a profile with AWS_PROFILE",
        ),
        ("SignatureDoesNotMatch" | "InvalidSignatureException", _) => Error::outside(
            format!("{whom} does not accept the signature"),
            "see that the secret key belongs to the access key and that the region is right",
        ),
        ("RequestTimeTooSkewed", _) => {
            Error::outside(format!("{whom} refuses the time of the request"), "set this machine's clock")
        }
        ("PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException", _)
        | (_, 301 | 307) => {
            let where_to = region.map_or("the bucket's region".to_owned(), |region| format!("`{}`", clean(&region)));
            Error::outside(format!("{whom} lies in another region"), format!("set AWS_REGION to {where_to}"))
        }
        ("AccessDenied" | "AccessDeniedException" | "Forbidden", _) | (_, 401 | 403) => Error::outside(
            format!("{refused}access is denied"),
            "ask for the right to do it, or choose another profile with AWS_PROFILE",
        ),
        _ if busy => Error::outside(
            format!("{whom} did not manage it ({doing}), however often it was asked: {told}"),
            "wait a while and say it again; what was done is kept",
        ),
        _ => Error::outside(format!("{refused}{told}"), "see that the address and the settings of AWS are right"),
    };
    Failed { error, again: if busy { Again::Many } else { Again::No }, status, code }
}

/// No answer came.
fn unreached<E: StdError>(doing: &str, whom: &str, error: &E) -> Failed {
    let reason = root(error);
    let nobody =
        ["refused", "dns", "lookup", "connect timeout", "certificate"].iter().any(|word| reason.contains(word));
    let message = format!("cannot reach {whom} ({doing}): {reason}");
    let help = match reason.contains("certificate") {
        true => "where the host has a certificate of your own authority, name that authority's file with SSL_CERT_FILE",
        false => "see that the network is up, and that AWS_ENDPOINT_URL, where it is set, names the right host",
    };
    let again = if nobody { Again::Few } else { Again::Many };
    Failed { error: Error::outside(message, help), again, status: 0, code: String::new() }
}

/// Why there are no credentials, where that is why.
fn credentials<E: StdError + 'static>(error: &E) -> Option<Error> {
    let mut next: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<CredentialsError>() {
            return Some(no_credentials(error));
        }
        next = error.source();
    }
    None
}

/// The words on missing credentials.
pub(crate) fn no_credentials(error: &CredentialsError) -> Error {
    let help = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose a profile with AWS_PROFILE, or sign in (`aws sso login`)";
    match error {
        CredentialsError::CredentialsNotLoaded(_) => Error::outside("there are no AWS credentials", help),
        CredentialsError::ProviderTimedOut(_) => Error::outside("AWS gave no credentials in time", help),
        other => Error::outside(format!("the AWS credentials cannot be used: {}", root(other)), help),
    }
}

/// The innermost reason of an error.
fn root(error: &dyn StdError) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    clean(&innermost.to_string())
}

/// Words from outside on one line, without what a terminal would obey, and not long.
pub(crate) fn clean(text: &str) -> String {
    const LONGEST: usize = 300;
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}
