//! The house is in order: layers point left, the outside is touched at the edges only, files are small and say what they are
//! for, every diagnostic has a page and a case.

use mu_tests::{below_root, entries, files_below, root, some, stem};
use std::fs;
use std::path::{Path, PathBuf};

/// The crates of the runtime, each of which may use those before it.
const RUNTIME: &[&str] = &["mu-format", "mu-ops", "mu-interp", "mu-exec", "mu-frozen", "mu-infer", "mu-bootstrap"];

/// The crates of the compiler, each of which may use those before it, and the runtime's libraries.
const COMPILER: &[&str] = &[
    "mu-base",
    "mu-syntax",
    "mu-onnx",
    "mu-evidence",
    "mu-select",
    "mu-analysis",
    "mu-lower",
    "mu-bundle",
    "mu-native",
    "mu-driver",
    "mu-deploy",
    "mu-cloud",
    "mu-index",
    "mu-models",
    "mulc",
];

/// Heavy dependencies, by the start of their names, and the only crates that may name them.
const HEAVY: &[(&str, &[&str])] = &[
    ("tract", &["mu-infer"]),
    ("cranelift", &["mu-native"]),
    ("clap", &["mulc"]),
    ("miette", &["mulc"]),
    ("indicatif", &["mulc"]),
    ("hyper", &["mu-bootstrap"]),
    ("tokio", &["mu-bootstrap", "mu-cloud"]),
    ("aws", &["mu-cloud"]),
    ("comfy-table", &["mulc"]),
    ("image", &["mu-ops"]),
    ("tokenizers", &["mu-ops"]),
    ("pest", &["mu-syntax"]),
    ("petgraph", &["mu-lower"]),
    ("zip", &["mu-bundle", "mu-models"]),
];

/// Where the outside may be touched.
const EDGES: &[&str] = &[
    "compiler/mulc/src/",
    "compiler/bundle/src/",
    "compiler/cloud/src/",
    "compiler/models/src/",
    "compiler/index/src/read.rs",
    "runtime/bootstrap/src/",
    "runtime/exec/src/code.rs",
    "runtime/frozen/src/",
    "runtime/format/src/bundle.rs",
    "runtime/infer/src/frozen.rs",
    "benches/",
];

/// The crates that speak to the machine itself: each place says why it is sound.
const UNSAFE: &[&str] = &["runtime/exec", "runtime/frozen"];

/// Codes whose cases are too large to commit: `bad_input.rs` makes them, and the search's own tests.
const MADE: &[&str] = &["source-too-large", "search-too-large"];

/// The most lines a hand-written file may have.
const MOST_LINES: usize = 600;

struct Package {
    name: String,
    folder: PathBuf,
    manifest: toml::Table,
}

fn packages() -> Vec<Package> {
    let folders = ["compiler", "runtime"].iter().flat_map(|folder| entries(&root().join(folder)));
    let package = |folder: PathBuf| {
        let manifest: toml::Table = toml::from_str(&fs::read_to_string(folder.join("Cargo.toml")).ok()?).unwrap();
        let name = manifest["package"]["name"].as_str().unwrap().to_owned();
        Some(Package { name, folder, manifest })
    };
    some(folders.filter_map(package).collect(), "packages")
}

/// Our sources: every `.rs` file outside of build folders.
fn sources() -> Vec<PathBuf> {
    let folders =
        ["compiler", "runtime", "tests", "benches", "fuzz"].iter().flat_map(|folder| files_below(&root().join(folder)));
    some(folders.filter(|path| path.extension().is_some_and(|e| e == "rs")).collect(), "sources")
}

/// A source up to its unit tests, without comments.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]").next().unwrap_or("");
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn is_shipped(path: &Path) -> bool {
    let place = below_root(path);
    // The peers of the benches are only held against what ships.
    let elsewhere = ["tests/", "benches/peers/"].iter().any(|folder| place.starts_with(folder));
    !elsewhere && place.contains("/src/") && stem(path) != "tests" && !place.contains("/tests/")
}

fn may_be_unsafe(path: &Path) -> bool {
    UNSAFE.iter().any(|folder| below_root(path).starts_with(folder))
}

fn fail_on(found: Vec<String>, rule: &str) {
    assert!(found.is_empty(), "{rule}:\n  {}", found.join("\n  "));
}

#[test]
fn layers_point_left() {
    let mut found = Vec::new();
    for Package { name, manifest, .. } in packages() {
        let place = |list: &[&str], name: &str| list.iter().position(|layer| *layer == name);
        let allowed: Vec<&str> = match (place(RUNTIME, &name), place(COMPILER, &name)) {
            (Some(own), _) => RUNTIME[..own].to_vec(),
            (_, Some(own)) => COMPILER[..own].iter().chain(&RUNTIME[..RUNTIME.len() - 1]).copied().collect(),
            _ => panic!("{name} stands in no layer: add it to tests/tidy.rs"),
        };
        for dependency in
            manifest.get("dependencies").and_then(|table| table.as_table()).into_iter().flat_map(|t| t.keys())
        {
            if dependency.starts_with("mu-") && !allowed.contains(&dependency.as_str()) {
                found.push(format!("{name} uses {dependency}"));
            }
            for (heavy, users) in HEAVY {
                if dependency.starts_with(heavy) && !users.contains(&name.as_str()) {
                    found.push(format!("{name} uses {dependency}, which is left to {users:?}"));
                }
            }
        }
    }
    fail_on(found, "a crate uses what stands to its right");
}

