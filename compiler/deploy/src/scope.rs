//! What belongs to a deployment: its project and environment, by which everything it made is tagged.

use crate::actual::Identity;
use crate::desired::{CodePlace, Desired, Store, Tags};
use serde::Serialize;

/// Why something is not done, and one concrete thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub message: String,
    pub help: String,
}

impl Refusal {
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Refusal {
        Refusal { message: message.into(), help: help.into() }
    }
}

/// Where a deployment's things are looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Scope {
    pub owner: Owner,
    /// The only account in which this may be done; any where it is not said.
    pub account: Option<String>,
    /// With what the names of all its functions begin.
    pub prefix: String,
    /// The alias that callers name.
    pub alias: String,
    /// Functions of the program, by Lambda's names.
    pub functions: Vec<String>,
    /// The names of the roles that they run as.
    pub roles: Vec<String>,
    /// Where its zips lie, if any went through S3.
    pub store: Option<Store>,
}

impl Scope {
    pub fn of(desired: &Desired) -> Scope {
        let functions = || desired.functions.iter();
        Scope {
            owner: Owner::of(desired),
            account: desired.account.clone(),
            prefix: desired.prefix.clone(),
            alias: desired.functions.first().map_or(String::new(), |function| function.alias.name.clone()),
            functions: functions().map(|function| function.name.clone()).collect(),
            roles: functions().map(|function| function.role.name().to_owned()).collect(),
            store: match &desired.code.place {
                CodePlace::Direct => None,
                CodePlace::S3(store) => Some(store.clone()),
            },
        }
    }

    /// Refuses any account but the one that is said.
    pub fn check(&self, identity: &Identity) -> Result<(), Refusal> {
        match &self.account {
            Some(account) if *account != identity.account => Err(Refusal::new(
                format!(
                    "these are credentials of the account {}, and `{}` is deployed to {account}",
                    identity.account, self.owner.environment
                ),
                "choose another profile with AWS_PROFILE, or another environment with `--env`",
            )),
            _ => Ok(()),
        }
    }

    /// With what the names of its groups of logs begin.
    pub fn log_prefix(&self) -> String {
        log_group(&self.prefix)
    }
}

/// The group that Lambda writes a function's logs to.
pub fn log_group(function: &str) -> String {
    format!("/aws/lambda/{function}")
}

/// Whose something is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Owner {
    pub project: String,
    pub environment: String,
}

impl Owner {
    /// The tag that names the project.
    pub const PROJECT: &'static str = "mulambda:project";
    /// The tag that names the environment.
    pub const ENVIRONMENT: &'static str = "mulambda:environment";

    pub fn of(desired: &Desired) -> Owner {
        Owner { project: desired.project.clone(), environment: desired.environment.clone() }
    }

    /// The tags that everything of it carries.
    pub fn tags(&self) -> Tags {
        let pairs = [(Owner::PROJECT, &self.project), (Owner::ENVIRONMENT, &self.environment)];
        pairs.map(|(key, value)| (key.to_owned(), value.clone())).into()
    }

    pub fn owns(&self, tags: &Tags) -> bool {
        self.tags().iter().all(|(key, value)| tags.get(key) == Some(value))
    }

    /// Refuses what is not ours. `what` is a word such as `function`.
    pub fn check(&self, what: &str, name: &str, tags: &Tags) -> Result<(), Refusal> {
        if self.owns(tags) {
            return Ok(());
        }
        let whose = match (tags.get(Owner::PROJECT), tags.get(Owner::ENVIRONMENT)) {
            (Some(project), Some(environment)) => format!("it belongs to the project `{project}` ({environment})"),
            _ => "it was not made by mulc".to_owned(),
        };
        let message = format!("there is a {what} `{name}` already, and {whose}");
        let help = "it is not touched: choose another `prefix` for the environment in mu.toml, or another project name";
        Err(Refusal::new(message, help))
    }
}
