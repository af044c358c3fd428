//! `mulc models push`: brings the catalog to a store.

use super::Session;
use super::store::{amount, asked, local, shown};
use crate::commands::wrong;
use crate::failure::Failure;
use mu_cloud::{Limits, Pushed};
use std::process::ExitCode;

pub fn run(session: &Session, words: &[String]) -> Result<ExitCode, Failure> {
    let program = &session.program;
    let Some(files) = program.answer(mu_driver::catalog_files(&program.input()))? else { return Ok(wrong()) };
    let (address, models) = asked(words, files.remote.as_deref())?;
    let local = local(session, &files)?;
    let aws = mu_cloud::Session::open(None)?;
    let pushed = aws.push(&address, &local, &models, Limits::default(), &shown("pushing"))?;
    session.answer(&pushed, text)
}

fn text(pushed: &Pushed) -> String {
    let Pushed { store, revision, sent, bytes, files, .. } = pushed;
    match pushed.moved {
        true => format!("pushed to {store}: {sent} files sent ({}), {files} in revision {revision}\n", amount(*bytes)),
        false => format!("{store} is as the catalog here: revision {revision}\n"),
    }
}
