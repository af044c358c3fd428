//! `bootstrap` on bundles made by hand: the command line, HTTP and the Lambda Runtime API.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod call;
mod common;
mod faults;
mod frozen;
mod http;
mod lambda;
mod logs;
mod measure;
mod prefer;
mod runtime_api;
mod serve;
