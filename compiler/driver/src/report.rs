//! What every request gives back: its answer where there is one, the diagnostics, and the sources they point into.

use crate::front::Front;
use mu_base::{Diagnostic, Sources};

/// The outcome of a request.
#[derive(Debug, Clone)]
pub struct Report<T> {
    pub sources: Sources,
    /// In the order of the sources, each once.
    pub diagnostics: Vec<Diagnostic>,
    /// A fault of the compiler, with all that is needed to find it.
    pub internal: Option<String>,
    /// `None` where there are errors.
    pub value: Option<T>,
}

/// Why there is no answer.
pub(crate) enum Failure {
    Wrong(Vec<Diagnostic>),
    Internal(String),
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Failure {
        Failure::Wrong(vec![diagnostic])
    }
}

impl From<Box<Diagnostic>> for Failure {
    fn from(diagnostic: Box<Diagnostic>) -> Failure {
        Failure::from(*diagnostic)
    }
}

impl From<mu_lower::Error> for Failure {
    fn from(error: mu_lower::Error) -> Failure {
        match error {
            mu_lower::Error::Wrong(diagnostic) => Failure::Wrong(vec![*diagnostic]),
            mu_lower::Error::Internal(text) => Failure::Internal(text),
        }
    }
}

impl<T> Report<T> {
    pub(crate) fn new(front: Front, result: Result<T, Failure>) -> Report<T> {
        let said = front.said();
        let Front { analysis, mut diagnostics, .. } = front;
        diagnostics.extend(said);
        let (value, internal) = match result {
            Ok(value) => (Some(value), None),
            Err(Failure::Internal(text)) => (None, Some(text)),
            Err(Failure::Wrong(more)) => {
                diagnostics.extend(more);
                (None, None)
            }
        };
        Report { sources: analysis.sources, diagnostics: sorted(diagnostics), internal, value }
    }

    /// The report with another answer; the error is a fault of the compiler.
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> Result<U, String>) -> Report<U> {
        let Report { sources, diagnostics, mut internal, value } = self;
        let value = value.and_then(|value| match change(value) {
            Ok(value) => Some(value),
            Err(text) => {
                internal = Some(text);
                None
            }
        });
        Report { sources, diagnostics, internal, value }
    }

    pub fn has_errors(&self) -> bool {
        self.internal.is_some() || self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// By place, those without one first; equal ones once.
fn sorted(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics.sort_by(|a, b| (a.place(), a.code, &a.message).cmp(&(b.place(), b.code, &b.message)));
    diagnostics.dedup();
    diagnostics
}
