//! The text of a card.

use super::adapter::Draft;
use super::labels::quoted;

/// A license that no slot asks for.
const UNSTATED: &str = "LicenseRef-unstated";

/// What stands on a card.
pub struct Card<'a> {
    pub name: &'a str,
    /// The file it was made from.
    pub from: &'a str,
    /// Modules to use, in order.
    pub uses: Vec<String>,
    /// Declarations before the model.
    pub items: Vec<String>,
    /// `image_classification<Digit>`
    pub task: String,
    pub file: String,
    pub sha256: String,
    pub net: String,
    /// What stands after `classes`.
    pub classes: Option<String>,
    pub license: Option<String>,
    pub origin: String,
    /// What stands after `claim`.
    pub claims: Vec<String>,
    /// Remarks for people, a line each.
    pub remarks: Vec<String>,
    pub draft: &'a Draft,
}

impl Card<'_> {
    pub fn text(&self) -> String {
        let mut text = format!("//! `{}`, drafted by `mulc models add` from `{}`.\n\n", self.name, plain(self.from));
        for module in &self.uses {
            text.push_str(&format!("use {module}\n"));
        }
        for item in &self.items {
            text.push_str(&format!("\n{item}\n"));
        }
        text.push_str(&format!("\nmodel {}: {} {{\n", self.name, self.task));
        text.push_str(&format!(
            "    net     {} sha256 \"{}\"\n            {}\n",
            quoted(&self.file),
            self.sha256,
            self.net
        ));
        if let Some(classes) = &self.classes {
            text.push_str(&format!("    classes {classes}\n"));
        }
        match &self.license {
            Some(license) => text.push_str(&format!("    license {license}\n")),
            None => text.push_str(&format!("    license {UNSTATED}    // Nobody stated a license: look it up.\n")),
        }
        text.push_str(&format!("    origin  {}\n", quoted(&self.origin)));
        for remark in &self.remarks {
            text.push_str(&format!("    // {}\n", plain(remark)));
        }
        for claim in &self.claims {
            text.push_str(&format!("    claim   {claim}\n"));
        }
        text.push_str("    adapt {\n");
        match self.draft {
            Draft::Plain(lines) => lines.iter().for_each(|line| text.push_str(&format!("        {line}\n"))),
            Draft::Todo(why) => {
                text.push_str(&format!("        // todo: {}\n        todo\n", plain(why)));
            }
        }
        text.push_str("    }\n}\n");
        text
    }
}

/// On one line, without what the language does not take.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
