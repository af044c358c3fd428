//! `bootstrap` on bundles made by hand: the command line, HTTP and the Lambda Runtime API.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod call;
mod common;
mod frozen;
mod http;
mod lambda;
mod measure;
mod prefer;
mod serve;
