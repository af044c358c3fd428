//! What is to be done, in order. A plan is shown, printed as JSON, and carried out step by step.

use crate::actual::Identity;
use crate::desired::Forecast;
use serde::Serialize;

/// From what there is to what should be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    pub project: String,
    pub environment: String,
    pub region: String,
    pub identity: Identity,
    pub functions: Vec<FunctionPlan>,
    /// All of them, in the order in which they are done; empty where nothing is to do.
    pub steps: Vec<Step>,
    /// What a reader should know beside.
    pub notes: Vec<String>,
}

/// What becomes of one function.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FunctionPlan {
    pub entry: String,
    pub name: String,
    pub kind: Kind,
    pub changes: Vec<Change>,
    pub forecast: Forecast,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    New,
    Changed,
    Same,
}

/// A setting that changes, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    pub what: String,
    /// Nothing where there was nothing.
    pub from: Option<String>,
    pub to: Option<String>,
}

/// One thing to do; done twice, it is as if done once. What a step needs beside its own fields stands in the `Desired`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Step {
    /// The zip to S3.
    StoreCode {
        bucket: String,
        key: String,
        bytes: u64,
    },
    /// A role of our own, with its policy.
    MakeRole {
        role: String,
    },
    /// The policy, the boundary or the trust of a role of our own.
    ChangeRole {
        role: String,
    },
    MakeLogs {
        group: String,
    },
    /// For how long logs are kept; `None` for ever.
    KeepLogs {
        group: String,
        days: Option<u32>,
    },
    MakeFunction {
        function: String,
        bytes: u64,
    },
    SendCode {
        function: String,
        bytes: u64,
    },
    Configure {
        function: String,
    },
    Tag {
        function: String,
    },
    /// Calls at once; `None` takes the limit away.
    Reserve {
        function: String,
        calls: Option<u32>,
    },
    /// What was changed becomes a version, unless the newest one is the same.
    Publish {
        function: String,
    },
    /// Sends callers to the new version.
    Switch(Switch),
    /// An address for the alias, or another kind of caller; `None` takes it away.
    Address {
        function: String,
        auth: Option<crate::desired::Auth>,
    },
    /// Environments that are kept ready; `None` for none.
    Provision {
        function: String,
        environments: Option<u32>,
    },
}

/// A move of the alias.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Switch {
    pub function: String,
    pub alias: String,
    /// The version it goes to; `None` for the one that is published first.
    pub version: Option<u64>,
    /// The share of calls that the version gets; all where it is not said.
    pub canary: Option<f64>,
}
