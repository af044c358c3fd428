//! `mulc destroy`: removes what was deployed, after it was shown.

use super::deployed::{Deployed, agreed, json};
use super::wrong;
use crate::cli::deploy::Destroy;
use crate::failure::Failure;
use crate::output;
use mu_cloud::Event;
use mu_deploy::removal;
use std::process::ExitCode;

pub fn run(asked: &Destroy) -> Result<ExitCode, Failure> {
    let Some(deployed) = Deployed::read(&asked.program, asked.env.name.as_deref())? else { return Ok(wrong()) };
    let Deployed { session, scope, actual } = deployed;
    let removal = removal(&scope, &actual, session.region(), asked.function.as_deref());
    match asked.consent.json {
        true => json(&removal)?,
        false => output::answer(&removal.to_string())?,
    }
    if asked.consent.dry_run || removal.steps.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    if !agreed(asked.consent.yes, "\nRemove all of it?")? {
        output::aside("nothing was removed\n");
        return Ok(wrong());
    }
    session.remove(&removal, &|event| {
        if let Event::Remove(step) = event {
            output::aside(&format!("removing {step}\n"));
        }
    })?;
    Ok(ExitCode::SUCCESS)
}
