//! What `PATH` means: a project's folder (with `mu.toml`), its `mu.toml`, or one `.mu` file. The default is here.

use crate::failure::Failure;
use std::fs;
use std::path::{Path, PathBuf};

/// The file that makes a folder a project.
const SETTINGS: &str = "mu.toml";

/// Where a program lies.
#[derive(Debug, PartialEq)]
pub struct Place {
    /// The project's folder, as the user wrote it; the compiler's paths are relative to it.
    pub folder: PathBuf,
    /// Where a lone `.mu` file is the program: its name in the folder.
    pub lone: Option<String>,
}

impl Place {
    /// The folder for what is made from the program: `.mulc` inside a project; `.mulc/<name>` beside a lone file.
    pub fn made(&self) -> PathBuf {
        let made = self.folder.strip_prefix(".").unwrap_or(&self.folder).join(".mulc");
        match &self.lone {
            Some(file) => made.join(file.trim_end_matches(".mu")),
            None => made,
        }
    }
}

/// Finds the program at `path`.
pub fn locate(path: Option<&Path>) -> Result<Place, Failure> {
    let path = path.unwrap_or(Path::new("."));
    let shown = path.display();
    let meta = fs::metadata(path).map_err(|error| {
        Failure::request(format!("there is no program at `{shown}`: {error}"))
            .help("name a project's folder or a `.mu` file; `mulc new DIR` makes a project")
    })?;
    if meta.is_dir() {
        return match path.join(SETTINGS).is_file() {
            true => Ok(Place { folder: path.into(), lone: None }),
            false => Err(no_settings(path)),
        };
    }
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    match path.file_name().and_then(|name| name.to_str()) {
        Some(SETTINGS) => Ok(Place { folder: folder.into(), lone: None }),
        Some(name) if name.ends_with(".mu") => Ok(Place { folder: folder.into(), lone: Some(name.into()) }),
        _ => Err(Failure::request(format!("`{shown}` is no program"))
            .help("name a project's folder or a file that ends in `.mu`")),
    }
}

fn no_settings(folder: &Path) -> Failure {
    let failure = Failure::request(format!("`{}` is no project: it has no `{SETTINGS}`", folder.display()));
    let inside = projects_inside(folder);
    match inside.as_slice() {
        [] => failure.help("name a project's folder or a `.mu` file; `mulc new DIR` makes a project"),
        some => failure.help(format!("name one of the projects inside: {}", some.join(", "))),
    }
}

/// The projects at most two folders down, a few of them.
fn projects_inside(folder: &Path) -> Vec<String> {
    let folders = |of: &Path| -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(of) else { return Vec::new() };
        let hidden = |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_dir() && !hidden(path)).collect()
    };
    let mut found: Vec<String> = folders(folder)
        .into_iter()
        .flat_map(|child| folders(&child).into_iter().chain([child]).collect::<Vec<_>>())
        .filter(|path| path.join(SETTINGS).is_file())
        .map(|path| format!("`{}`", path.strip_prefix(".").unwrap_or(&path).display()))
        .collect();
    found.sort();
    found.truncate(5);
    found
}

/// Whether a lone argument of `run` names a program rather than a function.
pub fn is_path(argument: &str) -> bool {
    argument.contains('/') || argument.ends_with(".mu") || argument.starts_with('.') || Path::new(argument).is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_project_its_settings_or_a_lone_file() {
        let place = tempfile::tempdir().unwrap();
        let project = place.path().join("many/one");
        fs::create_dir_all(&project).unwrap();
        fs::write(project.join("mu.toml"), "").unwrap();
        fs::write(project.join("x.mu"), "").unwrap();
        fs::write(project.join("x.txt"), "").unwrap();
        let whole = Place { folder: project.clone(), lone: None };
        assert_eq!(locate(Some(&project)).unwrap(), whole);
        assert_eq!(locate(Some(&project.join("mu.toml"))).unwrap(), whole);
        let lone = locate(Some(&project.join("x.mu"))).unwrap();
        assert_eq!(lone, Place { folder: project.clone(), lone: Some("x.mu".into()) });
        assert_eq!(lone.made(), project.join(".mulc/x"));
        assert!(locate(Some(&project.join("x.txt"))).is_err());
        assert!(locate(Some(&project.join("gone"))).is_err());
        let said = locate(Some(place.path())).unwrap_err().to_string();
        assert!(said.contains("many/one"), "{said}");
    }
}
