//! A plan as people read it.

use crate::changes::{percent, shown_days};
use crate::desired::{Auth, Forecast};
use crate::plan::{FunctionPlan, Kind, Plan, Step, Switch};
use std::fmt;

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} ({}) on AWS Lambda in {}, account {}",
            self.project, self.environment, self.region, self.identity.account
        )?;
        for function in &self.functions {
            write!(f, "\n{function}")?;
        }
        if !self.notes.is_empty() {
            writeln!(f)?;
        }
        for note in &self.notes {
            writeln!(f, "note: {note}")?;
        }
        if self.steps.is_empty() {
            return writeln!(f, "\nnothing to do");
        }
        writeln!(f, "\nsteps")?;
        for (place, step) in self.steps.iter().enumerate() {
            writeln!(f, "{:>4}. {step}", place + 1)?;
        }
        Ok(())
    }
}

impl fmt::Display for FunctionPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mark, word) = match self.kind {
            Kind::New => ("+", "new"),
            Kind::Changed => ("~", "changes"),
            Kind::Same => ("=", "stays as it is"),
        };
        writeln!(f, "{mark} {} ({word})", self.name)?;
        let width = self.changes.iter().map(|change| change.what.len()).max().unwrap_or(0).max(PREDICTED.len());
        for change in &self.changes {
            let what = &change.what;
            match (&change.from, &change.to) {
                (None, Some(to)) => writeln!(f, "    {what:width$}  {to}")?,
                (Some(from), Some(to)) => writeln!(f, "    {what:width$}  {from} -> {to}")?,
                (Some(from), None) => writeln!(f, "    {what:width$}  {from} -> none")?,
                (None, None) => {}
            }
        }
        for line in forecast(&self.forecast) {
            writeln!(f, "    {PREDICTED:width$}  {line}")?;
        }
        Ok(())
    }
}

const PREDICTED: &str = "predicted";

fn forecast(forecast: &Forecast) -> Vec<String> {
    let million = |usd: f64| format!("{:.3}", usd * 1e6);
    let cost = forecast.total().map(|total| {
        let items: Vec<String> = forecast.cost.iter().map(|(item, usd)| format!("{} {item}", million(*usd))).collect();
        format!("{} USD per 1M requests: {}", million(total), items.join(", "))
    });
    let cold = forecast.cold_start.map(|seconds| format!("cold start {:.1} ms", seconds * 1e3));
    cost.into_iter().chain(cold).chain(forecast.notes.iter().cloned()).collect()
}

/// What is done, in words.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::StoreCode { bucket, key, bytes } => {
                write!(f, "store the zip of {} as s3://{bucket}/{key}", size(*bytes))
            }
            Step::MakeRole { role } => write!(f, "make the role {role}"),
            Step::ChangeRole { role } => write!(f, "change the role {role}"),
            Step::MakeLogs { group } => write!(f, "make the log group {group}"),
            Step::KeepLogs { group, days: Some(days) } => {
                write!(f, "keep the logs of {group} for {}", shown_days(*days))
            }
            Step::KeepLogs { group, days: None } => write!(f, "keep the logs of {group} for ever"),
            Step::MakeFunction { function, bytes } => {
                write!(f, "make the function {function} from the zip of {}", size(*bytes))
            }
            Step::SendCode { function, bytes } => write!(f, "give {function} the zip of {}", size(*bytes)),
            Step::Configure { function } => write!(f, "change the settings of {function}"),
            Step::Tag { function } => write!(f, "tag {function}"),
            Step::Reserve { function, calls: Some(calls) } => write!(f, "let {function} have {calls} calls at once"),
            Step::Reserve { function, calls: None } => write!(f, "take the limit of calls off {function}"),
            Step::Publish { function } => write!(f, "publish a version of {function}"),
            Step::Switch(switch) => switch.fmt(f),
            Step::Address { function, auth: Some(Auth::Iam) } => {
                write!(f, "give {function} an address for those whom IAM allows")
            }
            Step::Address { function, auth: Some(Auth::Public) } => {
                write!(f, "give {function} an address for everybody")
            }
            Step::Address { function, auth: None } => write!(f, "take the address off {function}"),
            Step::Provision { function, environments: Some(count) } => write!(f, "keep {count} of {function} ready"),
            Step::Provision { function, environments: None } => write!(f, "keep none of {function} ready"),
        }
    }
}

impl fmt::Display for Switch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = self.version.map_or("the new version".to_owned(), |version| format!("version {version}"));
        match self.canary {
            None => write!(f, "move {}:{} to {version}", self.function, self.alias),
            Some(share) => {
                write!(f, "send {} of the calls of {}:{} to {version}", percent(share), self.function, self.alias)
            }
        }
    }
}

fn size(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
