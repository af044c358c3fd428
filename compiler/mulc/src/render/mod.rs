//! Diagnostics as text: one file a format. This is the only place where they become text.

mod github;
mod human;
mod json;
mod place;
mod sarif;
mod short;

use clap::ValueEnum;
use mu_base::{Diagnostic, Severity, Sources};
use place::Places;

/// How diagnostics are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// With the source, for people
    Human,
    /// A line each: path:line:col: error[code]: message
    Short,
    /// A JSON object a line, for tools
    Json,
    /// One SARIF 2.1.0 log, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

/// What is to be shown.
pub struct Report<'a> {
    pub sources: &'a Sources,
    pub diagnostics: &'a [Diagnostic],
    /// The project's folder as the user wrote it: paths are shown from where the user stands.
    pub folder: &'a str,
}

impl Format {
    /// The whole text, with a line break at its end where there is any. `colours` serves people only.
    pub fn render(self, report: &Report, colours: bool) -> String {
        let places = Places::new(report.sources, report.folder);
        match self {
            Format::Human => human::render(report, &places, colours),
            Format::Short => short::render(report, &places),
            Format::Json => json::render(report, &places),
            Format::Sarif => sarif::render(report, &places),
            Format::Github => github::render(report, &places),
        }
    }

    /// Whether people read it, who want a last line that sums up.
    pub fn is_for_people(self) -> bool {
        matches!(self, Format::Human | Format::Short)
    }

    /// Whether `check` gives it as its answer.
    pub fn is_an_answer(self) -> bool {
        matches!(self, Format::Json | Format::Sarif)
    }
}

/// "2 errors, 1 warning".
pub fn summary(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics.iter().filter(|d| d.is_error()).count();
    let counted = |number: usize, word: &str| match number {
        0 => format!("no {word}s"),
        1 => format!("1 {word}"),
        many => format!("{many} {word}s"),
    };
    match diagnostics.len() - errors {
        0 => counted(errors, "error"),
        warnings => format!("{}, {}", counted(errors, "error"), counted(warnings, "warning")),
    }
}

fn severity(diagnostic: &Diagnostic) -> &'static str {
    match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

#[cfg(test)]
mod tests;
