//! What there is in the account, as far as a deployment has to do with it.

use crate::desired::{Auth, Configuration, Tags};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Actual {
    pub identity: Identity,
    /// By name: the functions that are wanted and there, and others of the same prefix with our tags.
    pub functions: BTreeMap<String, FunctionFound>,
    /// By name: the roles that are wanted, and those of the functions that were found.
    pub roles: BTreeMap<String, Found<RoleFound>>,
    /// By name: the groups that are there, of the wanted ones and of the prefix.
    pub logs: BTreeMap<String, LogGroupFound>,
    /// The keys of what lies in the deployment's own store.
    pub objects: Vec<String>,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    pub account: String,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// The ARN of the user or role.
    pub arn: String,
}

/// What one may or may not be allowed to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Found<T> {
    There(T),
    Missing,
    /// Looking is not allowed; whoever uses it will tell.
    Hidden,
}

/// A function on Lambda.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FunctionFound {
    pub name: String,
    pub arn: String,
    pub tags: Tags,
    /// What is changed before it is published.
    pub latest: Published,
    /// Why Lambda did not carry out the last change, where it did not.
    pub broken: Option<String>,
    /// Of the latest state: it changes with every change.
    pub revision: String,
    pub reserved: Option<u32>,
    pub alias: Option<AliasFound>,
    /// All that are published, by number.
    pub versions: BTreeMap<u64, Published>,
    pub url: Option<UrlFound>,
    /// Environments kept ready behind the alias.
    pub provisioned: Option<u32>,
}

/// The code and the settings of a version, or of what may become one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Published {
    /// Of the zip, in lower-case hexadecimal.
    pub sha256: String,
    pub configuration: Configuration,
    /// The role's ARN.
    pub role: String,
    pub description: String,
    /// As Lambda writes it.
    pub modified: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AliasFound {
    pub name: String,
    /// The version that gets what no weight sends elsewhere; `None` where it points to what is not published.
    pub version: Option<u64>,
    /// A second version and its share of calls.
    pub canary: Option<(u64, f64)>,
    pub revision: String,
}

/// A function's address, and who the function's own policy lets use it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UrlFound {
    pub address: String,
    pub auth: Auth,
    /// The statements of our making that let everybody in.
    pub opened: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoleFound {
    pub tags: Tags,
    /// Who may take it.
    pub trust: Value,
    /// The policy of our name.
    pub policy: Option<Value>,
    pub boundary: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogGroupFound {
    pub tags: Tags,
    pub retention_days: Option<u32>,
}
