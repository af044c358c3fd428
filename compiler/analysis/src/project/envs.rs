//! The environments of a project: what `[env.NAME]` in `mu.toml` says of where and under which rules it is deployed.

use crate::deploy::{Rule, Stated, rule};
use crate::hir::Setting;
use crate::lambda::Lambda;
use mu_base::decimal::Decimal;
use mu_base::{Code, Diagnostic, FileId, Loc, Span};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// An environment, as `dev` or `prod`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Env {
    pub name: String,
    /// Where `mu.toml` names it.
    pub loc: Loc,
    /// The number of the account, where only one is right.
    pub account: Option<String>,
    /// What the names of all functions start with.
    pub prefix: String,
    /// The ARN of the policy that no role of its functions may exceed.
    pub boundary: Option<String>,
    /// The private network; both empty where there is none.
    pub subnets: Vec<String>,
    pub security_groups: Vec<String>,
    /// The ARN of the key that environment variables are encrypted with.
    pub kms_key: Option<String>,
    /// The ARN of the queue or topic for events that failed.
    pub dead_letter: Option<String>,
    /// The bucket for zips that are too large for a request.
    pub bucket: Option<String>,
    pub tags: BTreeMap<String, String>,
    /// Settings of `deploy` that it has otherwise than the program.
    pub settings: Vec<Stated>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EnvToml {
    account: Option<Spanned<String>>,
    prefix: Option<Spanned<String>>,
    region: Option<Spanned<String>>,
    role: Option<Spanned<String>>,
    boundary: Option<Spanned<String>>,
    #[serde(default)]
    subnets: Vec<Spanned<String>>,
    #[serde(default)]
    security_groups: Vec<Spanned<String>>,
    kms_key: Option<Spanned<String>>,
    dead_letter: Option<Spanned<String>>,
    bucket: Option<Spanned<String>>,
    concurrency: Option<Spanned<u32>>,
    provisioned: Option<Spanned<u32>>,
    canary: Option<Spanned<f64>>,
    log_retention: Option<Spanned<u32>>,
    #[serde(default)]
    environment: BTreeMap<Spanned<String>, String>,
    #[serde(default)]
    tags: BTreeMap<Spanned<String>, Spanned<String>>,
}

/// Tags that a deployment writes itself.
const OWN_TAGS: usize = 8;

