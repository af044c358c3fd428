//! `mulc status`: what is deployed.

use super::deployed::{Deployed, json};
use super::wrong;
use crate::cli::deploy::Status;
use crate::failure::Failure;
use crate::output::{self, table};
use mu_deploy::status;
use std::process::ExitCode;

pub fn run(asked: &Status) -> Result<ExitCode, Failure> {
    let Some(Deployed { scope, actual, .. }) = Deployed::read(&asked.program, asked.env.name.as_deref())? else {
        return Ok(wrong());
    };
    let found = status(&scope, &actual);
    if asked.json {
        json(&found)?;
        return Ok(ExitCode::SUCCESS);
    }
    if found.is_empty() {
        output::answer(&format!("nothing of `{}` ({}) is deployed\n", scope.owner.project, scope.owner.environment))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows = table(&["function", "live", "code", "published", "on trial", "before", "memory", "address"]);
    let number = |number: Option<u64>| number.map_or(String::new(), |number| number.to_string());
    for one in found {
        rows.add_row([
            one.function,
            number(one.version),
            one.code.map_or(String::new(), |code| code.chars().take(12).collect()),
            one.published.unwrap_or_default(),
            one.canary.map_or(String::new(), |(version, share)| format!("{version}: {:.0}%", share * 100.0)),
            number(one.before),
            format!("{} MB", one.memory),
            one.address.unwrap_or_default(),
        ]);
    }
    output::answer(&format!("{rows}\n"))?;
    Ok(ExitCode::SUCCESS)
}
