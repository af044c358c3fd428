//! What `push` and `pull` share: the store that is meant, the catalog as files, progress and failures.

use super::Session;
use crate::failure::Failure;
use crate::progress::Bar;
use mu_cloud::{Address, Local, LocalFile, LocalNeed, NeedKind, Step, is_read};
use mu_driver::{CatalogFiles, CatalogSource, NamedFile};
use mu_models::Progress;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Larger files that no card names are no text that a catalog is read from, in bytes.
const LARGEST_READ: u64 = 16 << 20;

/// The store and the models among the words of the command: the first may be an address, else `mu.toml` names the store.
pub fn asked(words: &[String], remote: Option<&str>) -> Result<(Address, Vec<String>), Failure> {
    let (address, models) = match (words.split_first(), remote) {
        (Some((first, models)), _) if first.contains("://") => (first.as_str(), models),
        (_, Some(remote)) => (remote, words),
        _ => {
            return Err(Failure::request("no store is named")
                .help("name it (`s3://BUCKET/PREFIX`), or set `remote` under `[catalog]` in mu.toml"));
        }
    };
    Ok((Address::parse(address)?, models.to_vec()))
}

/// The catalog as files with what they need.
pub fn local(session: &Session, files: &CatalogFiles) -> Result<Local, Failure> {
    let root = &session.program.place.folder;
    let mut local = Local { folder: root.join(&files.folder), state: session.program.place.made(), files: Vec::new() };
    for source in &files.sources {
        let path = inside(&files.folder, &source.path).unwrap_or(&source.path).to_owned();
        let needs = source.named.iter().filter_map(|named| need(root, files, source, named).transpose());
        local.files.push(LocalFile { path, models: source.models.clone(), needs: needs.collect::<Result<_, _>>()? });
    }
    local.files.extend(texts(session, files));
    Ok(local)
}

/// A named file as a need; nothing for data sets that lie elsewhere.
fn need(
    root: &std::path::Path,
    files: &CatalogFiles,
    source: &CatalogSource,
    named: &NamedFile,
) -> Result<Option<LocalNeed>, Failure> {
    let kind = if named.model.is_some() { NeedKind::Weights } else { NeedKind::Data };
    let place = root.join(named.found.as_ref().unwrap_or(&named.path));
    let (sha256, model) = (named.sha256.clone(), named.model.clone());
    match (inside(&files.folder, &named.path), kind) {
        (Some(path), _) => Ok(Some(LocalNeed { path: path.to_owned(), place, sha256, kind, model })),
        (None, NeedKind::Data) => Ok(None),
        (None, NeedKind::Weights) => {
            let message = format!("`{}` names `{}`, which is outside of the catalog", source.path, named.path);
            Err(Failure::request(message).help(format!("put the file into `{}`, and correct the card", files.folder)))
        }
    }
}

/// The catalog's other texts: evidence of a card, lists of labels.
fn texts(session: &Session, files: &CatalogFiles) -> Vec<LocalFile> {
    use mu_base::World;
    let disk = &session.program.disk;
    let taken: BTreeSet<&String> = files
        .sources
        .iter()
        .flat_map(|source| {
            [&source.path].into_iter().chain(source.named.iter().filter_map(|named| named.found.as_ref()))
        })
        .collect();
    let models: BTreeSet<&String> = files.sources.iter().flat_map(|source| &source.models).collect();
    let small = |path: &String| disk.size(path).is_ok_and(|size| size <= LARGEST_READ);
    let paths = disk.list(&files.folder).into_iter();
    let paths = paths.filter(|path| !taken.contains(path) && is_read(path) && !path.ends_with(".mu") && small(path));
    let evidence = format!("{}/evidence/", files.folder);
    let file = |path: String| {
        let of = path.strip_prefix(&evidence).and_then(|name| name.strip_suffix(".toml")).map(str::to_owned);
        let of = of.filter(|model| models.contains(model));
        let path = inside(&files.folder, &path)?.to_owned();
        Some(LocalFile { path, models: of.into_iter().collect(), needs: Vec::new() })
    };
    paths.filter_map(file).collect()
}

/// A path of the project as one from the catalog's folder.
fn inside<'a>(folder: &str, path: &'a str) -> Option<&'a str> {
    if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix('/') }
}

/// Where files that were fetched lie.
pub fn cache(session: &Session) -> PathBuf {
    session.program.place.folder.join(mu_driver::FETCHED)
}

/// Shows the bytes that are done.
pub fn shown(what: &'static str) -> impl Fn(Step) {
    let bar = RefCell::new(Bar::default());
    move |step| match step {
        Step::Planned { bytes, .. } => bar.borrow_mut().start(what, bytes),
        Step::Done { bytes } => bar.borrow_mut().advance(bytes),
    }
}

/// Bytes for people.
pub fn amount(bytes: u64) -> String {
    const STEPS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match STEPS.iter().find(|(step, _)| bytes >= *step) {
        Some((step, unit)) => format!("{:.1} {unit}", bytes as f64 / *step as f64),
        None => format!("{bytes} bytes"),
    }
}

impl From<mu_cloud::Error> for Failure {
    fn from(error: mu_cloud::Error) -> Failure {
        let failure = match error.kind {
            mu_cloud::Kind::Request => Failure::request(error.message),
            mu_cloud::Kind::Outside => Failure::outside(error.message),
        };
        failure.help(error.help)
    }
}
