//! The settings of a deployed function as plain values: what the program says, what an environment says otherwise, and what
//! holds where neither says it.

use crate::Input;
use crate::compile::Compiled;
use crate::front::{EntryPoint, Front};
use crate::lambda::{Lambda, megabytes};
use crate::problem::CostItems;
use crate::report::Report;
use mu_analysis::hir::{Setting, Stated};
use mu_analysis::{Env, merged};
use mu_base::{Code, Diagnostic, Loc};
use mu_lower::compose::number;
use std::collections::BTreeMap;

/// What a project deploys, and the environments it knows.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployments {
    pub project: String,
    /// By name.
    pub functions: BTreeMap<String, Deployed>,
    /// That `mu.toml` names.
    pub envs: Vec<Env>,
}

/// What a project deploys, as far as it can be read: who takes a deployment back may be in the middle of a change. Only errors of
/// `mu.toml` are in the way, which says where to look.
pub fn deployments(input: &Input) -> Report<Deployments> {
    let front = Front::read(input);
    let made = Deployments::of(&front, &front.entries());
    let Front { analysis, diagnostics, .. } = front;
    let settings = analysis.sources.iter().find(|(_, source)| source.path == "mu.toml").map(|(file, _)| file);
    let of_settings = |said: &Diagnostic| {
        said.is_error() && (said.code == Code::BadProject || said.place().map(|loc| loc.file) == settings)
    };
    let diagnostics: Vec<Diagnostic> = diagnostics.into_iter().filter(of_settings).collect();
    let value = diagnostics.is_empty().then_some(made);
    Report { sources: analysis.sources, diagnostics, internal: None, value }
}

/// What the program says of a deployed function.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployed {
    pub settings: Vec<Stated>,
    /// Where its `deploy` names it.
    pub loc: Loc,
}

/// Who may call a function's URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callers {
    /// Who signs with IAM and is allowed to.
    Iam,
    Everyone,
}

/// How a function is deployed.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Whether it is deployed on Lambda at all.
    pub on_lambda: bool,
    /// AWS's name; the caller's own region where it is not said.
    pub region: Option<String>,
    /// `x86_64` or `aarch64`.
    pub arch: String,
    /// In seconds.
    pub timeout: u32,
    /// The room in `/tmp`, in MB.
    pub ephemeral: u32,
    /// The ARN of a role that exists; one is made where it is not said.
    pub role: Option<String>,
    pub environment: BTreeMap<String, String>,
    /// What callers name.
    pub alias: String,
    /// The share of calls that a new version gets first; all where it is not said.
    pub canary: Option<f64>,
    /// Who may call its URL; it has none where this is `None`.
    pub url: Option<Callers>,
    /// How many calls may run at once.
    pub concurrency: Option<u32>,
    /// How many environments are kept ready.
    pub provisioned: Option<u32>,
    /// For how many days logs are kept.
    pub log_retention: u32,
    /// The share of warm calls that are logged.
    pub log_sampling: f64,
    /// The share of calls that start cold.
    pub cold_rate: f64,
}

impl Settings {
    /// In seconds: Lambda's own 3 s are short for a first call that loads models.
    const TIMEOUT: u32 = 10;
    /// In days; CloudWatch Logs itself would keep them for ever, and bill it.
    const RETENTION: u32 = 30;
    /// What callers name where the program says no other.
    pub const ALIAS: &'static str = "live";

    fn new(stated: &[Stated], lambda: &Lambda) -> Settings {
        let find = |name: &str| stated.iter().find(|stated| stated.name == name).map(|stated| &stated.value);
        let text = |name: &str| match find(name)? {
            Setting::Text(text) | Setting::Word(text) => Some(text.clone()),
            Setting::Quantity(_) | Setting::Named(..) => None,
        };
        let quantity = |name: &str| match find(name)? {
            Setting::Quantity(value) => Some(*value),
            _ => None,
        };
        let whole = |name: &str| u64::try_from(quantity(name)?).ok();
        let small = |name: &str| u32::try_from(whole(name)?).ok();
        let share = |name: &str, default: f64| quantity(name).map_or(default, number);
        let [least_room, _] = lambda.function.ephemeral;
        let callers = if text("auth").as_deref() == Some("public") { Callers::Everyone } else { Callers::Iam };
        Settings {
            on_lambda: text("target").as_deref() == Some("lambda"),
            region: text("region"),
            arch: text("arch").unwrap_or_else(|| "x86_64".to_owned()),
            timeout: small("timeout").unwrap_or(Settings::TIMEOUT),
            ephemeral: whole("ephemeral").map_or(least_room, megabytes),
            role: text("role"),
            environment: variables(stated),
            alias: text("alias").unwrap_or_else(|| Settings::ALIAS.to_owned()),
            canary: quantity("canary").map(number),
            url: (text("url").as_deref() == Some("on")).then_some(callers),
            concurrency: small("concurrency"),
            provisioned: small("provisioned"),
            log_retention: whole("log_retention").map_or(Settings::RETENTION, days),
            log_sampling: share("log_sampling", lambda.logs.sampling),
            cold_rate: share("cold_rate", lambda.billing.cold_rate),
        }
    }
}

fn variables(stated: &[Stated]) -> BTreeMap<String, String> {
    let named = stated.iter().filter(|stated| stated.name == "environment").filter_map(|stated| match &stated.value {
        Setting::Named(name, text) => Some((name.clone(), text.clone())),
        _ => None,
    });
    named.collect()
}

fn days(seconds: u64) -> u32 {
    u32::try_from(seconds / 86_400).unwrap_or(u32::MAX)
}

impl Deployments {
    pub(crate) fn of(front: &Front, entries: &[EntryPoint]) -> Deployments {
        let functions = entries.iter().filter_map(|entry| {
            let deploy = front.deploy(entry)?;
            Some((entry.name.clone(), Deployed { settings: deploy.settings.clone(), loc: deploy.loc }))
        });
        let project = &front.analysis.project;
        Deployments { project: project.name.clone(), functions: functions.collect(), envs: project.envs.clone() }
    }

    /// An environment by its name.
    pub fn env(&self, name: &str) -> Option<&Env> {
        self.envs.iter().find(|env| env.name == name)
    }

    /// How a function is deployed in an environment; `None` where it is not deployed.
    pub fn settings(&self, function: &str, env: Option<&Env>, lambda: &Lambda) -> Option<Settings> {
        let block = &self.functions.get(function)?.settings;
        Some(match env {
            Some(env) => Settings::new(&merged(block, env), lambda),
            None => Settings::new(block, lambda),
        })
    }
}

impl Compiled {
    /// What a request of a function costs as it is deployed; nothing where it is not known, or the prices there are not. Which
    /// models are chosen rests on the region that the program says: all environments get the same.
    pub fn cost(&self, function: &str, settings: &Settings, lambda: &Lambda) -> Option<CostItems> {
        let said = self.deployments.settings(function, None, lambda)?.region?;
        let (was, is) = (lambda.prices.regions.get(&said)?, lambda.prices.regions.get(settings.region.as_ref()?)?);
        let logged = lambda.logs.per_call(settings.log_sampling, settings.cold_rate);
        Some(self.costs.get(function)?.priced(was, is, &settings.arch, logged))
    }
}
