//! The files of a project's catalog: those it is read from, those they name, and which of them a build lacks.

use crate::choose::Chooser;
use crate::compile::{asked, choose};
use crate::front::Front;
use crate::report::{Failure, Report};
use crate::{Entry, Input};
use mu_analysis::names::DefId;
use mu_analysis::project::join;
use mu_base::{Diagnostic, Loc};
use mu_syntax::ast::ItemKind;
use std::collections::{BTreeMap, BTreeSet};

/// A project's catalog as files. Paths are from the project's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogFiles {
    /// The catalog's folder.
    pub folder: String,
    /// The store that holds the catalog: `[catalog] remote`.
    pub remote: Option<String>,
    /// By path.
    pub sources: Vec<CatalogSource>,
}

/// A source file of the catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogSource {
    pub path: String,
    /// The cards in it.
    pub models: Vec<String>,
    pub named: Vec<NamedFile>,
}

/// A file that a card or a data set names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFile {
    /// Where it is looked for first.
    pub path: String,
    /// Where it was found.
    pub found: Option<String>,
    /// As it is stated, in lower-case hexadecimal.
    pub sha256: String,
    /// The card's name; none for a data set.
    pub model: Option<String>,
}

/// The file of a chosen model that is not at hand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MissingFile {
    pub model: String,
    pub sha256: String,
}

/// The catalog's folder, from the project's, and the store that holds it, whatever else is wrong.
pub fn catalog_place(input: &Input) -> (String, Option<String>) {
    let project = Front::read(input).analysis.project;
    (project.catalog, project.remote)
}

/// The files of the catalog. Only what is wrong in the catalog itself stands in the way.
pub fn catalog_files(input: &Input) -> Report<CatalogFiles> {
    let mut front = Front::read(input);
    let folder = front.analysis.project.catalog.clone();
    let inside = |loc: &Loc| {
        let path = front.analysis.sources.get(loc.file).path;
        path == "mu.toml" || path.starts_with(&format!("{folder}/"))
    };
    let diagnostics = std::mem::take(&mut front.diagnostics);
    let diagnostics: Vec<Diagnostic> =
        diagnostics.into_iter().filter(|one| one.is_error() && one.place().is_some_and(|loc| inside(&loc))).collect();
    front.diagnostics = diagnostics;
    let result = if front.has_errors() { Err(Failure::Wrong(Vec::new())) } else { Ok(files(&front, folder)) };
    Report::new(front, result)
}

fn files(front: &Front, folder: String) -> CatalogFiles {
    let analysis = &front.analysis;
    let mut sources: BTreeMap<String, CatalogSource> = BTreeMap::new();
    for module in analysis.modules.iter().filter(|module| module.is_catalog()) {
        let path = analysis.sources.get(module.file).path;
        let source = CatalogSource { path: path.clone(), models: Vec::new(), named: Vec::new() };
        sources.insert(path, source);
    }
    for (id, card) in &analysis.cards {
        let Some(ItemKind::Model(model)) = item(front, *id) else { continue };
        let Some(net) = &model.net else { continue };
        let place = analysis.sources.get(card.net.loc.file).path;
        let Some(source) = sources.get_mut(&place) else { continue };
        source.models.push(card.name.clone());
        source.named.push(NamedFile {
            path: beside(&place, &net.file.text),
            found: card.net.path.clone(),
            sha256: card.net.sha256.clone(),
            model: Some(card.name.clone()),
        });
    }
    for (id, data) in &analysis.datasets {
        let Some(ItemKind::Dataset(dataset)) = item(front, *id) else { continue };
        let Some(file) = &dataset.file else { continue };
        let place = analysis.sources.get(data.loc.file).path;
        let Some(source) = sources.get_mut(&place) else { continue };
        let path = beside(&place, &file.text);
        source.named.push(NamedFile { path, found: data.file.clone(), sha256: data.sha256.clone(), model: None });
    }
    CatalogFiles { folder, remote: analysis.project.remote.clone(), sources: sources.into_values().collect() }
}

/// What was declared.
fn item(front: &Front, id: DefId) -> Option<&ItemKind> {
    let def = front.analysis.names.get(id);
    Some(&front.analysis.modules.get(def.module)?.parsed.items.get(def.item)?.tree.kind)
}

/// The path of a file that is named in a source.
fn beside(source: &str, name: &str) -> String {
    join(source.rsplit_once('/').map_or("", |(folder, _)| folder), name)
}

/// For what models are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    Build,
    /// For the project's tests, too.
    Tests,
}

/// The store that the catalog lies in, and the files of chosen models that are lacking. Nothing where the program is wrong: then
/// compiling says so.
pub fn missing(input: &Input, entry: Entry, needed: Needed) -> Option<(String, BTreeSet<MissingFile>)> {
    let front = Front::read(input);
    let remote = front.analysis.project.remote.clone()?;
    if front.has_errors() {
        return None;
    }
    let entries = asked(&front, entry).ok()?;
    let mut chooser = Chooser::new(&front).ok()?.trusting();
    let mut chosen = choose(&front, &entries, &mut chooser).ok()?;
    if needed == Needed::Tests {
        let tests = front.analysis.tests.iter();
        chosen.extend(tests.filter_map(|test| chooser.test(&front, &entries, test).ok()));
    }
    let cards = chosen.iter().flat_map(|chosen| chosen.cards());
    let cards = cards.filter_map(|(_, card)| front.analysis.cards.get(&card)).filter(|card| card.net.path.is_none());
    let missing = cards.map(|card| MissingFile { model: card.name.clone(), sha256: card.net.sha256.clone() });
    Some((remote, missing.collect()))
}
