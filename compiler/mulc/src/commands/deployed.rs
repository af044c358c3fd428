//! What the commands on a deployment share: which one is meant, what there is of it, asking before something is done.

use super::{Program, internal_fault};
use crate::cli;
use crate::desired;
use crate::failure::Failure;
use crate::output;
use mu_cloud::Session;
use mu_deploy::{Actual, Refusal, Scope};
use mu_driver::lambda::Lambda;
use serde::Serialize;
use std::io::{self, BufRead, IsTerminal};

/// A deployment as it is on AWS.
pub struct Deployed {
    pub session: Session,
    pub scope: Scope,
    pub actual: Actual,
}

impl Deployed {
    /// Reads what there is of a project's deployment; `None` where `mu.toml` is wrong, which was shown.
    pub fn read(asked: &cli::Program, env: Option<&str>) -> Result<Option<Deployed>, Failure> {
        let program = Program::open(asked.path.as_deref(), asked.messages.format)?;
        let Some(deployments) = program.answer(mu_driver::deployments(&program.input()))? else { return Ok(None) };
        let lambda = Lambda::get().map_err(|error| internal_fault(&error))?;
        let env = desired::env(&deployments, env)?;
        let (scope, region) = desired::scope(&deployments, env, lambda)?;
        let session = Session::open(region.as_deref())?;
        let actual = session.actual(&scope)?;
        Ok(Some(Deployed { session, scope, actual }))
    }
}

/// Whether to go on: said on the command line, or by whoever sits at the terminal.
pub fn agreed(yes: bool, question: &str) -> Result<bool, Failure> {
    if yes {
        return Ok(true);
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::request("nothing was done: nobody can be asked here")
            .help("say `--yes`, or `--dry-run` to see no more than what would be done"));
    }
    output::aside(&format!("{question} [y/N] "));
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.map_err(|error| Failure::outside(format!("cannot read the answer: {error}")))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// An answer as JSON.
pub fn json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| internal_fault(&error.to_string()))?;
    output::answer(&format!("{text}\n"))
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        Failure::request(refusal.message).help(refusal.help)
    }
}
