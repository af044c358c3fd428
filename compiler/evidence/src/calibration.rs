//! What Lambda really takes against what was predicted for it: a record of the catalog, `models/platforms/PLATFORM.toml`, made
//! by `mulc models calibrate` from the log of a probe.

use crate::file::{self, FileError};
use crate::predict::{Predicted, predict};
use crate::record::{Platform, Profile};
use crate::report_line::Invocation;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The folder of the platforms in a project.
pub const PLATFORMS: &str = "models/platforms";

/// Where the calibration of a platform lies, from the project's folder.
pub fn calibration_path(platform: &str) -> String {
    format!("{PLATFORMS}/{platform}.toml")
}

/// How Lambda's figures stand to predictions from another platform's profiles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// `us-east-1`
    pub region: String,
    /// Whose profiles it corrects, by the platform's name.
    pub from: String,
    /// The card that was deployed as a probe.
    pub probe: String,
    /// What the probe took on `from` until it could answer, in seconds.
    pub load: f64,
    /// Of the probe's model.
    pub sha256: String,
    pub runtime: String,
    /// `2026-11-21`
    pub date: String,
    /// The memory that comes with one processor, in MB.
    pub mb_per_vcpu: f64,
    /// Over which a share of a processor is granted, in seconds.
    pub period: f64,
    /// What was calibrated: `lambda-x86_64`.
    pub platform: Platform,
    /// By memory, the smallest first; at least one.
    #[serde(rename = "size")]
    pub sizes: Vec<Size>,
}

/// What was seen of the probe at one memory size. Times are in seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Size {
    /// In MB of 1,048,576 bytes.
    pub memory: u64,
    /// Invocations of an environment that had started before, and their median duration.
    pub warm: u64,
    pub duration: f64,
    /// The median that was predicted.
    pub predicted: f64,
    /// Invocations that started an environment, and the median of what starting took; zero where there was none.
    pub cold: u64,
    pub init: f64,
    /// The most memory that was used, in MB.
    pub used: u64,
}

/// What a calibration is made from, besides the log.
pub struct Probe<'a> {
    /// Of the probe on `profile.platform`, at a share of 1.
    pub profile: &'a Profile,
    pub card: &'a str,
    pub sha256: &'a str,
    /// Lambda's: `lambda-x86_64`.
    pub platform: Platform,
    pub region: &'a str,
    pub date: &'a str,
    pub mb_per_vcpu: f64,
    pub period: f64,
}

/// Why a log gives no calibration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CalibrationError {
    /// There is no report of an invocation that ended well in a warm environment.
    NoReports,
    /// The machine and the profile have different processors, by the names of their architectures.
    OtherArch { lambda: String, profile: String },
}

/// A model's figures on Lambda, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibrated {
    pub latency: Predicted,
    /// From the start of the environment until it can answer.
    pub init: Option<f64>,
}

impl Calibration {
    /// From what Lambda reported of the probe, at any number of memory sizes.
    pub fn fit(probe: Probe, reports: &[Invocation]) -> Result<Calibration, CalibrationError> {
        let Probe { profile, card, sha256, platform, region, date, mb_per_vcpu, period } = probe;
        if platform.arch != profile.platform.arch {
            let (lambda, profile) = (platform.arch, profile.platform.arch.clone());
            return Err(CalibrationError::OtherArch { lambda, profile });
        }
        let mut by_memory: BTreeMap<u64, Vec<&Invocation>> = BTreeMap::new();
        for report in reports {
            by_memory.entry(report.memory).or_default().push(report);
        }
        let size = |(memory, reports): (u64, Vec<&Invocation>)| {
            let warm: Vec<f64> = reports.iter().filter(|r| r.init.is_none()).map(|r| r.duration).collect();
            let cold: Vec<f64> = reports.iter().filter_map(|r| r.init).collect();
            Some(Size {
                memory,
                warm: warm.len() as u64,
                duration: median(&warm)?,
                predicted: predict(profile, memory as f64 / mb_per_vcpu, period).p50,
                cold: cold.len() as u64,
                init: median(&cold).unwrap_or(0.0),
                used: reports.iter().map(|r| r.used).max().unwrap_or(0),
            })
        };
        let sizes: Vec<Size> = by_memory.into_iter().filter_map(size).collect();
        if sizes.is_empty() {
            return Err(CalibrationError::NoReports);
        }
        Ok(Calibration {
            region: region.to_owned(),
            from: profile.platform.name.clone(),
            probe: card.to_owned(),
            load: profile.load,
            sha256: sha256.to_owned(),
            runtime: profile.runtime.clone(),
            date: date.to_owned(),
            mb_per_vcpu,
            period,
            platform,
            sizes,
        })
    }

