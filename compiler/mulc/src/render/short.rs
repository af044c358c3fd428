//! A line a diagnostic, as editors and `grep` take it: `path:line:col: error[code]: message`.

use super::{Report, place::Places, severity};

pub fn render(report: &Report, places: &Places) -> String {
    let line = |d: &mu_base::Diagnostic| {
        let place = d.place().map(|loc| places.range(loc));
        let place = place.map_or(String::new(), |p| format!("{}:{}:{}: ", p.file, p.start.line, p.start.column));
        // A message may quote what the user wrote, line breaks and all.
        let message = d.message.replace('\n', " ");
        format!("{place}{}[{}]: {message}\n", severity(d), d.code.slug())
    };
    report.diagnostics.iter().map(line).collect()
}
