//! `measure`: how fast models are on this machine, under the runtime that ships, in processes of its own.
//!
//! Models, shares of the processor and paces take turns, process by process, so that a disturbance of the machine does not
//! fall on one of them alone.

mod group;
mod inputs;
mod process;
mod summary;

use crate::catalog::Catalog;
use crate::data::{self, Input, Want};
use crate::error::Error;
use crate::index::facts;
use crate::progress::Progress;
use group::Group;
use inputs::COUNT;
use mu_driver::Compiled;
use mu_driver::catalog::Catalogued;
use mu_evidence::{Pace, Platform, Predicted, Profile, predict_at};
use mu_format::ir::{Entry, Program};
use mu_format::value::Value;
use process::{Bench, Run};
use serde::Serialize;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use summary::{Facts, Gathered};

pub use inputs::Inputs;

/// How to measure.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// Shares of a processor, above zero. From 1 on, nothing is limited: one thread runs a call.
    pub shares: Vec<f64>,
    /// Over which a share below 1 is granted, in seconds.
    pub period: f64,
    /// Calls back to back, over all processes.
    pub calls: u64,
    /// Calls with pauses, over all processes.
    pub spaced: u64,
    pub processes: u32,
    /// The name of this machine's platform; by default one made of its processor's.
    pub platform: Option<String>,
    /// `2026-11-21`
    pub date: String,
    /// The executable that runs bundles.
    pub runtime: &'a [u8],
}

/// What was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measured {
    pub platform: Platform,
    /// Why no share below 1 could be measured, where that was asked for and is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unlimited: Option<String>,
    pub models: Vec<Model>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Model {
    pub name: String,
    /// What it was called with: the name of a data set, or nothing where the inputs were made up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// In the order of the shares that were asked for; these are kept in the catalog.
    pub profiles: Vec<Profile>,
    /// Of shares that could not be measured; these are not kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub predicted: Vec<Prediction>,
}

/// What is expected at a share that was not measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prediction {
    pub share: f64,
    pub period: f64,
    pub back_to_back: Predicted,
    pub spaced: Predicted,
}

/// The least pause before a spaced call: two periods; the runtime varies it by one.
const PAUSE: Duration = Duration::from_millis(40);

/// Measures models, each a program that was made of its card, and keeps the profiles in the catalog.
pub fn measure(
    catalog: &Catalog,
    models: &[Compiled],
    request: &Request,
    progress: &mut dyn Progress,
) -> Result<Measured, Error> {
    let platform = platform(request)?;
    let folder = tempfile::Builder::new().prefix("mulc-measure-").tempdir();
    let folder = folder.map_err(|error| Error::outside(format!("cannot make a temporary folder: {error}")))?;
    let runtime = write_runtime(folder.path(), request.runtime)?;
    let facts = facts(catalog)?;
    let mut benches = Vec::new();
    for model in models {
        // Evidence that cannot be added to is better known before an hour of measuring than after it.
        catalog.evidence(&model.name)?;
        let (inputs, data) = inputs_of(catalog, &facts, model)?;
        benches.push((model, Bench::new(folder.path(), &runtime, model, &inputs)?, inputs, data));
    }
    let limited: Vec<f64> = request.shares.iter().copied().filter(|share| *share < 1.0).collect();
    let unlimited = match (limited.first(), benches.first()) {
        (Some(share), Some((_, bench, ..))) => can_limit(bench, *share, request.period).err(),
        _ => None,
    };
    let mut shares = request.shares.clone();
    if unlimited.is_some() {
        shares.retain(|share| *share >= 1.0);
        if shares.is_empty() {
            shares.push(1.0);
        }
    }
    let gathered = run_all(&benches, &shares, request, progress)?;
    let mut found = Vec::new();
    for ((model, _, inputs, data), gathered) in benches.into_iter().zip(gathered) {
        let mut profiles = Vec::new();
        for (share, gathered) in shares.iter().zip(gathered) {
            let facts = Facts {
                platform: platform.clone(),
                share: *share,
                period: if *share < 1.0 { request.period } else { 0.0 },
                inputs: inputs.sha256.clone(),
                date: request.date.clone(),
                size: size(model),
            };
            profiles.extend(gathered.profile(facts));
        }
        keep(catalog, model, &profiles)?;
        let whole = profiles.iter().find(|profile| profile.share >= 1.0).filter(|_| unlimited.is_some());
        let predicted =
            whole.map(|whole| limited.iter().map(|share| prediction(whole, *share, request.period)).collect());
        found.push(Model { name: model.name.clone(), data, profiles, predicted: predicted.unwrap_or_default() });
    }
    Ok(Measured { platform, unlimited, models: found })
}

fn platform(request: &Request) -> Result<Platform, Error> {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo")
        .map_err(|error| Error::outside(format!("`/proc/cpuinfo` does not say what this machine is: {error}")))?;
    let arch = mu_driver::arch(request.runtime).ok_or_else(|| Error::wrong("the runtime is for no known processor"))?;
    let mut platform = mu_evidence::platform(&cpuinfo, arch);
    if let Some(name) = &request.platform {
        if !mu_evidence::is_platform_name(name) {
            return Err(Error::wrong(format!("`{name}` cannot name a platform"))
                .help("use small letters, digits, `-`, `_` and `.`, beginning with a letter or a digit"));
        }
        platform.name.clone_from(name);
    }
    Ok(platform)
}

