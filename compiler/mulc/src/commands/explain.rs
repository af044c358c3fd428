//! `mulc explain CODE`: the page of a diagnostic.

use crate::failure::Failure;
use crate::output;
use mu_base::{Code, suggest};
use std::process::ExitCode;

pub fn run(code: Option<&str>, list: bool) -> Result<ExitCode, Failure> {
    match code {
        Some(code) if !list => {
            // As it stands in a message, people may copy `error[unit-mismatch]`.
            let slug = code.trim_start_matches("error").trim_start_matches("warning").trim_matches(['[', ']']);
            let code = Code::from_slug(slug).ok_or_else(|| unknown(slug))?;
            output::answer(code.page())?;
        }
        _ => output::answer(&all())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn unknown(slug: &str) -> Failure {
    let failure = Failure::request(format!("there is no diagnostic `{slug}`"));
    match suggest::nearest(slug, Code::ALL.iter().map(|code| code.slug())) {
        Some(near) => failure.help(format!("did you mean `{near}`? `mulc explain --list` shows all")),
        None => failure.help("`mulc explain --list` shows all"),
    }
}

fn all() -> String {
    let width = Code::ALL.iter().map(|code| code.slug().len()).max().unwrap_or(0);
    Code::ALL.iter().map(|code| format!("{:width$}  {}\n", code.slug(), code.title())).collect()
}