    /// The figures of a model with so much memory (in MB) on Lambda. What the probe took against its prediction is carried
    /// over as a factor, between two sizes along the line between theirs, beyond the ends as at the end. `None` for a profile
    /// of another platform than the probe's.
    pub fn apply(&self, profile: &Profile, memory: u64) -> Option<Calibrated> {
        if profile.platform.name != self.from {
            return None;
        }
        let factor = self.between(memory, |size| (size.predicted > 0.0).then(|| size.duration / size.predicted))?;
        let Predicted { mean, p50, p95, p99 } = predict(profile, memory as f64 / self.mb_per_vcpu, self.period);
        let latency = Predicted { mean: mean * factor, p50: p50 * factor, p95: p95 * factor, p99: p99 * factor };
        // Lambda starts an environment at full speed, whatever its memory: what loading takes longer here, it takes longer there.
        let init = self.between(memory, |size| (size.cold > 0).then_some(size.init));
        Some(Calibrated { latency, init: init.map(|init| (init + profile.load - self.load).max(0.0)) })
    }

    /// A figure at a memory size, from those sizes that have it.
    fn between(&self, memory: u64, figure: impl Fn(&Size) -> Option<f64>) -> Option<f64> {
        let known = self.sizes.iter().filter_map(|size| Some((size.memory, figure(size)?)));
        let (below, above): (Vec<_>, Vec<_>) = known.partition(|(size, _)| *size <= memory);
        match (below.last().copied(), above.first().copied()) {
            (Some((m0, low)), Some((m1, high))) => Some(low + (high - low) * (memory - m0) as f64 / (m1 - m0) as f64),
            (Some((_, only)), None) | (None, Some((_, only))) => Some(only),
            (None, None) => None,
        }
    }

    /// Reads the text of a calibration.
    pub fn parse(text: &str) -> Result<Calibration, FileError> {
        let calibration: Calibration = file::read(text)?;
        calibration.sense()?;
        Ok(calibration)
    }

    /// The text of the file; the same calibration gives the same bytes.
    pub fn to_text(&self) -> Result<String, FileError> {
        self.sense()?;
        let head = "Written by `mulc models calibrate`: what a platform takes against what was predicted. \
                    The seal breaks where this is edited by hand.";
        file::write(head, self)
    }

    fn sense(&self) -> Result<(), FileError> {
        let ordered = self.sizes.windows(2).all(|pair| matches!(pair, [a, b] if a.memory < b.memory));
        let sound = |size: &Size| {
            [size.duration, size.predicted, size.init].iter().all(|time| time.is_finite() && *time >= 0.0)
        };
        let settings = [self.mb_per_vcpu, self.period].iter().all(|x| x.is_finite() && *x > 0.0)
            && self.load.is_finite()
            && self.load >= 0.0;
        if self.sizes.is_empty() || !ordered || !settings || !self.sizes.iter().all(sound) {
            return Err(FileError::Senseless { what: format!("the calibration of {}", self.platform.name) });
        }
        Ok(())
    }
}

