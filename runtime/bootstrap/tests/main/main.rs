//! `bootstrap` on bundles made by hand: the command line, HTTP and the Lambda Runtime API.

mod call;
mod common;
mod http;
mod lambda;
mod serve;
