//! What a project's deployment should be, from the compiled program, the environment that `mu.toml` describes and the zip.

use crate::failure::Failure;
use mu_deploy::{
    Alias, Arch, Auth, Code, CodePlace, Configuration, Desired, Forecast, Function, LogGroup, Network, Owner, Policy,
    RUNTIME, Role, Scope, Store, Tags, Url,
};
use mu_driver::lambda::Lambda;
use mu_driver::{Callers, Compiled, Deployments, Env, Settings, function_name};
use std::collections::BTreeSet;

/// The environment's name where `mu.toml` names none.
pub const NO_ENV: &str = "default";

/// The zip, as far as a plan needs it.
pub struct Zip {
    /// In lower-case hexadecimal.
    pub sha256: String,
    /// In bytes, packed and unpacked.
    pub size: u64,
    pub unpacked: u64,
}

/// The environment of this name. Where `mu.toml` has environments, one is needed.
pub fn env<'c>(deployments: &'c Deployments, name: Option<&str>) -> Result<Option<&'c Env>, Failure> {
    let names: Vec<&str> = deployments.envs.iter().map(|env| env.name.as_str()).collect();
    let there = || format!("mu.toml has {}", names.join(", "));
    match name {
        None if names.is_empty() => Ok(None),
        None => Err(Failure::request("which environment?").help(format!("say `--env NAME`: {}", there()))),
        Some(name) => match deployments.env(name) {
            Some(env) => Ok(Some(env)),
            None if names.is_empty() => Err(Failure::request(format!("mu.toml has no environment `{name}`"))
                .help(format!("write `[env.{name}]` with what holds there, as `region = \"eu-central-1\"`"))),
            None => Err(Failure::request(format!("mu.toml has no environment `{name}`")).help(there())),
        },
    }
}

/// The functions that are deployed on Lambda, with their settings.
pub fn functions(
    deployments: &Deployments,
    env: Option<&Env>,
    lambda: &Lambda,
) -> Result<Vec<(String, Settings)>, Failure> {
    let deployed = deployments.functions.keys();
    let settings = deployed.filter_map(|name| Some((name.clone(), deployments.settings(name, env, lambda)?)));
    let found: Vec<_> = settings.filter(|(_, settings)| settings.on_lambda).collect();
    if found.is_empty() {
        return Err(Failure::request("no function of the program is deployed on Lambda")
            .help("write `deploy FUNCTION { target lambda }`"));
    }
    shared(found.iter().map(|(_, settings)| &settings.alias), "alias")?;
    // It stands in the bundle, which is one for all of them.
    let sampling: Vec<String> = found.iter().map(|(_, settings)| settings.log_sampling.to_string()).collect();
    shared(sampling.iter(), "log_sampling")?;
    Ok(found)
}

/// The one value that all functions have of a setting; `None` where none has one.
fn shared<'s>(of: impl Iterator<Item = &'s String>, what: &str) -> Result<Option<String>, Failure> {
    let values: BTreeSet<&String> = of.collect();
    match Vec::from_iter(values).as_slice() {
        [] => Ok(None),
        [one] => Ok(Some((*one).clone())),
        [one, other, ..] => {
            Err(Failure::request(format!("the program's functions have the {what} `{one}` and `{other}`"))
                .help(format!("a project has one {what}: say the same in all `deploy` blocks")))
        }
    }
}

/// The one region that the program or the environment says; `None` where neither does.
pub fn region(functions: &[(String, Settings)]) -> Result<Option<String>, Failure> {
    shared(functions.iter().filter_map(|(_, settings)| settings.region.as_ref()), "region")
}

/// With what the names of all functions begin.
fn prefix(project: &str, env: Option<&Env>) -> String {
    function_name(env.map_or("", |env| env.prefix.as_str()), project, "")
}

/// Where the zips of a deployment lie in a bucket.
fn store(bucket: String, project: &str, environment: &str) -> Store {
    Store { bucket, prefix: format!("mulambda/{project}/{environment}") }
}

/// Where a deployment's things are looked for, without what they should be, and the region where one is said.
pub fn scope(
    deployments: &Deployments,
    env: Option<&Env>,
    lambda: &Lambda,
) -> Result<(Scope, Option<String>), Failure> {
    // A program that deploys nothing any more may have something left to look at.
    let functions = functions(deployments, env, lambda).unwrap_or_default();
    let project = &deployments.project;
    let environment = env.map_or(NO_ENV, |env| env.name.as_str()).to_owned();
    let start = env.map_or("", |env| env.prefix.as_str());
    let names: Vec<String> = functions.iter().map(|(entry, _)| function_name(start, project, entry)).collect();
    let alias = shared(functions.iter().map(|(_, settings)| &settings.alias), "alias")?;
    let scope = Scope {
        account: env.and_then(|env| env.account.clone()),
        prefix: prefix(project, env),
        alias: alias.unwrap_or_else(|| Settings::ALIAS.to_owned()),
        // A role of our own has its function's name.
        roles: names.clone(),
        functions: names,
        store: env.and_then(|env| Some(store(env.bucket.clone()?, project, &environment))),
        owner: Owner { project: project.clone(), environment },
    };
    Ok((scope, region(&functions)?))
}

/// All of it. The functions are those of [`functions`], the region is AWS's name.
pub fn desired(
    compiled: &Compiled,
    env: Option<&Env>,
    functions: &[(String, Settings)],
    region: &str,
    zip: &Zip,
    lambda: &Lambda,
) -> Result<Desired, Failure> {
    let made = Maker { compiled, env, region, lambda };
    let environment = env.map_or(NO_ENV, |env| env.name.as_str()).to_owned();
    Ok(Desired {
        project: compiled.name.clone(),
        region: region.to_owned(),
        account: env.and_then(|env| env.account.clone()),
        prefix: prefix(&compiled.name, env),
        code: Code {
            sha256: zip.sha256.clone(),
            size: zip.size,
            unpacked: zip.unpacked,
            place: made.place(zip.size, &environment)?,
        },
        functions: functions.iter().map(|(entry, settings)| made.function(entry, settings, &environment)).collect(),
        environment,
    })
}

