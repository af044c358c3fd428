//! A project's settings (`mu.toml`) and its modules: the standard library, the catalog and the sources.

mod envs;

pub use envs::Env;

use mu_base::{Code, Diagnostic, FileId, Loc, Sources, Span, World, WorldError};
use mu_syntax::{Cache, File};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

include!(concat!(env!("OUT_DIR"), "/stdlib.rs"));

/// Where files that were fetched from a store lie, from the project's folder, each named by its sha256.
pub const FETCHED: &str = ".mulc/cache/blobs";

/// What `mu.toml` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    pub name: String,
    /// The catalog's folder, from the project's.
    pub catalog: String,
    /// Further folders in which a card's file is looked up by its name.
    pub weights: Vec<String>,
    /// The store that holds the catalog: `s3://bucket/prefix`.
    pub remote: Option<String>,
    /// The platform whose figures count for what runs on this machine; `None` for the one measured last.
    pub platform: Option<String>,
    /// The environments it is deployed in, by name.
    pub envs: Vec<Env>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Toml {
    project: ProjectToml,
    #[serde(default)]
    catalog: CatalogToml,
    #[serde(default)]
    platform: PlatformToml,
    #[serde(default)]
    env: BTreeMap<Spanned<String>, envs::EnvToml>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct PlatformToml {
    local: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProjectToml {
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogToml {
    #[serde(default = "models")]
    path: String,
    #[serde(default)]
    weights: Vec<String>,
    remote: Option<String>,
}

impl Default for CatalogToml {
    fn default() -> Self {
        CatalogToml { path: models(), weights: Vec::new(), remote: None }
    }
}

fn models() -> String {
    "models".to_string()
}

/// One module: a file with a name.
#[derive(Debug)]
pub struct Module {
    /// `main`, `shapes.round`, `catalog.mnist`, `std.vision`.
    pub name: String,
    pub file: FileId,
    /// The folder of the file, from the project's, without a slash at the end; paths in the file are relative to it.
    pub folder: String,
    pub parsed: File,
}

impl Module {
    pub fn is_std(&self) -> bool {
        self.name.starts_with("std.")
    }

    pub fn is_catalog(&self) -> bool {
        self.name.starts_with("catalog.")
    }

    /// The place of a span of item `item`.
    pub fn loc(&self, item: usize, span: Span) -> Loc {
        let offset = self.parsed.items.get(item).map(|i| i.offset).unwrap_or(0);
        Loc { file: self.file, span: span.shift(offset) }
    }
}

/// All that was read.
#[derive(Debug)]
pub struct Loaded {
    pub project: Project,
    pub sources: Sources,
    pub modules: Vec<Module>,
    pub diagnostics: Vec<Diagnostic>,
}

/// Joins a folder and a path in it; `..` steps are resolved where they can be.
pub fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty() && *p != ".").collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|p| *p != "..") => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// Reads `mu.toml`, the standard library, the catalog and the sources. `lone` is the one source of a project without
/// `mu.toml`.
pub fn load(world: &dyn World, lone: Option<&str>, cache: &mut Cache) -> Loaded {
    let mut loaded = Loaded {
        project: Project {
            name: "program".to_string(),
            catalog: models(),
            weights: Vec::new(),
            remote: None,
            platform: None,
            envs: Vec::new(),
        },
        sources: Sources::default(),
        modules: Vec::new(),
        diagnostics: Vec::new(),
    };
    for (name, text) in FILES {
        let file = loaded.sources.add(format!("std/{name}.mu"), *text);
        let parsed = mu_syntax::parse(file, text, cache);
        loaded.module(format!("std.{name}"), file, String::new(), parsed);
    }
    match lone {
        Some(path) => {
            let stem = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".mu");
            loaded.project.name = stem.to_string();
            loaded.read(world, path, "main".to_string(), cache);
        }
        None => {
            loaded.settings(world);
            let sources = mu_files(world, "src");
            if !sources.iter().any(|s| s == "src/main.mu") {
                loaded.diagnostics.push(
                    Diagnostic::error(Code::BadProject, "the project has no `src/main.mu`")
                        .help("write the program there, or give the path of a `.mu` file"),
                );
            }
            for path in sources {
                let name = path.trim_start_matches("src/").trim_end_matches(".mu").replace('/', ".");
                loaded.read(world, &path, name, cache);
            }
        }
    }
    let catalog = loaded.project.catalog.clone();
    for path in mu_files(world, &catalog) {
        let inner = path.strip_prefix(&catalog).unwrap_or(&path).trim_start_matches('/');
        let name = format!("catalog.{}", inner.trim_end_matches(".mu").replace('/', "."));
        loaded.read(world, &path, name, cache);
    }
    loaded
}

