//! `mulc models pull`: brings the catalog from a store.

use super::Session;
use super::store::{amount, asked, cache, shown};
use crate::failure::Failure;
use mu_cloud::{Limits, Pulled, Wish};
use std::process::ExitCode;

pub fn run(session: &Session, words: &[String], cards: bool) -> Result<ExitCode, Failure> {
    let program = &session.program;
    let (folder, remote) = mu_driver::catalog_place(&program.input());
    let (address, models) = asked(words, remote.as_deref())?;
    let (folder, state) = (program.place.folder.join(folder), program.place.made());
    let wish = Wish { folder, state, cache: cache(session), models, cards };
    let aws = mu_cloud::Session::open(None)?;
    let pulled = aws.pull(&address, &wish, Limits::default(), &shown("pulling"))?;
    session.answer(&pulled, text)
}

fn text(pulled: &Pulled) -> String {
    let Pulled { store, revision, changed, removed, bytes } = pulled;
    if changed.is_empty() && removed.is_empty() {
        return format!("the catalog here is as {store}: revision {revision}\n");
    }
    let lines = changed.iter().map(|path| format!("  {path}\n"));
    let gone = removed.iter().map(|path| format!("  {path} (removed)\n"));
    let head = format!("pulled from {store} ({} fetched), revision {revision}\n", amount(*bytes));
    [head].into_iter().chain(lines).chain(gone).collect()
}
