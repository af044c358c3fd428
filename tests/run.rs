//! Programs that run: the projects in `tests/run` and `examples` give the answers that their cases hold, their wrong twins are
//! told what is wrong, and other requirements choose other models.

use libtest_mimic::{Arguments, Failed, Trial};
use mu_format::bundle::{BOOTSTRAP, NATIVE};
use mu_tests::cases::{copy, snapshot};
use mu_tests::diagnostics::Expected;
use mu_tests::{answer, below_root, entries, files_below, lock, models, root, some, stem, tools};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A file of `cases/`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    function: String,
    #[serde(default)]
    input: BTreeMap<String, Value>,
    /// `null` is an answer too.
    #[serde(default, deserialize_with = "present")]
    output: Option<Value>,
    error: Option<String>,
    /// For `--prefer`.
    prefer: Option<String>,
    #[serde(default = "tolerance")]
    tolerance: f64,
}

fn tolerance() -> f64 {
    1e-4
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// A file of `choices/`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    replace: Vec<(String, String)>,
    chosen: Option<BTreeMap<String, String>>,
    fails: Option<String>,
}

fn main() {
    // Two runs at once would lay out the same copies.
    let _guard = lock("run-cases");
    let arguments = Arguments::from_args();
    if !arguments.list {
        models::folder();
    }
    let mut trials = Vec::new();
    for project in ["tests/run", "examples"].iter().flat_map(|folder| entries(&root().join(folder))) {
        let title = below_root(&project);
        // Calls and tests write beside the program; they share one copy.
        let workplace = if arguments.list { project.clone() } else { copy(&project, "", &main_module(&project)) };
        let mut add = |kind: &str, path: PathBuf, test: fn(&Path, &Path) -> Result<(), String>| {
            let project = if kind == "cases" { workplace.clone() } else { project.clone() };
            let title = format!("{title} {kind} {}", stem(&path));
            trials.push(Trial::test(title, move || Ok::<(), Failed>(test(&project, &path)?)));
        };
        add("cases", PathBuf::from("check and test"), whole);
        for (kind, extension, test) in [
            ("cases", "json", call as fn(&Path, &Path) -> Result<(), String>),
            ("wrong", "mu", wrong),
            ("choices", "toml", choose),
        ] {
            for path in
                entries(&project.join(kind)).into_iter().filter(|p| p.extension().is_some_and(|e| e == extension))
            {
                add(kind, path, test);
            }
        }
    }
    libtest_mimic::run(&arguments, some(trials, "projects in tests/run")).exit();
}

fn main_module(project: &Path) -> Vec<u8> {
    fs::read(project.join("src/main.mu")).unwrap_or_else(|error| panic!("{}: {error}", project.display()))
}

fn whole(project: &Path, _: &Path) -> Result<(), String> {
    if !has_weights(project) {
        // Checked only, and told so.
        return Expected::Warning("file-missing".into()).hold(project, &["check"]);
    }
    Expected::Nothing.hold(project, &["check"])?;
    Expected::Nothing.hold(project, &["test"])
}

/// Whether the folders for weights that `mu.toml` names exist.
fn has_weights(project: &Path) -> bool {
    let settings: toml::Table = toml::from_str(&fs::read_to_string(project.join("mu.toml")).unwrap()).unwrap();
    let weights = settings.get("catalog").and_then(|catalog| catalog.get("weights")).and_then(|list| list.as_array());
    weights.into_iter().flatten().all(|folder| project.join(folder.as_str().unwrap()).exists())
}

