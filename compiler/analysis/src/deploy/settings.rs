//! The settings of a `deploy`: which there are, and what each takes.

use super::names::{Rule, rule};
use crate::cx::{At, Cx, list};
use crate::hir::Setting;
use crate::lambda::{Function, Lambda, megabytes};
use crate::project::Env;
use crate::requires;
use mu_base::decimal::Decimal;
use mu_base::{Code, Diagnostic, Loc, suggest};
use mu_syntax::ast::{self, SettingValue};

/// A setting and where it is said: in the program, or for an environment in `mu.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    pub name: String,
    pub value: Setting,
    pub loc: Loc,
}

impl Stated {
    /// Whether it speaks of the same: of several values of one setting, of that with the same name.
    pub fn rivals(&self, other: &Stated) -> bool {
        match (&self.value, &other.value) {
            (Setting::Named(a, _), Setting::Named(b, _)) => self.name == other.name && a == b,
            _ => self.name == other.name,
        }
    }
}

/// The settings of a block as an environment has them: what it says comes before what the block says.
pub fn merged(block: &[Stated], env: &Env) -> Vec<Stated> {
    let kept = block.iter().filter(|stated| !env.settings.iter().any(|over| over.rivals(stated)));
    kept.chain(&env.settings).cloned().collect()
}

/// What kind of value a setting has.
#[derive(Clone, Copy)]
enum Want {
    Word(&'static [&'static str]),
    Text(Rule),
    /// Whole MB as Lambda counts them, within limits.
    Size(fn(&Function) -> [u32; 2]),
    /// Whole seconds, within limits.
    Time(fn(&Function) -> [u32; 2]),
    /// As many days as logs can be kept.
    Days,
    Count(i64, i64),
    /// From 0% to 100%.
    Share,
    /// More than 0% and less than 100%.
    Part,
    /// A name and a text; it may stand once for each name.
    Variable,
}

/// The settings of a `deploy`.
const SETTINGS: [(&str, Want); 17] = [
    ("target", Want::Word(&["local", "lambda"])),
    ("region", Want::Text(rule::REGION)),
    ("arch", Want::Word(&["x86_64", "aarch64"])),
    ("memory", Want::Size(|function| function.memory)),
    ("timeout", Want::Time(|function| function.timeout)),
    ("ephemeral", Want::Size(|function| function.ephemeral)),
    ("role", Want::Text(rule::ROLE)),
    ("environment", Want::Variable),
    ("alias", Want::Text(rule::ALIAS)),
    ("canary", Want::Part),
    ("url", Want::Word(&["on", "off"])),
    ("auth", Want::Word(&["iam", "public"])),
    ("concurrency", Want::Count(0, 1_000_000)),
    ("provisioned", Want::Count(1, 1_000_000)),
    ("log_retention", Want::Days),
    ("log_sampling", Want::Share),
    ("cold_rate", Want::Share),
];

/// Reads the settings of a block; what is wrong is reported and left out.
pub(super) fn read(cx: &mut Cx, lambda: &Lambda, at: At, deploy: &ast::Deploy) -> Vec<Stated> {
    let mut out: Vec<Stated> = Vec::new();
    for setting in &deploy.settings {
        let name = setting.name.text.as_str();
        let loc = cx.loc(at, setting.name.span);
        let Some((_, want)) = SETTINGS.iter().find(|(known, _)| *known == name) else {
            unknown(cx, name, loc);
            continue;
        };
        let Some(value) = value(cx, lambda, at, setting, *want) else { continue };
        let stated = Stated { name: name.to_owned(), value, loc: cx.loc(at, setting.span) };
        match out.iter().find(|other| other.rivals(&stated)) {
            Some(first) => {
                let first = first.loc;
                let message = format!("`{name}` stands twice");
                cx.report(
                    Diagnostic::error(Code::DuplicateSetting, message)
                        .at(loc, "a second time here")
                        .because(first, "first here"),
                );
            }
            None => out.push(stated),
        }
    }
    out
}

fn unknown(cx: &mut Cx, name: &str, loc: Loc) {
    let known: Vec<&str> =
        SETTINGS.iter().map(|(n, _)| *n).chain(["budget", "minimize", "maximize", "prefer"]).collect();
    let diagnostic =
        Diagnostic::error(Code::UnknownSetting, format!("`deploy` has no setting `{name}`")).at(loc, "not known");
    cx.report(match suggest::nearest(name, known.iter().copied()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), loc, near),
        None => diagnostic.help(format!("there are {}", list(&known))),
    });
}

