//! The card of another form of a model: a copy of the model's own, with another name, file and origin, and without claims, which
//! are about the model as it was.

use crate::error::Error;
use mu_analysis::project;
use mu_base::{Span, World};
use mu_syntax::Cache;
use mu_syntax::ast::{ItemKind, Model};

/// A card whose copies are made.
pub struct Sibling {
    /// The card's name.
    name: String,
    /// The module it stands in.
    module: String,
    /// The folder of its file.
    folder: String,
    /// The modules it uses.
    uses: Vec<String>,
    /// The text of the model, from its first word on.
    text: String,
    model: Model,
}

impl Sibling {
    pub fn find(world: &dyn World, name: &str) -> Result<Sibling, Error> {
        let loaded = project::load(world, None, &mut Cache::default());
        for module in &loaded.modules {
            for item in &module.parsed.items {
                let ItemKind::Model(model) = &item.tree.kind else { continue };
                if model.name.text != name {
                    continue;
                }
                if !module.is_catalog() {
                    return Err(Error::wrong(format!("`{name}` does not stand in the catalog"))
                        .help("move its card to a file of the catalog, so that others can use what it declares"));
                }
                let source = loaded.sources.get(module.file).text;
                let text = source.get(item.offset as usize..item.range.end as usize).unwrap_or_default();
                let uses = module.parsed.items.iter().filter_map(|item| match &item.tree.kind {
                    ItemKind::Use { path } => {
                        Some(path.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join("."))
                    }
                    _ => None,
                });
                return Ok(Sibling {
                    name: name.to_owned(),
                    module: module.name.clone(),
                    folder: module.folder.clone(),
                    uses: uses.collect(),
                    text: text.trim_end().to_owned(),
                    model: model.clone(),
                });
            }
        }
        Err(Error::wrong(format!("the catalog has no model `{name}`")).help("`mulc models list` shows the catalog"))
    }

    /// Where a file of a form lies, from the project's folder.
    pub fn path(&self, form: &str, extension: &str) -> String {
        project::join(&self.folder, &format!("{form}.{extension}"))
    }

    /// The card of a form.
    pub fn card(&self, form: &str, sha256: &str, does: &[&str]) -> String {
        let mut changes: Vec<(Span, String)> = vec![(self.model.name.span, form.to_owned())];
        if let Some(net) = &self.model.net {
            changes.push((net.file.span, format!("\"{form}.onnx\"")));
            changes.extend(net.sha256.iter().map(|sha| (sha.span, format!("\"{sha256}\""))));
        }
        if let Some(origin) = &self.model.origin {
            let text = origin.text.replace(['"', '\\'], "'");
            changes.push((origin.span, format!("\"optimized from {}: {}; {text}\"", self.name, does.join(", "))));
        }
        changes.extend(self.model.claims.iter().map(|claim| (self.line(claim.span), String::new())));
        changes.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
        let mut text = self.text.clone();
        for (span, new) in changes {
            let range = span.start as usize..(span.end as usize).min(text.len());
            if text.get(range.clone()).is_some() {
                text.replace_range(range, &new);
            }
        }
        let mut uses = self.uses.clone();
        uses.push(self.module.clone());
        uses.sort();
        uses.dedup();
        let uses: String = uses.iter().map(|module| format!("use {module}\n")).collect();
        format!("//! `{form}`, another form of `{}`, made by `mulc models optimize`.\n\n{uses}\n{text}\n", self.name)
    }

    /// The whole lines of a span.
    fn line(&self, span: Span) -> Span {
        let start = self.text.get(..span.start as usize).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let end =
            self.text.get(span.end as usize..).and_then(|after| after.find('\n')).map(|at| span.end as usize + at + 1);
        Span { start: start as u32, end: end.unwrap_or(self.text.len()) as u32 }
    }
}