fn call(project: &Path, path: &Path) -> Result<(), String> {
    let case: Case = serde_json::from_slice(&fs::read(path).unwrap()).map_err(|error| error.to_string())?;
    let mut arguments = Vec::new();
    for (name, value) in &case.input {
        let value = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        arguments.extend(["--input".to_owned(), format!("{name}={value}")]);
    }
    arguments.extend(case.prefer.iter().map(|weights| format!("--prefer={weights}")));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let output = tools::mulc(project, &[["run", ".", &case.function].as_slice(), &arguments].concat());
    let said = tools::said(&output);
    let bundle = project.join(".mulc/run").join(&case.function);
    if bundle.join(NATIVE).exists() {
        let again = interpreted(&bundle, stem(path), &case.function, &arguments);
        let message = tools::said(&again);
        if !message.contains("the program is interpreted") {
            return Err(format!("without its machine code the program is to be interpreted:\n{message}"));
        }
        if (again.status, &again.stdout) != (output.status, &output.stdout) {
            return Err(format!("machine code:\n{said}\ninterpreter:\n{message}"));
        }
    }
    match (case.output, case.error) {
        (Some(want), None) => {
            if !output.status.success() {
                return Err(said);
            }
            let have: Value = serde_json::from_slice(&output.stdout).map_err(|error| format!("{error} in {said}"))?;
            answer::difference(&have, &want, case.tolerance).map_or(Ok(()), Err)
        }
        (None, Some(part)) if output.status.code() == Some(1) && said.contains(&part) => Ok(()),
        (None, Some(part)) => Err(format!("expected status 1 and `{part}`, got\n{said}")),
        _ => Err("a case has either `output` or `error`".into()),
    }
}

/// The call of a bundle as it is answered where its machine code is not there.
fn interpreted(bundle: &Path, title: &str, function: &str, arguments: &[&str]) -> Output {
    let copy = bundle.with_file_name(format!("{function}.{title}.interpreted"));
    fs::remove_dir_all(&copy).ok();
    for file in files_below(bundle).iter().filter(|file| !file.ends_with(NATIVE)) {
        let to = copy.join(file.strip_prefix(bundle).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::hard_link(file, to).unwrap();
    }
    let project = bundle.ancestors().nth(3).unwrap();
    let mut command = Command::new(bundle.join(BOOTSTRAP));
    command.args(["call", function, "--bundle"]).arg(&copy).args(arguments);
    command.current_dir(project).output().unwrap()
}

fn wrong(project: &Path, twin: &Path) -> Result<(), String> {
    let source = fs::read(twin).unwrap();
    let text = String::from_utf8_lossy(&source).into_owned();
    let code =
        text.lines().next().and_then(|line| line.strip_prefix("// wrong: ")).ok_or("the first line names no code")?;
    let copy = copy(project, stem(twin), &source);
    Expected::Code(code.trim().to_owned()).hold(&copy, &["check"])?;
    let message = tools::said(&tools::mulc(&copy, &["check"]));
    snapshot(twin.parent().unwrap(), stem(twin), &[(format!("{}.mu", stem(twin)), source)], &message);
    Ok(())
}

fn choose(project: &Path, path: &Path) -> Result<(), String> {
    let choice: Choice = toml::from_str(&fs::read_to_string(path).unwrap()).map_err(|error| error.to_string())?;
    let mut source = String::from_utf8(main_module(project)).unwrap();
    for (old, new) in &choice.replace {
        if source.matches(old.as_str()).count() != 1 {
            return Err(format!("`{old}` does not stand in src/main.mu exactly once"));
        }
        source = source.replace(old.as_str(), new);
    }
    let copy = copy(project, stem(path), source.as_bytes());
    match (choice.chosen, choice.fails) {
        (Some(chosen), None) => {
            let output = tools::mulc(&copy, &["build"]);
            if !output.status.success() {
                return Err(tools::said(&output));
            }
            let lock = fs::read_to_string(copy.join("mu.lock")).unwrap();
            let lock: toml::Table = toml::from_str(&lock).map_err(|error| error.to_string())?;
            for (slot, model) in chosen {
                // Where functions know a slot's model by other figures, it stands once for each: `FUNCTION.SLOT`.
                let slots = lock.get("slot").and_then(toml::Value::as_table).into_iter().flatten();
                let of_slot = slots.filter(|(name, _)| name.rsplit('.').next() == Some(&slot));
                let have: BTreeSet<Option<&str>> = of_slot.map(|(_, locked)| locked.get("model")?.as_str()).collect();
                if have != BTreeSet::from([Some(model.as_str())]) {
                    return Err(format!("`{slot}` should be {model}, the lock says\n{lock:#?}"));
                }
            }
            Ok(())
        }
        (None, Some(code)) => Expected::Code(code).hold(&copy, &["check"]),
        _ => Err("a choice has either `chosen` or `fails`".into()),
    }
}