fn value(cx: &mut Cx, lambda: &Lambda, at: At, setting: &ast::Setting, want: Want) -> Option<Setting> {
    let name = &setting.name.text;
    let loc = cx.loc(at, setting.span);
    let wrong = |cx: &mut Cx, needed: String| {
        cx.report(Diagnostic::error(Code::BadSetting, format!("`{name}` needs {needed}")).at(loc, "not this"));
        None
    };
    match (want, &setting.value) {
        (Want::Text(rule), SettingValue::Text(text)) if (rule.fits)(&text.text) => {
            Some(Setting::Text(text.text.clone()))
        }
        (Want::Text(rule), _) => wrong(cx, rule.needs.to_owned()),
        (Want::Word(words), SettingValue::Word(word)) if words.contains(&word.text.as_str()) => {
            Some(Setting::Word(word.text.clone()))
        }
        (Want::Word(words), _) => wrong(cx, words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(" or ")),
        (Want::Variable, SettingValue::Named(variable, text)) if (rule::VARIABLE.fits)(&variable.text) => {
            Some(Setting::Named(variable.text.clone(), text.text.clone()))
        }
        (Want::Variable, SettingValue::Named(..)) => wrong(cx, format!("a name of {}", rule::VARIABLE.needs)),
        (Want::Variable, _) => wrong(cx, "a name and a text, as `environment MODE \"quick\"`".to_owned()),
        (Want::Count(low, high), SettingValue::Quantity(q)) if q.unit.terms.is_empty() => {
            let fits = (Decimal::from(low)..=Decimal::from(high)).contains(&q.value) && q.value.fract().is_zero();
            if fits {
                Some(Setting::Quantity(q.value))
            } else {
                wrong(cx, format!("a whole number from {low} to {high}"))
            }
        }
        (Want::Count(..), _) => wrong(cx, "a whole number".to_owned()),
        (Want::Share, SettingValue::Quantity(q)) => match requires::share(q) {
            Some(share) if share <= Decimal::ONE => Some(Setting::Quantity(share)),
            _ => wrong(cx, "a share from 0% to 100%".to_owned()),
        },
        (Want::Share, _) => wrong(cx, "a share, as `1%`".to_owned()),
        (Want::Part, SettingValue::Quantity(q)) => match requires::share(q) {
            Some(share) if share > Decimal::ZERO && share < Decimal::ONE => Some(Setting::Quantity(share)),
            _ => wrong(cx, "more than 0% and less than 100%".to_owned()),
        },
        (Want::Part, _) => wrong(cx, "a share, as `10%`".to_owned()),
        (Want::Size(limits), SettingValue::Quantity(q)) => {
            let value = in_base(cx, at, q, "byte")?;
            let Some(bytes) = value.and_then(whole).filter(|b| b % 1_000_000 == 0 || b % (1 << 20) == 0) else {
                return wrong(cx, "a size in whole MB, as `512 MB`".to_owned());
            };
            let [low, high] = limits(&lambda.function);
            if !(low..=high).contains(&megabytes(bytes)) {
                return outside(cx, name, loc, &format!("{low} MB to {high} MB"));
            }
            value.map(Setting::Quantity)
        }
        (Want::Size(_), _) => wrong(cx, "a size, as `512 MB`".to_owned()),
        (Want::Time(limits), SettingValue::Quantity(q)) => {
            let value = in_base(cx, at, q, "s")?;
            let Some(seconds) = value.and_then(whole) else {
                return wrong(cx, "a time in whole seconds, as `10 s`".to_owned());
            };
            let [low, high] = limits(&lambda.function);
            if !(u64::from(low)..=u64::from(high)).contains(&seconds) {
                return outside(cx, name, loc, &format!("{low} s to {high} s"));
            }
            value.map(Setting::Quantity)
        }
        (Want::Time(_), _) => wrong(cx, "a time, as `10 s`".to_owned()),
        (Want::Days, SettingValue::Quantity(q)) => {
            let value = in_base(cx, at, q, "s")?;
            let all = &lambda.logs.retention;
            let known = |seconds: u64| all.iter().any(|days| u64::from(*days) * DAY == seconds);
            if value.and_then(whole).is_some_and(known) {
                return value.map(Setting::Quantity);
            }
            let all: Vec<String> = all.iter().map(u32::to_string).collect();
            wrong(cx, format!("one of the times that CloudWatch keeps logs for: {} days, as `30 day`", all.join(", ")))
        }
        (Want::Days, _) => wrong(cx, "a time, as `30 day`".to_owned()),
    }
}

/// In seconds.
const DAY: u64 = 86_400;

/// The value in base units; inside, nothing where the quantity is another one. Nothing at all where its unit has a diagnostic.
fn in_base(cx: &mut Cx, at: At, quantity: &ast::Quantity, base: &str) -> Option<Option<Decimal>> {
    let unit = crate::decl::units::resolve(cx, at, &quantity.unit)?;
    let fits = unit.exponents.len() == 1 && unit.exponents.get(base) == Some(&1);
    Some(if fits { quantity.value.checked_mul(unit.factor).map(|value| value.normalize()) } else { None })
}

fn whole(value: Decimal) -> Option<u64> {
    value.fract().is_zero().then(|| u64::try_from(value).ok())?
}

fn outside(cx: &mut Cx, name: &str, loc: Loc, range: &str) -> Option<Setting> {
    let message = format!("`{name}` lies from {range}");
    cx.report(Diagnostic::error(Code::LambdaLimit, message).at(loc, "outside of what AWS Lambda gives"));
    None
}
