//! Prints the diagnostics of a project, for work on the checker: `cargo run -p mu-analysis --example check -- FOLDER [FILE]`.

use mu_base::{World, WorldError};
use std::path::{Path, PathBuf};

struct Disk(PathBuf);

impl World for Disk {
    fn read(&self, path: &str) -> Result<Vec<u8>, WorldError> {
        std::fs::read(self.0.join(path)).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => WorldError::NotFound,
            _ => WorldError::Other(e.to_string()),
        })
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let mut out = Vec::new();
        walk(&self.0.join(folder), folder, &mut out);
        out.sort();
        out
    }

    fn size(&self, path: &str) -> Result<u64, WorldError> {
        std::fs::metadata(self.0.join(path)).map(|m| m.len()).map_err(|_| WorldError::NotFound)
    }
}

fn walk(folder: &Path, shown: &str, out: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = format!("{shown}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() { walk(&entry.path(), &name, out) } else { out.push(name) }
    }
}

fn main() {
    let mut args = std::env::args().skip(1);
    let folder = args.next().unwrap_or_else(|| ".".to_string());
    let lone = args.next();
    let mut cache = mu_analysis::Cache::default();
    let analysis = mu_analysis::analyse(&Disk(folder.into()), lone.as_deref(), &mut cache);
    for d in &analysis.diagnostics {
        let place = d.place().map(|l| {
            let source = analysis.sources.get(l.file);
            let line = source.text[..l.span.start as usize].lines().count().max(1);
            format!("{}:{line}", source.path)
        });
        println!("{}: {:?}[{}]: {}", place.unwrap_or_default(), d.severity, d.code.slug(), d.message);
        d.labels.iter().for_each(|l| println!("    {} {}", if l.primary { "^" } else { "-" }, l.text));
        d.help.iter().for_each(|h| println!("    help: {h}"));
    }
}
