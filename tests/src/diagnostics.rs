//! What `mulc` says about a program: its diagnostics as JSON, held against what a case expects.

use crate::tools;
use serde::Deserialize;
use std::path::Path;
use std::process::Output;

#[derive(Debug, Deserialize)]
pub struct Diagnostic {
    pub code: String,
    pub severity: String,
    pub message: String,
}

/// What a program must give.
#[derive(Debug, Clone, PartialEq)]
pub enum Expected {
    /// No diagnostic at all.
    Nothing,
    /// At least one diagnostic with this code, and no error with another.
    Code(String),
    /// At least one error with this code, and none with another.
    Error(String),
    /// At least one warning with this code, and no error.
    Warning(String),
}

/// A command of `mulc` that prints diagnostics, with the program's path: `check`, `build`, `test`.
pub fn of(folder: &Path, arguments: &[&str]) -> (Vec<Diagnostic>, Output) {
    let output = tools::mulc(folder, &[arguments, &["--message-format", "json"]].concat());
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let lines = stdout.lines().chain(stderr.lines()).filter(|line| line.starts_with(r#"{"kind":"diagnostic""#));
    let diagnostics = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    (diagnostics, output)
}

impl Expected {
    /// Runs the command and holds what it says, and its exit status, against what is expected.
    pub fn hold(&self, folder: &Path, arguments: &[&str]) -> Result<(), String> {
        let (diagnostics, output) = of(folder, arguments);
        let status = output.status.code();
        let errors = || diagnostics.iter().filter(|d| d.severity == "error");
        let warnings = || diagnostics.iter().filter(|d| d.severity == "warning");
        let right = match self {
            Expected::Nothing => diagnostics.is_empty() && status == Some(0),
            Expected::Code(code) => {
                let wanted = if errors().next().is_some() { Some(1) } else { Some(0) };
                diagnostics.iter().any(|d| d.code == *code) && errors().all(|d| d.code == *code) && status == wanted
            }
            Expected::Error(code) => {
                errors().next().is_some() && errors().all(|d| d.code == *code) && status == Some(1)
            }
            Expected::Warning(code) => {
                errors().next().is_none() && warnings().any(|d| d.code == *code) && status == Some(0)
            }
        };
        match right {
            true => Ok(()),
            false => {
                let human = tools::mulc(folder, arguments);
                Err(format!("expected {self:?}, `mulc {}` says\n{}", arguments.join(" "), tools::said(&human)))
            }
        }
    }
}
