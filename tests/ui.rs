//! Wrong programs: each gives the diagnostic that its folder is named after, and says it as its snapshot shows.

use libtest_mimic::{Arguments, Trial};
use mu_tests::cases::{copy, shadow, snapshot};
use mu_tests::diagnostics::Expected;
use mu_tests::{below_root, entries, files_below, lock, name, root, some, stem, tools};
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    // Two runs at once would lay out the same copies.
    let _guard = lock("ui-cases");
    let mut trials = Vec::new();
    for folder in entries(&root().join("tests/ui")) {
        let cases =
            entries(&folder).into_iter().filter(|path| path.is_dir() || path.extension().is_some_and(|e| e == "mu"));
        for case in some(cases.collect(), &format!("cases in {}", below_root(&folder))) {
            let title = format!("{}/{}", name(&folder), stem(&case));
            trials.push(Trial::test(title, move || Ok(check(&case)?)));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), some(trials, "cases in tests/ui")).exit();
}

fn check(case: &Path) -> Result<(), String> {
    let folder = case.parent().unwrap();
    let (place, path, sources) = match case.is_dir() {
        true => (copied(case), None, files_below(case)),
        false => (shadow().join(below_root(folder)), Some(name(case)), vec![case.to_path_buf()]),
    };
    let base = if case.is_dir() { case } else { folder };
    let sources: Vec<(String, Vec<u8>)> = sources
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "mu" || e == "toml" || e == "lock"))
        .map(|path| (path.strip_prefix(base).unwrap().display().to_string(), fs::read(&path).unwrap()))
        .collect();
    let command = sources.iter().find_map(|(_, text)| text.strip_prefix(b"// command: ")).unwrap_or(b"check");
    let command = String::from_utf8_lossy(command.split(|byte| *byte == b'\n').next().unwrap_or(command)).into_owned();
    let arguments: Vec<&str> = command.split_whitespace().chain(path).collect();
    Expected::Code(name(folder).to_owned()).hold(&place, &arguments)?;
    let message = tools::said(&tools::mulc(&place, &arguments));
    snapshot(folder, stem(case), &sources, &message);
    Ok(())
}

fn copied(project: &Path) -> PathBuf {
    copy(project, "", &fs::read(project.join("src/main.mu")).unwrap())
}
