//! The text of an evidence file: TOML with a seal over its content, so that a figure edited by hand is noticed.
//!
//! The seal is a checksum, not a signature: it tells an edit from a measurement, it does not keep out a forger.

use crate::record::{Evidence, PERCENTILES};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::ops::Range;

/// The version of the format that is written; newer ones are refused.
pub const VERSION: u32 = 1;

/// Why a text is no evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileError {
    /// It is no TOML, or has not the fields of evidence; in the reader's words, with the bytes they are about.
    Malformed { message: String, at: Option<Range<usize>> },
    /// It was written by a newer mulc.
    Newer { version: u32 },
    /// Its content is not what was sealed.
    Edited,
    /// A figure is no finite number, or a list has the wrong length.
    Senseless { what: String },
}

#[derive(Serialize, Deserialize)]
struct Sealed<T> {
    version: u32,
    /// The sha256 of the content as compact JSON.
    seal: String,
    #[serde(flatten)]
    content: T,
}

#[derive(Deserialize)]
struct Head {
    version: u32,
}

/// The text of a sealed record, `head` being its first line.
pub(crate) fn write<T: Serialize>(head: &str, content: &T) -> Result<String, FileError> {
    let sealed = Sealed { version: VERSION, seal: seal(content)?, content };
    let text = toml::to_string(&sealed).map_err(|error| malformed(error.to_string(), None))?;
    Ok(format!("# {head}\n{text}"))
}

/// The content of a sealed record.
pub(crate) fn read<T: Serialize + for<'a> Deserialize<'a>>(text: &str) -> Result<T, FileError> {
    let wrong = |error: toml::de::Error| malformed(error.message().to_owned(), error.span());
    let head: Head = toml::from_str(text).map_err(wrong)?;
    if head.version > VERSION {
        return Err(FileError::Newer { version: head.version });
    }
    let sealed: Sealed<T> = toml::from_str(text).map_err(wrong)?;
    if seal(&sealed.content)? != sealed.seal {
        return Err(FileError::Edited);
    }
    Ok(sealed.content)
}

fn seal<T: Serialize>(content: &T) -> Result<String, FileError> {
    let json = serde_json::to_vec(content).map_err(|error| malformed(error.to_string(), None))?;
    Ok(Sha256::digest(json).iter().map(|byte| format!("{byte:02x}")).collect())
}

fn malformed(message: String, at: Option<Range<usize>>) -> FileError {
    FileError::Malformed { message: message.lines().collect::<Vec<_>>().join(", "), at }
}

impl Evidence {
    /// Reads the text of an evidence file.
    pub fn parse(text: &str) -> Result<Evidence, FileError> {
        let evidence: Evidence = read(text)?;
        evidence.sense()?;
        Ok(evidence)
    }

    /// The text of the file; the same evidence gives the same bytes.
    pub fn to_text(&self) -> Result<String, FileError> {
        self.sense()?;
        let mut sorted = self.clone();
        let key = |e: &crate::Evaluation| (e.metric.clone(), e.dataset.clone(), e.dataset_sha256.clone(), e.through);
        sorted.evaluations.sort_by_key(key);
        sorted.profiles.sort_by(|a, b| a.platform.cmp(&b.platform).then(a.share.total_cmp(&b.share)));
        write("Written by `mulc models`: what was measured. The seal breaks where this is edited by hand.", &sorted)
    }

    /// Holds every figure against what it can be.
    fn sense(&self) -> Result<(), FileError> {
        let senseless = |what: String| Err(FileError::Senseless { what });
        for e in &self.evaluations {
            let ordered = e.interval.low <= e.value && e.value <= e.interval.high;
            if !e.value.is_finite() || !ordered || e.samples == 0 || e.hits.is_some_and(|hits| hits > e.samples) {
                return senseless(format!("the evaluation of {} on {}", e.metric, e.dataset));
            }
        }
        for p in &self.profiles {
            let times = [p.load, p.first, p.period, p.latency.mean, p.latency.p50.value, p.latency.p95.value];
            let times = times
                .iter()
                .chain(p.demand.iter().chain(&p.spaced_demand))
                .all(|time| time.is_finite() && *time >= 0.0);
            let whole = |demand: &[f64]| demand.len() == PERCENTILES.len();
            let demand = whole(&p.demand) && (p.spaced_demand.is_empty() || whole(&p.spaced_demand));
            if !(times && demand && p.share > 0.0 && p.share.is_finite()) {
                return senseless(format!("the profile on {} at a share of {}", p.platform.name, p.share));
            }
        }
        Ok(())
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileError::Malformed { message, .. } => write!(f, "it is not as mulc writes it: {message}"),
            FileError::Newer { version } => {
                write!(f, "it has version {version}, newer than version {VERSION}, which this mulc reads")
            }
            FileError::Edited => write!(f, "it was changed since it was measured: its seal is broken"),
            FileError::Senseless { what } => write!(f, "{what} cannot be: a figure is out of its range"),
        }
    }
}

impl std::error::Error for FileError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Evaluation, Interval, Method, Through};

    fn evidence() -> Evidence {
        let evaluation = Evaluation {
            metric: "top1".into(),
            dataset: "holdout".into(),
            dataset_sha256: "00".into(),
            identity: "11".into(),
            through: Through::Adapter,
            value: 0.977,
            samples: 2000,
            hits: Some(1954),
            interval: Interval { low: 0.9695, high: 0.9827 },
            method: Method::Wilson,
            runtime: "mulc 0.1.0".into(),
            date: "2026-11-21".into(),
        };
        Evidence { model: "m".into(), sha256: "22".into(), evaluations: vec![evaluation], ..Evidence::default() }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let text = evidence().to_text().unwrap();
        assert_eq!(Evidence::parse(&text), Ok(evidence()));
        assert_eq!(Evidence::parse(&text).unwrap().to_text().unwrap(), text);
    }

    #[test]
    fn an_edited_figure_breaks_the_seal() {
        let text = evidence().to_text().unwrap();
        assert_eq!(Evidence::parse(&text.replace("0.977", "0.979")), Err(FileError::Edited));
        assert_eq!(Evidence::parse(&text.replace("version = 1", "version = 2")), Err(FileError::Newer { version: 2 }));
        assert!(matches!(Evidence::parse(&text.replace("samples", "sample")), Err(FileError::Malformed { .. })));
    }

    #[test]
    fn what_cannot_be_is_not_written() {
        let mut wrong = evidence();
        wrong.evaluations[0].hits = Some(2001);
        assert!(matches!(wrong.to_text(), Err(FileError::Senseless { .. })));
    }
}