fn median(numbers: &[f64]) -> Option<f64> {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

impl fmt::Display for CalibrationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CalibrationError::NoReports => write!(f, "the log has no REPORT of an invocation in a warm environment"),
            CalibrationError::OtherArch { lambda, profile } => {
                write!(f, "the profile is of {profile}, and the function ran on {lambda}")
            }
        }
    }
}

impl std::error::Error for CalibrationError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predict::tests::profile;
    use crate::report_line::invocations;

    fn lambda(arch: &str) -> Platform {
        Platform {
            name: format!("lambda-{arch}"),
            machine: "AWS Lambda".into(),
            arch: arch.into(),
            features: Vec::new(),
        }
    }

    fn probe<'a>(profile: &'a Profile, arch: &str) -> Probe<'a> {
        Probe {
            profile,
            card: "small",
            sha256: "00",
            platform: lambda(arch),
            region: "us-east-1",
            date: "2026-11-21",
            mb_per_vcpu: 1769.0,
            period: 0.02,
        }
    }

    /// A log of three sizes where all takes twice what was predicted, and starting takes 100 ms.
    fn log(profile: &Profile) -> String {
        let report = |memory: u64, cold: bool| {
            let ms = predict(profile, memory as f64 / 1769.0, 0.02).p50 * 2e3;
            let init = if cold { "Init Duration: 100.00 ms\t" } else { "" };
            format!(
                "REPORT RequestId: x\tDuration: {ms} ms\tBilled Duration: 9 ms\tMemory Size: {memory} MB\t\
                 Max Memory Used: 40 MB\t{init}\n"
            )
        };
        [128, 512, 1769].iter().flat_map(|m| [report(*m, true), report(*m, false), report(*m, false)]).collect()
    }

    #[test]
    fn what_the_probe_took_longer_every_model_takes_longer() {
        let (small, large) = (profile(0.004), Profile { load: 0.25, ..profile(0.04) });
        let fitted = Calibration::fit(probe(&small, "x86_64"), &invocations(&log(&small))).unwrap();
        assert_eq!(
            fitted.sizes.iter().map(|s| (s.memory, s.warm, s.cold)).collect::<Vec<_>>(),
            [(128, 2, 1), (512, 2, 1), (1769, 2, 1)]
        );
        for memory in [64, 128, 300, 512, 1024, 3008] {
            let calibrated = fitted.apply(&large, memory).unwrap();
            let predicted = predict(&large, memory as f64 / 1769.0, 0.02);
            assert!((calibrated.latency.p95 / predicted.p95 - 2.0).abs() < 1e-3, "{memory}");
            assert!((calibrated.init.unwrap() - (0.1 + 0.25 - small.load)).abs() < 1e-9);
        }
        let mut elsewhere = profile(0.004);
        elsewhere.platform.name = "another".into();
        assert_eq!(fitted.apply(&elsewhere, 512), None);
    }

    #[test]
    fn what_is_written_is_read_back_and_an_edit_is_seen() {
        let small = profile(0.004);
        let fitted = Calibration::fit(probe(&small, "x86_64"), &invocations(&log(&small))).unwrap();
        let text = fitted.to_text().unwrap();
        assert_eq!(Calibration::parse(&text), Ok(fitted));
        assert_eq!(Calibration::parse(&text.replace("memory = 512", "memory = 513")), Err(FileError::Edited));
        assert!(matches!(Calibration::parse("version = 1"), Err(FileError::Malformed { .. })));
    }

    #[test]
    fn a_log_without_reports_and_one_of_another_processor_calibrate_nothing() {
        let small = profile(0.004);
        assert_eq!(Calibration::fit(probe(&small, "x86_64"), &[]), Err(CalibrationError::NoReports));
        let other = Calibration::fit(probe(&small, "aarch64"), &invocations(&log(&small)));
        assert!(matches!(other, Err(CalibrationError::OtherArch { .. })));
    }
}
