//! What an entry runs on: the platform its figures belong to, and the memory sizes it can be given there.

use crate::front::Front;
use crate::lambda::{Lambda, Region, megabytes};
use mu_analysis::hir::{Deploy, Setting as Word};
use mu_base::decimal::Decimal;
use mu_base::{Code, Diagnostic};
use mu_evidence::{Calibration, Platform};
use mu_lower::compose::number;
use mu_select::Setting;
use std::collections::BTreeMap;

/// Where an entry runs.
#[derive(Debug, Clone)]
pub(crate) struct Machine<'a> {
    /// The platform whose figures count, or are carried over to Lambda.
    pub platform: Option<&'a Platform>,
    pub lambda: Option<OnLambda<'a>>,
}

/// A function of AWS Lambda.
#[derive(Debug, Clone)]
pub(crate) struct OnLambda<'a> {
    pub data: &'static Lambda,
    /// The memory sizes to choose from, in Lambda's MB.
    pub sizes: Vec<u32>,
    pub arch: String,
    /// The prices, where they are known.
    pub region: Option<&'static Region>,
    /// The share of calls that start cold.
    pub cold_rate: f64,
    /// The share of warm calls that are logged.
    pub log_sampling: f64,
    /// What Lambda takes against what is predicted, where it was measured there.
    pub calibration: Option<&'a Calibration>,
}

impl<'a> Machine<'a> {
    /// Where a deployment runs; what is not deployed runs on this machine.
    pub fn of(front: &'a Front, deploy: Option<&Deploy>) -> Result<Machine<'a>, Box<Diagnostic>> {
        let named = front.analysis.project.platform.as_deref();
        let Some(deploy) = deploy.filter(|deploy| word(deploy, "target") == Some("lambda")) else {
            return Ok(Machine { platform: front.evidence.local(named, |_| true), lambda: None });
        };
        let data = Lambda::get().map_err(|error| Diagnostic::error(Code::LambdaLimit, error).at(deploy.loc, ""))?;
        let arch = word(deploy, "arch").unwrap_or("x86_64").to_owned();
        let sizes = match quantity(deploy, "memory") {
            Some(bytes) => vec![megabytes(bytes)],
            None => data.memory.sizes.clone(),
        };
        let region = word(deploy, "region").and_then(|region| data.prices.regions.get(region));
        let share = |name: &str, default: f64| setting(deploy, name).and_then(decimal).map_or(default, number);
        let cold_rate = share("cold_rate", data.billing.cold_rate);
        let log_sampling = share("log_sampling", data.logs.sampling);
        let of_arch = |platform: &Platform| platform.arch == arch;
        let calibration = front.evidence.calibration(&arch);
        let calibrated = calibration.and_then(|known| front.evidence.local(Some(&known.from), of_arch));
        let platform =
            calibrated.or_else(|| front.evidence.local(named, of_arch)).or_else(|| front.evidence.local(None, of_arch));
        let lambda = OnLambda { data, sizes, arch, region, cold_rate, log_sampling, calibration };
        Ok(Machine { platform, lambda: Some(lambda) })
    }

    /// The settings that the selection chooses from; none where there is nothing to choose.
    pub fn settings(&self) -> Vec<Setting> {
        let sizes = self.lambda.iter().flat_map(|lambda| &lambda.sizes);
        let setting = |mb: &u32| Setting {
            name: format!("{mb} MB"),
            values: BTreeMap::from([("memory".to_owned(), bytes(*mb))]),
        };
        sizes.map(setting).collect()
    }
}

impl OnLambda<'_> {
    /// One number for each memory size.
    pub fn each(&self, of: impl Fn(u32) -> f64) -> Vec<f64> {
        self.sizes.iter().map(|mb| of(*mb)).collect()
    }

    /// The price of a second at a memory size, in USD; NaN where the region's prices are not known.
    pub fn second(&self, mb: u32) -> f64 {
        let gb_second = self.region.map_or(f64::NAN, |region| region.gb_second(&self.arch));
        gb_second * f64::from(mb) / 1024.0
    }

    /// How long work takes that begins with a period, by the clock, where the processor is shared.
    pub fn granted(&self, work: f64, mb: u32) -> f64 {
        let (share, period) = (self.data.share(mb), self.data.cpu.period);
        let quota = share * period;
        if share >= 1.0 || quota <= 0.0 || work <= 0.0 {
            return work;
        }
        let stops = (work / quota).ceil() - 1.0;
        work + stops * (period - quota)
    }
}

/// Lambda's MB in bytes.
pub(crate) fn bytes(mb: u32) -> f64 {
    f64::from(mb) * 1_048_576.0
}

fn setting<'d>(deploy: &'d Deploy, name: &str) -> Option<&'d Word> {
    deploy.settings.iter().find(|stated| stated.name == name).map(|stated| &stated.value)
}

fn word<'d>(deploy: &'d Deploy, name: &str) -> Option<&'d str> {
    match setting(deploy, name)? {
        Word::Word(word) | Word::Text(word) => Some(word),
        Word::Quantity(_) | Word::Named(..) => None,
    }
}

fn decimal(setting: &Word) -> Option<Decimal> {
    match setting {
        Word::Quantity(value) => Some(*value),
        Word::Word(_) | Word::Text(_) | Word::Named(..) => None,
    }
}

/// A whole number of base units.
fn quantity(deploy: &Deploy, name: &str) -> Option<u64> {
    let value = number(decimal(setting(deploy, name)?)?);
    (value >= 0.0).then_some(value as u64)
}
