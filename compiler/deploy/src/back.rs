//! Back to what was live before: which version an alias is to name again.

use crate::actual::FunctionFound;
use crate::plan::Switch;
use crate::scope::Refusal;
use crate::version::VersionNote;

/// The move that takes back the last one: a share that a new version has on trial ends; otherwise the alias goes to the version
/// that was live before, or to the version `to`.
pub fn back(found: &FunctionFound, to: Option<u64>) -> Result<Switch, Refusal> {
    let name = &found.name;
    let Some(alias) = &found.alias else {
        return Err(Refusal::new(format!("nothing of `{name}` is live"), "deploy it with `mulc deploy`"));
    };
    let version = match (to, alias.version, alias.canary) {
        (Some(to), _, _) => to,
        (None, Some(main), Some(_)) => main,
        (None, Some(main), None) => before(found, main)?,
        (None, None, _) => {
            let message = format!("the alias `{}` of `{name}` names no version", alias.name);
            return Err(Refusal::new(message, format!("somebody else moved it: {}", say_which(found))));
        }
    };
    if !found.versions.contains_key(&version) {
        let message = format!("`{name}` has no version {version}");
        return Err(Refusal::new(message, say_which(found)));
    }
    if alias.version == Some(version) && alias.canary.is_none() {
        return Err(Refusal::new(format!("version {version} of `{name}` is live already"), say_which(found)));
    }
    Ok(Switch { function: name.clone(), alias: alias.name.clone(), version: Some(version), canary: None })
}

fn before(found: &FunctionFound, main: u64) -> Result<u64, Refusal> {
    let note = found.versions.get(&main).and_then(|version| VersionNote::parse(&version.description));
    note.and_then(|note| note.before).ok_or_else(|| {
        let message = format!("nothing was live before version {main} of `{}`", found.name);
        Refusal::new(message, say_which(found))
    })
}

fn say_which(found: &FunctionFound) -> String {
    let versions: Vec<String> = found.versions.keys().rev().take(10).map(u64::to_string).collect();
    match versions.is_empty() {
        true => "deploy again with `mulc deploy`".to_owned(),
        false => format!("name one of its versions with `--to`: {}", versions.join(", ")),
    }
}
