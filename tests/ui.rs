//! Wrong programs: each gives the diagnostic that its folder is named after, and says it as its snapshot shows.

use libtest_mimic::{Arguments, Trial};
use mu_tests::cases::{lay, snapshot};
use mu_tests::diagnostics::Expected;
use mu_tests::{below_root, entries, files_below, made, name, root, some, stem, tools};
use std::fs;
use std::path::Path;

fn main() {
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
    let inside = |path: &Path| path.strip_prefix(folder).unwrap().display().to_string();
    let files: Vec<(String, Vec<u8>)> = match case.is_dir() {
        true => files_below(case).iter().map(|path| (inside(path), fs::read(path).unwrap())).collect(),
        false => vec![(inside(case), fs::read(case).unwrap())],
    };
    // A copy, since commands write beside the program.
    let copy = made().join("ui").join(name(folder)).join(stem(case));
    lay(&copy, &files);
    let marked = files.iter().find_map(|(_, text)| text.strip_prefix(b"// command: "));
    let command = marked
        .map_or("check".into(), |rest| String::from_utf8_lossy(rest.split(|b| *b == b'\n').next().unwrap_or(rest)));
    let arguments: Vec<&str> = command.split_whitespace().chain([name(case)]).collect();
    Expected::Code(name(folder).to_owned()).hold(&copy, &arguments)?;
    let message = tools::said(&tools::mulc(&copy, &arguments));
    let is_shown = |path: &str| path.ends_with(".mu") || path.ends_with(".toml");
    let sources: Vec<_> = files.into_iter().filter(|(path, _)| is_shown(path)).collect();
    snapshot(folder, stem(case), &sources, &message);
    Ok(())
}
