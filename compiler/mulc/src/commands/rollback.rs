//! `mulc rollback`: callers get what was live before. It asks nothing: it is for when something is wrong.

use super::deployed::Deployed;
use super::wrong;
use crate::cli::deploy::Rollback;
use crate::failure::Failure;
use crate::output;
use mu_deploy::{FunctionFound, Switch, back};
use std::process::ExitCode;

pub fn run(asked: &Rollback) -> Result<ExitCode, Failure> {
    let Some(deployed) = Deployed::read(&asked.program, asked.env.name.as_deref())? else { return Ok(wrong()) };
    let Deployed { session, scope, actual } = deployed;
    let ours = actual.functions.values().filter(|found| scope.owner.owns(&found.tags));
    let is_meant = |found: &&FunctionFound| {
        asked.function.as_ref().is_none_or(|name| found.name == format!("{}{name}", scope.prefix))
    };
    let meant: Vec<&FunctionFound> = ours.filter(is_meant).collect();
    if meant.is_empty() {
        let what = asked.function.as_ref().unwrap_or(&scope.owner.project);
        let message = format!("nothing of `{what}` ({}) is deployed", scope.owner.environment);
        return Err(Failure::request(message).help("see what is there with `mulc status`"));
    }
    // All of them are found out before any is moved.
    let moves: Vec<(&FunctionFound, Switch)> =
        meant.iter().map(|found| Ok((*found, back(found, asked.to)?))).collect::<Result<_, Failure>>()?;
    for (found, switch) in moves {
        session.switch(&scope, found, &switch)?;
        let version = switch.version.unwrap_or_default();
        output::answer(&format!("{}:{} version {version} is live\n", switch.function, switch.alias))?;
    }
    Ok(ExitCode::SUCCESS)
}
