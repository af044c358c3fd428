//! What a deployment should be: made from the bundle, the `deploy` blocks and the environment's settings in `mu.toml`.

use crate::role::Role;
use serde::Serialize;
use std::collections::BTreeMap;

/// What every function runs on: the bundle brings its own executable.
pub const RUNTIME: &str = "provided.al2023";

/// The marks of what was made by a deployment; what lacks them is never touched.
pub type Tags = BTreeMap<String, String>;

/// All functions of a project in one environment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Desired {
    pub project: String,
    /// `dev`, `prod` as `mu.toml` names them, or `default` where it names none.
    pub environment: String,
    /// AWS's name of the region.
    pub region: String,
    /// The only account in which this may be done; any where it is not said.
    pub account: Option<String>,
    /// With what the names of all functions begin; functions of this start are looked at.
    pub prefix: String,
    pub code: Code,
    /// In the order of their names.
    pub functions: Vec<Function>,
}

/// The zip that all functions share; each answers another handler of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Code {
    /// Of the zip, in lower-case hexadecimal.
    pub sha256: String,
    /// Of the zip in bytes.
    pub size: u64,
    /// Of its files in bytes.
    pub unpacked: u64,
    pub place: CodePlace,
}

/// How Lambda gets the zip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CodePlace {
    /// In the request itself.
    Direct,
    /// As an object under its hash.
    S3(Store),
}

/// A prefix in a bucket that is this deployment's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Store {
    pub bucket: String,
    /// Without slashes at its ends.
    pub prefix: String,
}

impl Store {
    /// Where an object of this hash lies.
    pub fn key(&self, sha256: &str) -> String {
        format!("{}/blobs/sha256/{sha256}", self.prefix)
    }
}

/// One function on Lambda.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Function {
    /// The program's function; the handler of the bundle.
    pub entry: String,
    /// Lambda's name.
    pub name: String,
    /// What a version keeps.
    pub configuration: Configuration,
    pub role: Role,
    /// Calls that may run at once; no limit of its own where it is not said.
    pub reserved: Option<u32>,
    /// Environments that are kept ready behind the alias.
    pub provisioned: Option<u32>,
    pub logs: LogGroup,
    pub alias: Alias,
    pub url: Option<Url>,
    pub tags: Tags,
    pub forecast: Forecast,
}

/// What Lambda keeps with each published version, beside the code and the role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Configuration {
    pub handler: String,
    pub runtime: String,
    pub arch: Arch,
    /// In MB of 2^20 bytes.
    pub memory: u32,
    /// In seconds.
    pub timeout: u32,
    /// `/tmp` in MB.
    pub ephemeral: u32,
    /// Variables of the process.
    pub environment: BTreeMap<String, String>,
    pub network: Option<Network>,
    /// The ARN of the key that the variables are encrypted with; Lambda's own where it is not said.
    pub kms_key: Option<String>,
    /// The ARN of the queue or topic that takes events which failed.
    pub dead_letter: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Arch {
    #[serde(rename = "x86_64")]
    X86_64,
    Arm64,
}

impl Arch {
    /// As Lambda writes it.
    pub fn name(self) -> &'static str {
        match self {
            Arch::X86_64 => "x86_64",
            Arch::Arm64 => "arm64",
        }
    }
}

/// A private network; both lists sorted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Network {
    pub subnets: Vec<String>,
    pub security_groups: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogGroup {
    pub name: String,
    /// Kept for ever where it is not said.
    pub retention_days: Option<u32>,
}

/// What callers name: it moves to a new version last.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alias {
    pub name: String,
    /// The share of calls, above 0 and below 1, that a new version gets at first; all where it is not said.
    pub canary: Option<f64>,
}

/// An address of HTTP for the alias.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Url {
    pub auth: Auth,
}

impl Url {
    /// The statements of a function's policy that let everybody in, sorted: one to use the address, one for the call behind it.
    pub const OPENED: &'static [&'static str] = &["mulambda-public-call", "mulambda-public-url"];
}

/// Who may call a function's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Auth {
    /// Whoever the account's rules let.
    Iam,
    /// Everybody.
    Public,
}

/// What is predicted of a function; nothing where the evidence or a price is missing.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Forecast {
    /// USD for a request, by item, in the order in which they are shown.
    pub cost: Vec<(String, f64)>,
    /// Seconds from the start of an environment to its first answer, beyond a warm call.
    pub cold_start: Option<f64>,
    /// What the figures rest on, in words: `lines of logs for 1 of 100 calls`.
    pub notes: Vec<String>,
}

impl Forecast {
    /// USD for a request.
    pub fn total(&self) -> Option<f64> {
        (!self.cost.is_empty()).then(|| self.cost.iter().map(|(_, usd)| usd).sum())
    }
}