struct Maker<'a> {
    compiled: &'a Compiled,
    env: Option<&'a Env>,
    region: &'a str,
    lambda: &'a Lambda,
}

impl Maker<'_> {
    /// In the request, where it fits; else in the environment's bucket.
    fn place(&self, size: u64, environment: &str) -> Result<CodePlace, Failure> {
        if size <= self.lambda.zip_direct {
            return Ok(CodePlace::Direct);
        }
        let Some(bucket) = self.env.and_then(|env| env.bucket.clone()) else {
            let mib = |bytes: u64| bytes.div_ceil(1 << 20);
            let (has, may) = (mib(size), mib(self.lambda.zip_direct));
            let message = format!("the zip has {has} MiB, more than the {may} MiB that AWS Lambda takes in a request");
            let help = match self.env {
                Some(env) => format!("name a bucket for it in mu.toml: `bucket = \"...\"` in `[env.{}]`", env.name),
                None => {
                    "name a bucket for it in mu.toml: `[env.prod]` with `bucket = \"...\"`, and `--env prod`".into()
                }
            };
            return Err(Failure::request(message).help(help));
        };
        Ok(CodePlace::S3(store(bucket, &self.compiled.name, environment)))
    }

    fn function(&self, entry: &str, settings: &Settings, environment: &str) -> Function {
        let prefix = self.env.map_or("", |env| env.prefix.as_str());
        let name = function_name(prefix, &self.compiled.name, entry);
        let configuration = self.configuration(entry, settings);
        let logs = LogGroup { name: mu_deploy::log_group(&name), retention_days: Some(settings.log_retention) };
        let role = match &settings.role {
            Some(arn) => Role::Existing { arn: arn.clone() },
            None => Role::Own {
                name: name.clone(),
                policy: Policy::of_function(&logs.name, &configuration),
                boundary: self.env.and_then(|env| env.boundary.clone()),
            },
        };
        let owner = Owner { project: self.compiled.name.clone(), environment: environment.to_owned() };
        let tags: Tags = self.env.map(|env| env.tags.clone()).unwrap_or_default();
        Function {
            entry: entry.to_owned(),
            name,
            configuration,
            role,
            reserved: settings.concurrency,
            provisioned: settings.provisioned,
            logs,
            alias: Alias { name: settings.alias.clone(), canary: settings.canary },
            url: settings
                .url
                .map(|callers| Url { auth: if callers == Callers::Everyone { Auth::Public } else { Auth::Iam } }),
            tags: tags.into_iter().chain(owner.tags()).collect(),
            forecast: self.forecast(entry, settings),
        }
    }

    fn configuration(&self, entry: &str, settings: &Settings) -> Configuration {
        let network = self
            .env
            .filter(|env| !env.subnets.is_empty())
            .map(|env| Network { subnets: env.subnets.clone(), security_groups: env.security_groups.clone() });
        let [least, _] = self.lambda.function.memory;
        Configuration {
            handler: entry.to_owned(),
            runtime: RUNTIME.to_owned(),
            arch: if settings.arch == "aarch64" { Arch::Arm64 } else { Arch::X86_64 },
            memory: self.compiled.memory.get(entry).copied().unwrap_or(least),
            timeout: settings.timeout,
            ephemeral: settings.ephemeral,
            environment: settings.environment.clone(),
            network,
            kms_key: self.env.and_then(|env| env.kms_key.clone()),
            dead_letter: self.env.and_then(|env| env.dead_letter.clone()),
        }
    }

    /// What is predicted, and what the prediction leaves out.
    fn forecast(&self, entry: &str, settings: &Settings) -> Forecast {
        let here = Settings { region: Some(self.region.to_owned()), ..settings.clone() };
        let items = self.compiled.cost(entry, &here, self.lambda);
        let cost = items.map(|items| {
            let named = [
                ("requests", items.requests),
                ("duration", items.duration),
                ("cold starts", items.cold_starts),
                ("logs", items.logs),
            ];
            named.map(|(name, usd)| (name.to_owned(), usd)).to_vec()
        });
        let mut notes = Vec::new();
        match (&cost, self.lambda.prices.regions.get(self.region)) {
            (Some(_), Some(prices)) => {
                let full = self.lambda.logs.per_call(1.0, settings.cold_rate) * prices.logs * 1e-9;
                let share = percent(settings.log_sampling);
                notes.push(format!(
                    "{share} of warm calls are logged; with all of them, logs would cost {:.3} USD per 1M requests",
                    full * 1e6
                ));
            }
            (None, None) => notes.push(format!("the prices of `{}` are not known", self.region)),
            _ => {
                notes.push("the cost is not known: it rests on figures, or on a `region`, that are missing".to_owned())
            }
        }
        if settings.provisioned.is_some() {
            notes.push("environments that are kept ready cost by the hour, which is not part of these figures".into());
        }
        let cold_start = self.compiled.cold_starts.get(entry).copied();
        if cold_start.is_some() {
            notes.push(
                "a cold start is predicted without the time to fetch the zip, of which no figure is known".into(),
            );
        }
        Forecast { cost: cost.unwrap_or_default(), cold_start, notes }
    }
}

/// `1%`, `12.5%`.
fn percent(share: f64) -> String {
    format!("{}%", (share * 1e4).round() / 100.0)
}
