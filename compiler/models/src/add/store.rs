//! Writes a card and its files: checked together with the project before, and all of them or none.

use super::adapter::Draft;
use super::card::Card;
use super::overlay::Overlay;
use crate::catalog::Catalog;
use crate::error::Error;
use mu_base::WorldError;
use mu_driver::{Input, card_program};
use std::collections::BTreeMap;

/// What was written.
pub struct Stored {
    pub files: Vec<String>,
    pub todo: Option<String>,
}

/// Writes the card into the folder of the catalog, `files` beside it. A drafted adapter that does not check is taken out again,
/// and said.
pub fn write(
    catalog: &Catalog,
    folder: &str,
    card: Card,
    mut files: BTreeMap<String, Vec<u8>>,
    warnings: &mut Vec<String>,
) -> Result<Stored, Error> {
    let path = format!("{folder}/{}.mu", card.name);
    let mut text = card.text();
    let mut todo = match card.draft {
        Draft::Plain(_) => None,
        Draft::Todo(why) => Some(why.clone()),
    };
    // The state of the project before, so that its own faults are not laid on the card.
    let was_broken = mu_driver::check(&catalog.input()).has_errors();
    files.insert(path.clone(), text.clone().into_bytes());
    if todo.is_none() && !was_broken {
        let world = Overlay { below: catalog.world(), files: &files };
        let report = card_program(&Input { world: &world, lone: None }, card.name);
        if report.value.is_none() {
            let first = report.diagnostics.iter().find(|diagnostic| diagnostic.is_error());
            let why = first.map_or_else(|| report.internal.clone().unwrap_or_default(), |d| d.message.clone());
            let why = format!("the drafted adapter does not check ({why})");
            text = Card { draft: &Draft::Todo(why.clone()), ..card }.text();
            files.insert(path.clone(), text.into_bytes());
            todo = Some(why);
        }
    } else if was_broken {
        warnings.push("the project has errors of its own, so the card is not checked yet: see `mulc check`".to_owned());
    }
    for (path, bytes) in &files {
        match catalog.world().read(path) {
            Err(WorldError::NotFound) => {}
            Ok(known) if known == *bytes => {}
            Ok(_) => {
                return Err(Error::wrong(format!("`{path}` is there already, with another content"))
                    .help("choose another name by `--name`, or take the file away"));
            }
            Err(error) => return Err(Error::unread(path, &error)),
        }
    }
    // The card comes last: without it the other files mean nothing.
    let mut order: Vec<(String, Vec<u8>)> = files.into_iter().collect();
    order.sort_by_key(|(file, _)| *file == path);
    let mut written: Vec<String> = Vec::new();
    for (file, bytes) in order {
        let new = catalog.world().size(&file).is_err();
        if let Err(error) = catalog.write(&file, &bytes) {
            for file in &written {
                // What cannot be taken away is said by the error that led here.
                let _ = std::fs::remove_file(catalog.folder().join(file));
            }
            return Err(error);
        }
        if new {
            written.push(file);
        }
    }
    Ok(Stored { files: written, todo })
}