fn mu_files(world: &dyn World, folder: &str) -> Vec<String> {
    let mut files: Vec<String> = world.list(folder).into_iter().filter(|p| p.ends_with(".mu")).collect();
    files.sort();
    files
}

impl Loaded {
    fn module(&mut self, name: String, file: FileId, folder: String, parsed: File) {
        self.diagnostics.extend(parsed.diagnostics.iter().cloned());
        self.modules.push(Module { name, file, folder, parsed });
    }

    fn read(&mut self, world: &dyn World, path: &str, name: String, cache: &mut Cache) {
        let folder = path.rsplit_once('/').map(|(folder, _)| folder).unwrap_or("").to_string();
        let file = FileId(self.sources.iter().count() as u32);
        match world.read(path) {
            Ok(bytes) => {
                let (text, parsed) = mu_syntax::parse_bytes(file, &bytes, cache);
                self.sources.add(path, text);
                self.module(name, file, folder, parsed);
            }
            Err(error) => {
                let message = format!("`{path}` cannot be read: {error}");
                self.diagnostics.push(Diagnostic::error(Code::FileMissing, message));
            }
        }
    }

    fn settings(&mut self, world: &dyn World) {
        let bytes = match world.read("mu.toml") {
            Ok(bytes) => bytes,
            Err(error) => {
                let help = match error {
                    WorldError::NotFound => "`mulc new DIR` makes a project; or give the path of a `.mu` file",
                    _ => "see that the file can be read",
                };
                let message = format!("`mu.toml` cannot be read: {error}");
                self.diagnostics.push(Diagnostic::error(Code::BadProject, message).help(help));
                return;
            }
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let file = self.sources.add("mu.toml", text.as_str());
        match toml::from_str::<Toml>(&text) {
            Ok(toml) => {
                self.project = Project {
                    name: toml.project.name,
                    catalog: join("", &toml.catalog.path),
                    weights: toml.catalog.weights.iter().map(|w| join("", w)).collect(),
                    remote: toml.catalog.remote,
                    platform: toml.platform.local,
                    envs: envs::read(file, toml.env, &mut self.diagnostics),
                };
                if !valid_name(&self.project.name) {
                    let message = format!("`{}` cannot be a project's name", self.project.name);
                    let diagnostic = Diagnostic::error(Code::BadProject, message);
                    let loc = Loc { file, span: Span::new(0, 0) };
                    self.diagnostics.push(
                        diagnostic.at(loc, "in this file").help("use letters, digits, `-` and `_`, at most 64 of them"),
                    );
                }
            }
            Err(error) => {
                let range = error.span().unwrap_or(0..0);
                let loc = Loc { file, span: Span::new(range.start, range.end) };
                self.diagnostics.push(
                    Diagnostic::error(Code::BadProject, format!("`mu.toml` is wrong: {}", error.message()))
                        .at(loc, "here")
                        .help("it has `[project]` with `name`, `[catalog]` with `path`, `weights` and `remote`, `[platform]` with `local`, and `[env.NAME]`"),
                );
            }
        }
    }
}

fn valid_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}
