//! Wrong programs: each gives the diagnostic that its folder is named after, and says it as its snapshot shows.

use libtest_mimic::{Arguments, Trial};
use mu_tests::cases::snapshot;
use mu_tests::diagnostics::Expected;
use mu_tests::{below_root, entries, files_below, name, root, some, stem, tools};
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
    let sources: Vec<(String, Vec<u8>)> = match case.is_dir() {
        true => files_below(case)
            .into_iter()
            .filter(|path| path.extension().is_some_and(|e| e == "mu" || e == "toml"))
            .map(|path| (path.strip_prefix(case).unwrap().display().to_string(), fs::read(&path).unwrap()))
            .collect(),
        false => vec![(name(case).to_owned(), fs::read(case).unwrap())],
    };
    let marked = |command: &str| {
        let mark = format!("// command: {command}\n");
        sources.iter().any(|(_, source)| source.starts_with(mark.as_bytes()))
    };
    let command = ["build", "test"].into_iter().find(|command| marked(command)).unwrap_or("check");
    let arguments = [command, name(case)];
    Expected::Code(name(folder).to_owned()).hold(folder, &arguments)?;
    let message = tools::said(&tools::mulc(folder, &arguments));
    snapshot(folder, stem(case), &sources, &message);
    Ok(())
}