/// Reads the environments; what is wrong is reported and left out.
pub(super) fn read(
    file: FileId,
    envs: BTreeMap<Spanned<String>, EnvToml>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Env> {
    let lambda = match Lambda::get() {
        Ok(lambda) => lambda,
        Err(fault) => {
            diagnostics.push(Diagnostic::error(Code::LambdaLimit, fault));
            return Vec::new();
        }
    };
    let mut reader = Reader { file, lambda, diagnostics };
    envs.into_iter().map(|(name, toml)| reader.env(&name, toml)).collect()
}

struct Reader<'a> {
    file: FileId,
    lambda: &'a Lambda,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn env(&mut self, name: &Spanned<String>, toml: EnvToml) -> Env {
        self.fits("an environment's name", name, rule::ENV);
        let settings = self.settings(&toml);
        let prefix = self.text("prefix", &toml.prefix, rule::PREFIX);
        let subnets = self.list("subnets", &toml.subnets, rule::SUBNET, self.lambda.function.subnets);
        let groups = self.lambda.function.security_groups;
        let security_groups = self.list("security_groups", &toml.security_groups, rule::SECURITY_GROUP, groups);
        if toml.subnets.is_empty() != toml.security_groups.is_empty() {
            self.wrong(name, "a private network needs `subnets` and `security_groups`".to_owned());
        }
        if toml.tags.len() > self.lambda.function.tags - OWN_TAGS {
            let most = self.lambda.function.tags;
            self.wrong(
                name,
                format!("there are {} tags; {most} are the most, and {OWN_TAGS} are ours", toml.tags.len()),
            );
        }
        for (key, value) in &toml.tags {
            self.fits("a tag's name", key, rule::TAG);
            self.fits("a tag's value", value, rule::TAG_VALUE);
        }
        Env {
            name: name.get_ref().clone(),
            loc: self.loc(name),
            account: self.text("account", &toml.account, rule::ACCOUNT),
            // Two environments in one account never meet, then.
            prefix: prefix.unwrap_or_else(|| format!("{}-", name.get_ref())),
            boundary: self.text("boundary", &toml.boundary, rule::BOUNDARY),
            subnets,
            security_groups,
            kms_key: self.text("kms_key", &toml.kms_key, rule::KEY),
            dead_letter: self.text("dead_letter", &toml.dead_letter, rule::DEAD_LETTER),
            bucket: self.text("bucket", &toml.bucket, rule::BUCKET),
            tags: toml.tags.into_iter().map(|(key, value)| (key.into_inner(), value.into_inner())).collect(),
            settings,
        }
    }

    /// What it has otherwise than the program.
    fn settings(&mut self, toml: &EnvToml) -> Vec<Stated> {
        let mut out = Vec::new();
        let mut state = |name: &str, value: Setting, loc: Loc| out.push(Stated { name: name.to_owned(), value, loc });
        for (name, value, rule) in [("region", &toml.region, rule::REGION), ("role", &toml.role, rule::ROLE)] {
            let text = self.text(name, value, rule);
            if let (Some(text), Some(value)) = (text, value) {
                state(name, Setting::Text(text), self.loc(value));
            }
        }
        for (name, value, least) in [("concurrency", &toml.concurrency, 0), ("provisioned", &toml.provisioned, 1)] {
            let Some(value) = value else { continue };
            let count = *value.get_ref();
            if count >= least {
                state(name, Setting::Quantity(Decimal::from(count)), self.loc(value));
            } else {
                self.wrong(value, format!("`{name}` needs a whole number from {least}"));
            }
        }
        if let Some(value) = &toml.log_retention {
            let (days, known) = (*value.get_ref(), &self.lambda.logs.retention);
            if known.contains(&days) {
                let seconds = Decimal::from(u64::from(days) * 86_400);
                state("log_retention", Setting::Quantity(seconds), self.loc(value));
            } else {
                let known: Vec<String> = known.iter().map(u32::to_string).collect();
                self.wrong(value, format!("`log_retention` needs one of these numbers of days: {}", known.join(", ")));
            }
        }
        if let Some(value) = &toml.canary {
            let share = Some(*value.get_ref()).filter(|share| *share > 0.0 && *share < 1.0);
            match share.and_then(|share| Decimal::try_from(share).ok()) {
                Some(share) => state("canary", Setting::Quantity(share.normalize()), self.loc(value)),
                None => self.wrong(value, "`canary` needs a number between 0 and 1, as 0.1".to_owned()),
            }
        }
        for (name, value) in &toml.environment {
            if self.fits("the name of a variable", name, rule::VARIABLE) {
                state("environment", Setting::Named(name.get_ref().clone(), value.clone()), self.loc(name));
            }
        }
        out
    }

    fn list(&mut self, name: &str, values: &[Spanned<String>], rule: Rule, most: usize) -> Vec<String> {
        if let Some(over) = values.get(most) {
            self.wrong(over, format!("`{name}` has {} entries, and AWS Lambda takes {most}", values.len()));
        }
        for value in values {
            self.fits(&format!("an entry of `{name}`"), value, rule);
        }
        let mut values: Vec<String> = values.iter().map(|value| value.get_ref().clone()).collect();
        values.sort();
        values.dedup();
        values
    }

    /// The text of a key, where there is one and it fits.
    fn text(&mut self, name: &str, value: &Option<Spanned<String>>, rule: Rule) -> Option<String> {
        let value = value.as_ref()?;
        self.fits(&format!("`{name}`"), value, rule).then(|| value.get_ref().clone())
    }

    fn fits(&mut self, what: &str, value: &Spanned<String>, rule: Rule) -> bool {
        let fits = (rule.fits)(value.get_ref());
        if !fits {
            self.wrong(value, format!("{what} needs {}", rule.needs));
        }
        fits
    }

    fn wrong<T>(&mut self, value: &Spanned<T>, message: String) {
        let loc = self.loc(value);
        self.diagnostics.push(Diagnostic::error(Code::BadProject, message).at(loc, "not this"));
    }

    fn loc<T>(&self, value: &Spanned<T>) -> Loc {
        let span = value.span();
        Loc { file: self.file, span: Span::new(span.start, span.end) }
    }
}
