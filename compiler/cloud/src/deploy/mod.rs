//! Deployments on AWS Lambda: what is there is read, a plan is carried out step by step, and what was made is taken away.
//!
//! Every write is idempotent and is held against what was read before it, so that a deployment which was cut at any point is
//! ended by the next one, and two at once do not mix. What an answer that was lost has done is looked up, not done again.

mod alias;
mod apply;
mod code;
mod found;
mod functions;
mod logs;
mod read;
mod remove;
mod roles;
mod url;

pub use apply::{Deployed, Shipped};

use crate::error::{Error, Failed};
use crate::retry::Patience;
use crate::session::Session;
use mu_deploy::{Refusal, Remove, Step};

const LAMBDA: &str = "AWS Lambda";
const IAM: &str = "AWS IAM";
const LOGS: &str = "CloudWatch Logs";
const S3: &str = "Amazon S3";
const STS: &str = "AWS STS";

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event<'a> {
    Step(&'a Step),
    Remove(&'a Remove),
}

/// The services, and how to wait for them.
struct Aws<'a> {
    session: &'a Session,
    lambda: aws_sdk_lambda::Client,
    iam: aws_sdk_iam::Client,
    logs: aws_sdk_cloudwatchlogs::Client,
    s3: aws_sdk_s3::Client,
    sts: aws_sdk_sts::Client,
    patience: Patience,
}

impl<'a> Aws<'a> {
    fn new(session: &'a Session) -> Aws<'a> {
        Aws {
            session,
            lambda: session.lambda(),
            iam: session.iam(),
            logs: session.logs(),
            s3: session.s3(),
            sts: session.sts(),
            patience: session.patience(),
        }
    }

    async fn ask<T>(&self, ask: impl AsyncFnMut() -> Result<T, Failed>) -> Result<T, Failed> {
        self.patience.retry(ask).await
    }
}

/// What is missing is `None`; all else stays an error.
fn if_there<T>(asked: Result<T, Failed>) -> Result<Option<T>, Error> {
    match asked {
        Ok(found) => Ok(Some(found)),
        Err(failed) if is_missing(&failed) => Ok(None),
        Err(failed) => Err(told(failed)),
    }
}

fn is_missing(failed: &Failed) -> bool {
    failed.status == 404 || matches!(&*failed.code, "NoSuchEntity" | "ResourceNotFoundException")
}

/// Access is denied.
fn is_hidden(failed: &Failed) -> bool {
    failed.status == 403 && matches!(&*failed.code, "AccessDenied" | "AccessDeniedException")
}

/// The error, with the way out that a deployment knows.
fn told(failed: Failed) -> Error {
    let help = match &*failed.code {
        _ if is_hidden(&failed) => {
            "ask for the rights that `mulc deploy --policy` prints, or choose another profile with AWS_PROFILE"
        }
        "CodeStorageExceededException" => {
            "the region's room for code is full: delete old versions \
             (`aws lambda delete-function --function-name NAME --qualifier VERSION`), or ask AWS for a higher quota"
        }
        "RequestEntityTooLargeException" => "the zip is too large for a request: name a `bucket` for the environment",
        "LimitExceededException" | "LimitExceeded" => "a quota of the account is reached: ask AWS for a higher one",
        "InvalidParameterValueException" | "ValidationException" | "InvalidParameterCombinationException" => {
            "correct what it names, in the `deploy` block or in mu.toml, and say it again; what was done is kept"
        }
        _ => return failed.error,
    };
    Error { help: help.to_owned(), ..failed.error }
}

/// Somebody else was at work at the same time.
fn conflict(what: &str) -> Error {
    Error::outside(
        format!("{what} was changed by somebody else meanwhile"),
        "see what is there with `mulc status`, and say it again",
    )
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        Error::request(refusal.message, refusal.help)
    }
}
