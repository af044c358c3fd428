//! What `mulc destroy` takes away: what carries the tags of this project and environment, and nothing else.

use crate::actual::{Actual, Found, Identity};
use crate::scope::{Scope, log_group};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;

/// What is to be taken away, in order; said again after a cut, the rest of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Removal {
    pub project: String,
    pub environment: String,
    pub region: String,
    pub identity: Identity,
    pub steps: Vec<Remove>,
}

/// One thing to take away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "remove", rename_all = "snake_case")]
pub enum Remove {
    /// With its versions, aliases and address.
    Function {
        function: String,
    },
    /// With its policy.
    Role {
        role: String,
    },
    Logs {
        group: String,
    },
    /// A zip.
    Object {
        bucket: String,
        key: String,
    },
}

/// All of a deployment, or what belongs to one function of it, by Lambda's name.
pub fn removal(scope: &Scope, actual: &Actual, region: &str, only: Option<&str>) -> Removal {
    let ours = actual.functions.values().filter(|found| scope.owner.owns(&found.tags));
    let ours: Vec<_> = ours.filter(|found| only.is_none_or(|name| name == found.name)).collect();
    let mut steps: Vec<Remove> = ours.iter().map(|found| Remove::Function { function: found.name.clone() }).collect();
    // What stays needs its role.
    let kept = actual.functions.values().filter(|found| !ours.iter().any(|gone| gone.name == found.name));
    let kept: BTreeSet<&str> = kept.filter_map(|found| found.latest.role.rsplit('/').next()).collect();
    let used: BTreeSet<&str> = ours.iter().filter_map(|found| found.latest.role.rsplit('/').next()).collect();
    for (name, role) in &actual.roles {
        let ours = matches!(role, Found::There(role) if scope.owner.owns(&role.tags));
        if ours && !kept.contains(name.as_str()) && (only.is_none() || used.contains(name.as_str())) {
            steps.push(Remove::Role { role: name.clone() });
        }
    }
    // The groups go last: after a cut they lead to the rest.
    for (group, found) in &actual.logs {
        if scope.owner.owns(&found.tags) && only.is_none_or(|name| *group == log_group(name)) {
            steps.push(Remove::Logs { group: group.clone() });
        }
    }
    if let (Some(store), None) = (&scope.store, only) {
        let object = |key: &String| Remove::Object { bucket: store.bucket.clone(), key: key.clone() };
        steps.extend(actual.objects.iter().map(object));
    }
    Removal {
        project: scope.owner.project.clone(),
        environment: scope.owner.environment.clone(),
        region: region.to_owned(),
        identity: actual.identity.clone(),
        steps,
    }
}

impl fmt::Display for Removal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Removal { project, environment, region, identity, steps } = self;
        writeln!(f, "{project} ({environment}) on AWS Lambda in {region}, account {}\n", identity.account)?;
        if steps.is_empty() {
            return writeln!(f, "nothing to remove");
        }
        steps.iter().try_for_each(|step| writeln!(f, "- {step}"))
    }
}

impl fmt::Display for Remove {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Remove::Function { function } => write!(f, "the function {function} with all its versions"),
            Remove::Role { role } => write!(f, "the role {role}"),
            Remove::Logs { group } => write!(f, "the log group {group} with all its logs"),
            Remove::Object { bucket, key } => write!(f, "the zip s3://{bucket}/{key}"),
        }
    }
}
