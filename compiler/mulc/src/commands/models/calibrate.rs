//! `mulc models calibrate`: what Lambda takes, told by a probe in the user's own account.

use super::Session;
use super::figures::table;
use super::store::shown;
use crate::cli::models::calibrate::Calibrate;
use crate::commands::{internal_fault, wrong};
use crate::failure::Failure;
use crate::runtime;
use crate::today::today;
use mu_driver::Target;
use mu_driver::lambda::Lambda;
use mu_evidence::{Calibration, Platform, Probe, Profile, calibration_path, invocations};
use std::process::ExitCode;

pub fn run(session: &Session, asked: &Calibrate) -> Result<ExitCode, Failure> {
    let facts = Lambda::get().map_err(|error| internal_fault(&error))?;
    let bootstrap = runtime::read()?;
    let arch = mu_driver::arch(&bootstrap).ok_or_else(|| Failure::request("the runtime is for no known processor"))?;
    let (card, sha256, profile) = measured(session, asked.model.as_deref(), arch)?;
    let report = mu_driver::card_program(&session.program.input(), &card);
    let Some(compiled) = session.program.answer(report)? else { return Ok(wrong()) };
    let inputs = mu_models::measure::inputs(&session.catalog(), &compiled)?;
    let contents = mu_driver::bundle(&compiled, Target::Lambda, bootstrap).map_err(|error| internal_fault(&error))?;
    let zip = mu_bundle::packed(&contents)?;
    if zip.len() as u64 > facts.zip_direct {
        return Err(Failure::request(format!("`{card}` is too large for a probe")).help("name a smaller model"));
    }
    let mut memory = asked.memory.clone();
    memory.sort_unstable();
    memory.dedup();
    let probe = mu_cloud::Probe {
        zip,
        handler: card.clone(),
        arch: arch.to_owned(),
        role: asked.role.clone(),
        memory,
        events: inputs.lines.lines().map(str::to_owned).collect(),
        cold: asked.cold,
        warm: asked.warm,
    };
    let aws = mu_cloud::Session::open(asked.region.as_deref())?;
    let logs = aws.probe(&probe, &shown("calling the probe"))?;
    let platform = Platform {
        name: format!("lambda-{arch}"),
        machine: "AWS Lambda".to_owned(),
        arch: arch.to_owned(),
        features: Vec::new(),
    };
    let made_from = Probe {
        profile: &profile,
        card: &card,
        sha256: &sha256,
        platform,
        region: aws.region(),
        date: &today(),
        mb_per_vcpu: facts.memory.mb_per_vcpu,
        period: facts.cpu.period,
    };
    let calibration = Calibration::fit(made_from, &invocations(&logs)).map_err(|error| {
        Failure::outside(format!("the probe ran, but nothing can be learned from it: {error}"))
            .help("say it again; if it stays so, report it with the function's log")
    })?;
    let text = calibration.to_text().map_err(|error| internal_fault(&error.to_string()))?;
    session.catalog().write(&calibration_path(&calibration.platform.name), text.as_bytes())?;
    session.answer(&calibration, shown_text)
}

/// The model to probe with, its sha256, and its profile on a whole processor: the one that was measured last.
fn measured(session: &Session, named: Option<&str>, arch: &str) -> Result<(String, String, Profile), Failure> {
    let report = mu_driver::catalog::catalog(&session.program.input());
    let cards = report.value.map(|facts| facts.cards).unwrap_or_default();
    let mut found: Vec<(u64, String, String, Profile)> = Vec::new();
    for card in cards.into_iter().filter(|card| named.is_none_or(|name| name == card.name)) {
        let Some(stated) = card.stated.filter(|stated| stated.path.is_some()) else { continue };
        let Some(evidence) = session.catalog().evidence(&card.name)? else { continue };
        let profiles =
            evidence.profiles.into_iter().filter(|profile| profile.share >= 1.0 && profile.platform.arch == arch);
        let last = profiles.max_by(|a, b| (&a.date, &a.platform.name).cmp(&(&b.date, &b.platform.name)));
        if let Some(profile) = last.filter(|_| evidence.sha256 == stated.sha256) {
            found.push((profile.size, card.name, stated.sha256, profile));
        }
    }
    found.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    let which = named.map_or("no model of the catalog".to_owned(), |name| format!("`{name}`"));
    let (_, card, sha256, profile) = found.into_iter().next().ok_or_else(|| {
        let not = if named.is_some() { " not" } else { "" };
        Failure::request(format!("{which} was{not} measured on a whole processor for {arch}"))
            .help(format!("measure first: `mulc models measure {}`", named.unwrap_or("MODEL")))
    })?;
    Ok((card, sha256, profile))
}

fn shown_text(calibration: &Calibration) -> String {
    let mut rows = table(&["memory", "calls", "took", "predicted", "cold starts", "init", "used"]);
    let ms = |seconds: f64| format!("{:.2} ms", seconds * 1e3);
    for size in &calibration.sizes {
        rows.add_row([
            format!("{} MB", size.memory),
            size.warm.to_string(),
            ms(size.duration),
            ms(size.predicted),
            size.cold.to_string(),
            if size.cold > 0 { ms(size.init) } else { String::new() },
            format!("{} MB", size.used),
        ]);
    }
    let Calibration { platform, region, probe, from, .. } = calibration;
    format!("{rows}\n{} in {region}, by `{probe}`; predicted from {from}\n", platform.name)
}
