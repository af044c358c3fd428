//! What stands in documents is true: the programs of the spec, the README files, the standard library's comments and the pages
//! of diagnostics do what the words beside them say.

use libtest_mimic::{Arguments, Failed, Trial};
use mu_tests::blocks::{Block, of_doc_comments, of_markdown};
use mu_tests::cases::{copy, lay};
use mu_tests::diagnostics::Expected;
use mu_tests::moto::{Moto, with_aws};
use mu_tests::{below_root, entries, files_below, lock, made, name, root, some, stem, tools};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a block means.
const MODES: &[&str] = &["check", "fail", "warn", "test", "build", "fragment", "file"];

/// Pages whose wrong program is too large to be shown.
const TOO_LARGE: &[&str] = &["search-too-large"];

fn main() {
    // Two runs at once would lay out the same copies.
    let _guard = lock("spec-cases");
    let mut trials = Vec::new();
    let codes = some(entries(&root().join("compiler/base/codes")), "pages of diagnostics");
    let documents = ["language-spec.md", "README.md"].map(|path| root().join(path));
    let examples = entries(&root().join("examples")).into_iter().map(|project| project.join("README.md"));
    let library =
        files_below(&root().join("stdlib")).into_iter().filter(|path| path.extension().is_some_and(|e| e == "mu"));
    for path in documents.into_iter().chain(examples).chain(library).chain(codes.iter().cloned()) {
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let is_source = path.extension().is_some_and(|e| e == "mu");
        let blocks = if is_source { of_doc_comments(&text) } else { of_markdown(&text) };
        let page = codes.contains(&path).then(|| stem(&path).to_owned());
        if let Some(code) = page.as_ref().filter(|code| !TOO_LARGE.contains(&code.as_str())) {
            let blocks = blocks.clone();
            let title = format!("{}: has a wrong and a right program", below_root(&path));
            trials.push(Trial::test(title, move || Ok(has_both(&blocks)?)).with_kind(code.clone()));
        }
        trials.extend(of_document(&path, &blocks, page.as_deref()));
    }
    trials.push(Trial::test("the grammar in the spec is the grammar", || Ok(same_grammar()?)));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn of_document(path: &Path, blocks: &[Block], page: Option<&str>) -> Vec<Trial> {
    let mut trials = Vec::new();
    for block in blocks {
        let title = format!("{}:{} {}", below_root(path), block.line, block.words.join(" "));
        match block.words.first().map(String::as_str) {
            Some("mu") if !block.words.iter().any(|word| word == "file") => {
                let files: Vec<_> =
                    blocks.iter().filter(|b| b.section == block.section && b.line < block.line).cloned().collect();
                let (block, page) = (block.clone(), page.map(str::to_owned));
                let place =
                    made().join("blocks").join(format!("{}-{}", below_root(path).replace(['/', '.'], "-"), block.line));
                trials.push(Trial::test(title, move || Ok(program(&block, &files, page.as_deref(), &place)?)));
            }
            Some("console") if block.words.get(1).is_some_and(|word| word == "run") => {
                let (block, place) = (block.clone(), place(path, block));
                trials.push(Trial::test(title, move || Ok::<(), Failed>(console(&block, &place)?)));
            }
            _ => {}
        }
    }
    trials
}

/// The folder of a block's own.
fn place(path: &Path, block: &Block) -> PathBuf {
    made().join("blocks").join(format!("{}-{}", below_root(path).replace(['/', '.'], "-"), block.line))
}

/// Lays a program out and holds what `mulc` says against the words of its fence.
fn program(block: &Block, before: &[Block], page: Option<&str>, place: &Path) -> Result<(), String> {
    let mode = block.words.iter().map(String::as_str).find(|word| MODES.contains(word));
    let (expected, command) = match (mode, page, block.heading.as_str()) {
        (Some("fragment"), ..) => return Ok(()),
        (Some("check"), ..) => (Expected::Nothing, "check"),
        (Some("fail"), ..) => (Expected::Error(block.value("fail").ok_or("`fail` names no code")?.to_owned()), "check"),
        (Some("warn"), ..) => {
            (Expected::Warning(block.value("warn").ok_or("`warn` names no code")?.to_owned()), "check")
        }
        (mode, Some(code), "Wrong") => (Expected::Code(code.to_owned()), mode.unwrap_or("check")),
        (mode, Some(_), "Right") => (Expected::Nothing, mode.unwrap_or("check")),
        (Some("test"), ..) => (Expected::Nothing, "test"),
        _ => return Err("the block does not say how it is run; see tests/README.md".into()),
    };
    let text = block.text.clone().into_bytes();
    if let Some(project) = block.value("with") {
        let project = root().join("tests/spec").join(project);
        return expected.hold(&copy(&project, name(place), &text), &[command]);
    }
    let mut files: Vec<(String, Vec<u8>)> = before
        .iter()
        .filter_map(|file| Some((file.value("file")?.to_owned(), file.text.clone().into_bytes())))
        .collect();
    if files.is_empty() {
        lay(place, &[("program.mu".into(), text)]);
        return expected.hold(place, &[command, "program.mu"]);
    }
    if !files.iter().any(|(path, _)| path == "mu.toml") {
        files.push(("mu.toml".into(), b"[project]\nname = \"block\"\n".to_vec()));
    }
    files.push(("src/main.mu".into(), text));
    lay(place, &files);
    expected.hold(place, &[command])
}

/// Runs the lines that start with `$ ` and holds what they print against the lines after them.
fn console(block: &Block, place: &Path) -> Result<(), String> {
    let folder = match block.value("with") {
        Some(project) => {
            let project = root().join("tests/spec").join(project);
            let main = fs::read(project.join("src/main.mu")).unwrap_or_default();
            copy(&project, name(place), &main)
        }
        None => root().to_path_buf(),
    };
    let path = format!("{}:{}", tools::folder().display(), std::env::var("PATH").unwrap_or_default());
    let aws = block.words.iter().any(|word| word == "aws").then(Moto::start);
    for part in format!("\n{}", block.text).split("\n$ ").skip(1) {
        let (command, want) = part.split_once('\n').unwrap_or((part, ""));
        let script = format!("exec 2>&1\n{command}");
        let mut shell = Command::new("bash");
        shell.args(["-c", &script]).env("PATH", &path).current_dir(&folder);
        if let Some(aws) = &aws {
            with_aws(&mut shell, aws.port);
        }
        let have = String::from_utf8_lossy(&shell.output().unwrap().stdout).into_owned();
        if !fits(&lines(&have), &lines(want)) {
            return Err(format!("`{command}` prints\n{have}"));
        }
    }
    Ok(())
}

fn lines(text: &str) -> Vec<&str> {
    text.trim_end().lines().map(str::trim_end).collect()
}

/// Whether the lines are the wanted ones, where a line `...` stands for any number of lines, and `...` in a line for any text.
fn fits(have: &[&str], want: &[&str]) -> bool {
    match want {
        [] => have.is_empty(),
        ["...", rest @ ..] => (0..=have.len()).any(|skip| fits(&have[skip..], rest)),
        [line, rest @ ..] => have.first().is_some_and(|have| line_fits(have, line)) && fits(&have[1..], rest),
    }
}

fn line_fits(have: &str, want: &str) -> bool {
    match want.split_once("...") {
        None => have == want,
        Some((start, rest)) => have.strip_prefix(start).is_some_and(|have| {
            have.char_indices().map(|(at, _)| at).chain([have.len()]).any(|at| line_fits(&have[at..], rest))
        }),
    }
}

fn has_both(blocks: &[Block]) -> Result<(), String> {
    for heading in ["Wrong", "Right"] {
        // What no program can show, such as bytes that are no text, is shown by commands.
        let is_program = |b: &&Block| match b.words.first().map(String::as_str) {
            Some("mu") => b.value("file").is_none(),
            Some("console") => b.words.get(1).is_some_and(|word| word == "run"),
            _ => false,
        };
        if !blocks.iter().filter(is_program).any(|b| b.heading == heading) {
            return Err(format!("there is no program under `## {heading}`"));
        }
    }
    Ok(())
}

fn same_grammar() -> Result<(), String> {
    let grammar = fs::read_to_string(root().join("compiler/syntax/src/grammar.pest")).unwrap();
    let spec = fs::read_to_string(root().join("language-spec.md")).unwrap();
    let parts: Vec<Block> =
        of_markdown(&spec).into_iter().filter(|b| b.words.first().is_some_and(|word| word == "pest")).collect();
    let [shown] = parts.as_slice() else { return Err(format!("the spec has {} blocks of grammar", parts.len())) };
    let first = shown.text.lines().zip(grammar.lines()).position(|(a, b)| a != b);
    match (first, shown.text.trim_end() == grammar.trim_end()) {
        (_, true) => Ok(()),
        (Some(line), false) => Err(format!("line {} of grammar.pest differs from the spec", line + 1)),
        (None, false) => Err("one of grammar.pest and the spec goes on where the other ends".into()),
    }
}