#[test]
fn every_package_takes_the_lints_of_the_workspace() {
    let others = packages().into_iter().filter(|package| !may_be_unsafe(&package.folder));
    let without = others.filter(|package| {
        let lints = package.manifest.get("lints").and_then(|lints| lints.get("workspace"));
        lints.and_then(|workspace| workspace.as_bool()) != Some(true)
    });
    fail_on(without.map(|package| below_root(&package.folder)).collect(), "no `[lints] workspace = true`");
}

#[test]
fn the_outside_is_touched_at_the_edges_only() {
    let mut found = Vec::new();
    for path in sources().into_iter().filter(|path| is_shipped(path)) {
        let place = below_root(&path);
        if EDGES.iter().any(|edge| place.starts_with(edge)) {
            continue;
        }
        let code = code(&path);
        for module in ["fs", "env", "time", "net", "process"] {
            let direct = code.contains(&format!("std::{module}"));
            let listed = code
                .lines()
                .filter_map(|line| line.split_once("std::{"))
                .any(|(_, list)| list.split([',', ' ', '}', ':']).any(|word| word == module));
            if direct || listed {
                found.push(format!("{place}: std::{module}"));
            }
        }
    }
    fail_on(found, "files, clock, environment, network and processes belong to the edges");
}

#[test]
fn shipped_code_does_not_panic_and_leaves_nothing_open() {
    // Written in two parts so that this file does not hold them.
    let words: Vec<String> = [
        (".unwrap", "()"),
        (".expect", "("),
        ("panic", "!("),
        ("unreachable", "!("),
        ("todo", "!("),
        ("unimplemented", "!("),
        ("unsafe", " {"),
        ("dbg", "!("),
    ]
    .map(|(a, b)| format!("{a}{b}"))
    .to_vec();
    let mut found = Vec::new();
    for path in sources().into_iter().filter(|path| is_shipped(path)) {
        for (index, line) in code(&path).lines().enumerate() {
            found.extend(
                words
                    .iter()
                    .filter(|word| line.contains(word.as_str()))
                    .filter(|word| !word.starts_with("unsafe") || !may_be_unsafe(&path))
                    .map(|word| format!("{}: `{word}` (about line {})", below_root(&path), index + 1)),
            );
        }
    }
    fail_on(found, "hostile input gives an error value, not a panic");
}

#[test]
fn every_source_says_what_it_is_for() {
    let heads = |path: &PathBuf| fs::read_to_string(path).unwrap().starts_with("//! ");
    let library =
        files_below(&root().join("stdlib")).into_iter().filter(|path| path.extension().is_some_and(|e| e == "mu"));
    let without = sources().into_iter().chain(library).filter(|path| !heads(path));
    fail_on(without.map(|path| below_root(&path)).collect(), "the first line is no `//!` comment");
}

#[test]
fn sources_stay_small() {
    let lines = |path: &PathBuf| fs::read_to_string(path).unwrap().lines().count();
    let large = sources().into_iter().filter(|path| lines(path) > MOST_LINES);
    fail_on(large.map(|path| format!("{} has {}", below_root(&path), lines(&path))).collect(), "too many lines");
}

#[test]
fn nothing_names_a_machine_or_is_left_to_do() {
    let words: Vec<String> =
        [("/wo", "rk/"), ("/ho", "me/"), ("/ro", "ot/"), ("/tmp/ve", "nv"), ("TO", "DO"), ("FIX", "ME"), ("XX", "X")]
            .map(|(a, b)| format!("{a}{b}"))
            .to_vec();
    let folders = ["compiler", "runtime", "stdlib", "examples", "tests", "assets", "benches", "fuzz", ".ci"];
    let top = entries(root()).into_iter().filter(|path| path.is_file());
    let mut found = Vec::new();
    for path in folders.iter().flat_map(|folder| files_below(&root().join(folder))).chain(top) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for (index, line) in text.lines().enumerate() {
            for word in words.iter().filter(|word| line.contains(word.as_str())) {
                found.push(format!("{}:{}: {word}", below_root(&path), index + 1));
            }
        }
    }
    fail_on(found, "not for the public");
}

#[test]
fn every_diagnostic_has_a_page_and_a_case() {
    let declared = fs::read_to_string(root().join("compiler/base/src/code.rs")).unwrap();
    let declared = declared.split("\ncodes! {").nth(1).and_then(|rest| rest.split("\n}").next()).unwrap();
    let codes: Vec<&str> = declared.lines().filter_map(|line| line.split('"').nth(1)).collect();
    let mut found = Vec::new();
    for code in some(codes.clone(), "codes") {
        let page = fs::read_to_string(root().join(format!("compiler/base/codes/{code}.md"))).unwrap_or_default();
        if !page.starts_with(&format!("# {code}\n")) {
            found.push(format!("{code} has no page that starts with its name"));
        }
        if !MADE.contains(&code) && entries(&root().join("tests/ui").join(code)).is_empty() {
            found.push(format!("{code} has no case in tests/ui"));
        }
    }
    for (folder, what) in [("compiler/base/codes", "page"), ("tests/ui", "folder of cases")] {
        let left = entries(&root().join(folder)).into_iter().filter(|path| !codes.contains(&stem(path)));
        found.extend(left.map(|path| format!("{}: a {what} of no code", below_root(&path))));
    }
    fail_on(found, "diagnostics, pages and cases belong together");
}