fn write_runtime(folder: &Path, bytes: &[u8]) -> Result<PathBuf, Error> {
    let path = folder.join("bootstrap");
    let write = || {
        fs::write(&path, bytes)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
    };
    write().map_err(|error| Error::outside(format!("cannot write `{}`: {error}", path.display())))?;
    Ok(path)
}

/// What a model is called with: an object a line.
pub fn inputs(catalog: &Catalog, model: &Compiled) -> Result<Inputs, Error> {
    inputs_of(catalog, &facts(catalog)?, model).map(|(inputs, _)| inputs)
}

/// What the model is called with, and the data set that it is from: the first one of its task that is at hand.
fn inputs_of(catalog: &Catalog, facts: &Catalogued, model: &Compiled) -> Result<(Inputs, Option<String>), Error> {
    let entry = model.program.entries.first();
    let entry = entry.ok_or_else(|| Error::wrong(format!("`{}` has no function to call", model.name)))?;
    let card = facts.cards.iter().find(|card| card.name == model.name).and_then(|card| card.stated.as_ref());
    let same = facts.datasets.iter().filter(|set| card.is_some_and(|card| card.task == set.task));
    for set in same {
        for path in &set.files {
            let Some(rows) = samples(catalog, path, &set.sha256, &model.program, entry) else { continue };
            return Ok((Inputs::new(&model.program, entry, rows)?, Some(set.name.clone())));
        }
    }
    Ok((Inputs::made_up(&model.program, entry)?, None))
}

/// The first samples of the file of a data set; nothing where it is not at hand, or has not what the entry takes.
fn samples(catalog: &Catalog, path: &str, sha256: &str, program: &Program, entry: &Entry) -> Option<Vec<Vec<Value>>> {
    let bytes = catalog.world().read(path).ok().filter(|bytes| mu_format::bundle::sha256(bytes) == sha256)?;
    let inputs = entry.params.iter().map(|param| Input { names: vec![param.name.clone()], ty: param.ty.clone() });
    let want = Want {
        inputs: inputs.collect(),
        truth: None,
        labels: program.labels.clone(),
        declared: Vec::new(),
        rate: None,
    };
    let samples = data::open(&catalog.folder().join(path), Some(bytes), want).ok()?;
    (0..samples.len().min(COUNT)).map(|place| samples.sample(place).ok().map(|sample| sample.inputs)).collect()
}

/// Whether processes can be limited here.
fn can_limit(bench: &Bench, share: f64, period: f64) -> Result<(), String> {
    let group = Group::new(share, period)?;
    let run = Run { calls: 0, spacing: Duration::ZERO, group: Some(&group) };
    bench.run(&run).map(|_| ()).map_err(|error| error.message)
}

type Benched<'a> = (&'a Compiled, Bench, Inputs, Option<String>);

/// For each model, for each share, what its processes saw.
fn run_all(
    benches: &[Benched],
    shares: &[f64],
    request: &Request,
    progress: &mut dyn Progress,
) -> Result<Vec<Vec<Gathered>>, Error> {
    let processes = u64::from(request.processes.max(1));
    let (busy, spaced) = (request.calls.div_ceil(processes), request.spaced.div_ceil(processes));
    progress.start("measuring", processes * (busy + spaced) * (benches.len() * shares.len()) as u64);
    let empty = || shares.iter().map(|_| Gathered::default()).collect::<Vec<_>>();
    let mut all: Vec<Vec<Gathered>> = benches.iter().map(|_| empty()).collect();
    for _ in 0..processes {
        for ((_, bench, ..), gathered) in benches.iter().zip(&mut all) {
            for (share, gathered) in shares.iter().zip(gathered) {
                for (seen, calls, spacing) in
                    [(&mut gathered.busy, busy, Duration::ZERO), (&mut gathered.spaced, spaced, PAUSE)]
                {
                    if calls == 0 {
                        continue;
                    }
                    let group = (*share < 1.0).then(|| Group::new(*share, request.period)).transpose();
                    let group = group.map_err(Error::outside)?;
                    seen.push(bench.run(&Run { calls, spacing, group: group.as_ref() })?);
                    progress.advance(calls);
                }
            }
        }
    }
    Ok(all)
}

/// What the model adds to a bundle, in bytes.
fn size(model: &Compiled) -> u64 {
    let models = model.models.iter().map(|file| file.bytes.len());
    models.chain(model.assets.iter().map(|file| file.bytes.len())).sum::<usize>() as u64
}

/// Puts profiles in place of those of the same platform and share.
fn keep(catalog: &Catalog, model: &Compiled, profiles: &[Profile]) -> Result<(), Error> {
    let Some(sha256) = model.program.models.first().map(|model| model.sha256.as_str()) else { return Ok(()) };
    let mut evidence = catalog.evidence_for(&model.name, sha256)?;
    let same = |a: &Profile, b: &Profile| a.platform.name == b.platform.name && a.share == b.share;
    evidence.profiles.retain(|old| !profiles.iter().any(|new| same(old, new)));
    evidence.profiles.extend(profiles.iter().cloned());
    catalog.keep(&evidence)
}

fn prediction(profile: &Profile, share: f64, period: f64) -> Prediction {
    Prediction {
        share,
        period,
        back_to_back: predict_at(profile, share, period, Pace::BackToBack),
        spaced: predict_at(profile, share, period, Pace::Spaced),
    }
}
