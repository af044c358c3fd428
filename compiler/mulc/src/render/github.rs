//! Annotations of GitHub Actions, which a runner reads off the log and shows in the change's files.

use super::{Report, place::Places, severity};
use mu_base::Diagnostic;

pub fn render(report: &Report, places: &Places) -> String {
    report.diagnostics.iter().map(|d| annotation(d, places)).collect()
}

fn annotation(diagnostic: &Diagnostic, places: &Places) -> String {
    let mut properties = Vec::new();
    if let Some(range) = diagnostic.place().map(|loc| places.range(loc)) {
        properties.push(format!("file={}", property(&range.file)));
        properties.push(format!("line={},endLine={}", range.start.line, range.end.line));
        // Columns of a range over several lines are refused.
        if range.start.line == range.end.line {
            properties.push(format!("col={},endColumn={}", range.start.column, range.end.column));
        }
    }
    properties.push(format!("title={}", property(diagnostic.code.slug())));
    let text = match &diagnostic.help {
        Some(help) => format!("{}\nhelp: {help}", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    format!("::{} {}::{}\n", severity(diagnostic), properties.join(","), data(&text))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
