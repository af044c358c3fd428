//! Diagnostics as data. The message stands alone; the primary label says what, the secondary ones say why; the help is one
//! concrete thing to do; a fix is an edit.
//!
//! Messages are lower case without a full stop, with backticks around what the user wrote.

use crate::code::Code;
use crate::source::Loc;
use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
}

/// Whether a fix may be applied without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Applicability {
    /// It is what the user meant.
    Safe,
    /// It compiles, but may not be what the user meant.
    Suggestion,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Label {
    pub loc: Loc,
    pub text: String,
    pub primary: bool,
}

/// Replaces what stands at `loc`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edit {
    pub loc: Loc,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fix {
    pub title: String,
    pub edits: Vec<Edit>,
    pub applicability: Applicability,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    pub code: Code,
    pub severity: Severity,
    pub message: String,
    pub labels: Vec<Label>,
    pub help: Option<String>,
    pub fix: Option<Fix>,
}

impl Diagnostic {
    pub fn error(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity: Severity::Error,
            message: message.into(),
            labels: Vec::new(),
            help: None,
            fix: None,
        }
    }

    pub fn warning(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, message) }
    }

    /// The place that is wrong.
    pub fn at(mut self, loc: Loc, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { loc, text: text.into(), primary: true });
        self
    }

    /// A place that says why.
    pub fn because(mut self, loc: Loc, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { loc, text: text.into(), primary: false });
        self
    }

    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help = Some(text.into());
        self
    }

    pub fn fix(mut self, title: impl Into<String>, loc: Loc, text: impl Into<String>) -> Diagnostic {
        self.fix = Some(Fix {
            title: title.into(),
            edits: vec![Edit { loc, text: text.into() }],
            applicability: Applicability::Safe,
        });
        self
    }

    /// The first primary place, by which diagnostics are ordered.
    pub fn place(&self) -> Option<Loc> {
        self.labels.iter().find(|l| l.primary).or(self.labels.first()).map(|l| l.loc)
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
