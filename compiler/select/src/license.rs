//! Licences as SPDX expressions.

use spdx::expression::ExprNode;
use spdx::{Expression, LicenseItem, LicenseReq, ParseMode, error::Reason};

/// As the SPDX specification says, with the deprecated names (`GPL-3.0`) that many models still carry.
const MODE: ParseMode = ParseMode { allow_deprecated: true, ..ParseMode::STRICT };

/// Whether the text is an SPDX expression; if not, why, with the nearest identifier where there is one.
pub fn check_license(text: &str) -> Result<(), String> {
    match Expression::parse_mode(text, MODE) {
        Ok(_) => Ok(()),
        Err(error) => {
            let wrong = text.get(error.span.clone()).unwrap_or(text).trim();
            Err(explain(wrong, &error.reason))
        }
    }
}

fn explain(wrong: &str, reason: &Reason) -> String {
    match reason {
        Reason::Empty => "the licence is empty".into(),
        Reason::UnknownLicense | Reason::UnknownTerm => {
            match near(wrong, spdx::identifiers::LICENSES.iter().map(|l| l.name)) {
                Some(name) => format!("`{wrong}` is no SPDX licence; did you mean `{name}`?"),
                None => {
                    format!("`{wrong}` is no SPDX licence; one that is not in the list is written `LicenseRef-NAME`")
                }
            }
        }
        Reason::UnknownException => match near(wrong, spdx::identifiers::EXCEPTIONS.iter().map(|e| e.name)) {
            Some(name) => format!("`{wrong}` is no SPDX exception; did you mean `{name}`?"),
            None => format!("`{wrong}` is no SPDX exception"),
        },
        Reason::InvalidCharacters => format!("`{wrong}` has characters that an SPDX expression cannot have"),
        Reason::UnclosedParens => "a `(` of the licence is not closed".into(),
        Reason::UnopenedParens => "a `)` of the licence was not opened".into(),
        Reason::Unexpected(expected) => {
            let expected: Vec<String> = expected.iter().map(|e| format!("`{}`", e.trim_matches(['<', '>']))).collect();
            let found = if wrong.is_empty() { "the licence ends".into() } else { format!("`{wrong}` stands") };
            format!("{found} where one of {} must follow", expected.join(", "))
        }
        Reason::SeparatedPlus => "`+` stands apart from the licence it belongs to".into(),
        Reason::GnuNoPlus | Reason::GnuPlusWithSuffix => {
            "a GNU licence takes no `+`; write `-or-later`, as in `GPL-3.0-or-later`".into()
        }
        Reason::DeprecatedLicenseId => format!("`{wrong}` is deprecated"),
    }
}

/// The slip most often made is letter case, which [`mu_base::suggest`] counts as none.
fn near(wrong: &str, known: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    mu_base::suggest::nearest(wrong, known)
}

/// Whether a model with this licence may be taken where these are allowed.
pub fn license_allows(license: &str, allowed: &[String]) -> bool {
    Allowed::new(allowed).satisfies(license)
}

/// A set of allowed licences: the right side of `license in [...]`.
pub(crate) struct Allowed(Vec<LicenseReq>);

impl Allowed {
    /// Members that are no single licence (a text that does not parse, or has `AND` or `OR`) allow nothing.
    pub fn new(allowed: &[String]) -> Allowed {
        let single = |text: &String| {
            let expression = Expression::parse_mode(text, MODE).ok()?;
            let mut nodes = expression.iter();
            match (nodes.next(), nodes.next()) {
                (Some(ExprNode::Req(only)), None) => Some(only.req.clone()),
                _ => None,
            }
        };
        Allowed(allowed.iter().filter_map(single).collect())
    }

    /// Whether one may use, under the allowed licences, what carries the licence `text`: of an `OR` one side must be allowed,
    /// of an `AND` both, and an exception must be allowed as it stands.
    pub fn satisfies(&self, text: &str) -> bool {
        let Ok(expression) = Expression::parse_mode(text, MODE) else { return false };
        expression.evaluate(|wanted| self.0.iter().any(|allowed| permits(allowed, wanted)))
    }
}

/// Whether some version of the licence is both allowed and among those the wanted one admits.
fn permits(allowed: &LicenseReq, wanted: &LicenseReq) -> bool {
    if allowed.addition != wanted.addition {
        return false;
    }
    match (Versions::of(&allowed.license), Versions::of(&wanted.license)) {
        (Some(a), Some(b)) if a.family == b.family => match (a.later, b.later) {
            (true, true) => true,
            (true, false) => b.first >= a.first,
            (false, true) => a.first >= b.first,
            (false, false) => a.first == b.first,
        },
        (None, None) => allowed.license == wanted.license,
        _ => false,
    }
}

/// `GPL-2.0-or-later` is the family `GPL` from version 2.0 on.
struct Versions {
    /// The parts of the name without the version.
    family: Vec<&'static str>,
    first: Vec<u32>,
    later: bool,
}

impl Versions {
    /// Nothing for a `LicenseRef`.
    fn of(license: &LicenseItem) -> Option<Versions> {
        let LicenseItem::Spdx { id, or_later } = license else { return None };
        let name = id.name.trim_end_matches('+');
        let plain = name.strip_suffix("-or-later").or(name.strip_suffix("-only")).unwrap_or(name);
        let later = *or_later || name.ends_with("-or-later") || id.name.ends_with('+');
        let is_version = |part: &&str| part.chars().all(|c| c == '.' || c.is_ascii_digit());
        let (version, family): (Vec<&str>, Vec<&str>) = plain.split('-').partition(is_version);
        let first = version.iter().flat_map(|part| part.split('.')).filter_map(|number| number.parse().ok()).collect();
        Some(Versions { family, first, later })
    }
}
