//! What changes of a function, in words, setting by setting.

use crate::actual::{Actual, Found, FunctionFound, Published};
use crate::desired::{Auth, Configuration, Desired, Function};
use crate::plan::Change;
use crate::role::Role;
use std::collections::BTreeMap;

/// The settings of a function as a reader sees them, in order.
type Shown = Vec<(String, String)>;

/// What is different after a deployment: against what callers get now, or against nothing.
pub(crate) fn of(desired: &Desired, wanted: &Function, actual: &Actual, found: Option<&FunctionFound>) -> Vec<Change> {
    let before = found.map(|found| shown_now(found, actual, wanted)).unwrap_or_default();
    let after = shown_then(desired, wanted, actual);
    let had: BTreeMap<&str, &str> = before.iter().map(|(what, value)| (what.as_str(), value.as_str())).collect();
    let has: BTreeMap<&str, &str> = after.iter().map(|(what, value)| (what.as_str(), value.as_str())).collect();
    let change = |what: &str| Change {
        what: what.to_owned(),
        from: had.get(what).map(|text| (*text).to_owned()),
        to: has.get(what).map(|text| (*text).to_owned()),
    };
    let gone = before.iter().filter(|(what, _)| !has.contains_key(what.as_str()));
    let names = after.iter().chain(gone).map(|(what, _)| what.as_str());
    names.filter(|what| had.get(what) != has.get(what)).map(change).collect()
}

fn shown_then(desired: &Desired, wanted: &Function, actual: &Actual) -> Shown {
    let mut shown = vec![("code".to_owned(), code(&desired.code.sha256))];
    settings(&mut shown, &wanted.configuration);
    let mut row = |what: &str, value: Option<String>| shown.extend(value.map(|value| (what.to_owned(), value)));
    row("role", Some(wanted.role.arn(&actual.identity)));
    if let Role::Own { policy, boundary, .. } = &wanted.role {
        row("rights", Some(rights(&policy.document(&actual.identity, &desired.region))));
        row("boundary", boundary.clone());
    }
    row("calls at once", wanted.reserved.map(|calls| calls.to_string()));
    row("kept ready", wanted.provisioned.map(|count| count.to_string()));
    row("logs", Some(wanted.logs.name.clone()));
    row("logs kept", wanted.logs.retention_days.map(shown_days));
    row("alias", Some(wanted.alias.name.clone()));
    row("canary", wanted.alias.canary.map(percent));
    row("address", wanted.url.as_ref().map(|url| auth(url.auth)));
    tags(&mut shown, wanted.tags.iter());
    shown
}

fn shown_now(found: &FunctionFound, actual: &Actual, wanted: &Function) -> Shown {
    let alias = found.alias.as_ref();
    let newest = alias.and_then(|alias| alias.canary.map(|(version, _)| version).or(alias.version));
    let now: &Published = newest.and_then(|number| found.versions.get(&number)).unwrap_or(&found.latest);
    let mut shown = vec![("code".to_owned(), code(&now.sha256))];
    settings(&mut shown, &now.configuration);
    let mut row = |what: &str, value: Option<String>| shown.extend(value.map(|value| (what.to_owned(), value)));
    row("role", Some(now.role.clone()));
    if let (Role::Own { .. }, Some(Found::There(role))) = (&wanted.role, actual.roles.get(wanted.role.name())) {
        row("rights", role.policy.as_ref().map(rights));
        row("boundary", role.boundary.clone());
    }
    row("calls at once", found.reserved.map(|calls| calls.to_string()));
    row("kept ready", found.provisioned.map(|count| count.to_string()));
    let logs = actual.logs.get(&wanted.logs.name);
    row("logs", logs.map(|_| wanted.logs.name.clone()));
    // What is not said is left as it is, so it is no change.
    let kept = logs.and_then(|logs| logs.retention_days).filter(|_| wanted.logs.retention_days.is_some());
    row("logs kept", kept.map(shown_days));
    row("alias", alias.map(|alias| alias.name.clone()));
    row("canary", alias.and_then(|alias| alias.canary).map(|(_, share)| percent(share)));
    row("address", found.url.as_ref().map(|url| auth(url.auth)));
    tags(&mut shown, found.tags.iter().filter(|(key, _)| wanted.tags.contains_key(*key)));
    shown
}

fn settings(shown: &mut Shown, configuration: &Configuration) {
    let Configuration {
        handler,
        runtime,
        arch,
        memory,
        timeout,
        ephemeral,
        environment,
        network,
        kms_key,
        dead_letter,
    } = configuration;
    let mut row = |what: &str, value: Option<String>| shown.extend(value.map(|value| (what.to_owned(), value)));
    row("handler", Some(handler.clone()));
    row("runtime", Some(format!("{runtime}, {}", arch.name())));
    row("memory", Some(format!("{memory} MB")));
    row("timeout", Some(format!("{timeout} s")));
    row("/tmp", Some(format!("{ephemeral} MB")));
    row("subnets", network.as_ref().map(|network| network.subnets.join(", ")));
    row("security groups", network.as_ref().map(|network| network.security_groups.join(", ")));
    row("key", kms_key.clone());
    row("dead letters", dead_letter.clone());
    for (name, value) in environment {
        row(&format!("variable {name}"), Some(value.clone()));
    }
}

fn tags<'a>(shown: &mut Shown, tags: impl Iterator<Item = (&'a String, &'a String)>) {
    shown.extend(tags.map(|(key, value)| (format!("tag {key}"), value.clone())));
}

fn code(sha256: &str) -> String {
    format!("sha256 {}", sha256.get(..12).unwrap_or(sha256))
}

/// The actions that a policy allows, each once.
fn rights(document: &serde_json::Value) -> String {
    let statements = document["Statement"].as_array().into_iter().flatten();
    let actions = statements.flat_map(|statement| match &statement["Action"] {
        serde_json::Value::Array(actions) => actions.iter().filter_map(|action| action.as_str()).collect(),
        one => one.as_str().into_iter().collect::<Vec<_>>(),
    });
    let actions: std::collections::BTreeSet<&str> = actions.collect();
    actions.into_iter().collect::<Vec<_>>().join(", ")
}

pub(crate) fn shown_days(days: u32) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}

pub(crate) fn percent(share: f64) -> String {
    // Two digits behind the point, and none that say nothing.
    let text = format!("{:.2}", share * 100.0);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

fn auth(auth: Auth) -> String {
    match auth {
        Auth::Iam => "for those whom IAM allows".to_owned(),
        Auth::Public => "for everybody".to_owned(),
    }
}
