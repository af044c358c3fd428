//! The front half as a whole: it never fails, does no work twice, and says one thing for one mistake.

#![allow(clippy::unwrap_used)]

use mu_analysis::{Analysis, Cache, analyse};
use mu_base::{World, WorldError};
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Default)]
struct Memory(BTreeMap<String, Vec<u8>>);

impl Memory {
    fn lone(text: impl AsRef<[u8]>) -> Memory {
        Memory::default().file("main.mu", text)
    }

    fn file(mut self, path: &str, text: impl AsRef<[u8]>) -> Memory {
        self.0.insert(path.to_string(), text.as_ref().to_vec());
        self
    }

    fn check(&self, cache: &mut Cache) -> Analysis {
        analyse(self, (!self.0.contains_key("mu.toml")).then_some("main.mu"), cache)
    }

    /// The codes of all diagnostics, in order.
    fn codes(&self) -> Vec<&'static str> {
        self.check(&mut Cache::default()).diagnostics.iter().map(|d| d.code.slug()).collect()
    }
}

impl World for Memory {
    fn read(&self, path: &str) -> Result<Vec<u8>, WorldError> {
        self.0.get(path).cloned().ok_or(WorldError::NotFound)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let prefix = format!("{folder}/");
        self.0.keys().filter(|p| p.starts_with(&prefix)).cloned().collect()
    }

    fn size(&self, path: &str) -> Result<u64, WorldError> {
        self.0.get(path).map(|b| b.len() as u64).ok_or(WorldError::NotFound)
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> Vec<u8> {
    std::fs::read(root().join(path)).unwrap()
}

const PROGRAM: &str = r#"use std.vision
use std.text

labels Digit = "0", "1", "2"

record Answer { digit: Option<Digit>, words: List<Text, 4> }

slot reader: image_classification<Digit> {
    require size <= 5 MB
}

/// Reads.
fn read(image: Image, text: Text) -> Answer {
    let best = reader(image) |> top
    let sure = best.score >= 0.5 and length(text) > 2
    let digit = if sure then some(best.label) else none
    Answer { digit: digit, words: split(text, " ", 4) }
}

fn names(list: List<Text, 8>) -> List<i64, 8> {
    scan word in list with sum = 0 {
        let after = sum + length(word)
        next sum = after
        after
    }
}
"#;

#[test]
fn the_program_of_this_file_is_right() {
    assert_eq!(Memory::lone(PROGRAM).codes(), Vec::<&str>::new());
}

#[test]
fn a_program_cut_off_anywhere_gives_diagnostics_inside_the_text() {
    let card = String::from_utf8(read("examples/digits/models/kcnn_32.mu")).unwrap();
    let whole = format!("{PROGRAM}\n{card}");
    // Every cut is tried on the syntax alone; here, where each costs a whole analysis, every seventh.
    for end in (0..whole.len()).step_by(7).filter(|i| whole.is_char_boundary(*i)) {
        let analysis = Memory::lone(&whole[..end]).check(&mut Cache::default());
        for label in analysis.diagnostics.iter().flat_map(|d| &d.labels) {
            let text = analysis.sources.get(label.loc.file).text;
            let span = label.loc.span;
            assert!(text.get(span.start as usize..span.end as usize).is_some(), "cut at {end}: {}", label.text);
        }
    }
}

#[test]
fn an_edit_parses_one_item_again() {
    let mut cache = Cache::default();
    Memory::lone(PROGRAM).check(&mut cache);
    let before = cache.parsed();
    Memory::lone(PROGRAM.replace("0.5", "0.75")).check(&mut cache);
    assert_eq!(cache.parsed() - before, 1);
    Memory::lone(format!("// a comment above\n{}", PROGRAM.replace("0.5", "0.75"))).check(&mut cache);
    assert_eq!(cache.parsed() - before, 1, "items that only moved are known");
}

#[test]
fn one_broken_item_hides_no_other() {
    let text =
        format!("fn broken(a: ) -> {{\n}}\n{PROGRAM}fn late() -> Text {{ 1 }}\nfn uses() -> i64 {{ broken(1) }}\n");
    assert_eq!(Memory::lone(text).codes(), ["syntax-error", "type-mismatch"]);
}

#[test]
fn a_wrong_value_is_reported_once_however_often_it_is_used() {
    let text = "fn f(x: f32) -> f32 {\n    let y = x + unknown\n    let z = y * 2.0 + y\n    abs(z) + y\n}\n";
    assert_eq!(Memory::lone(text).codes(), ["unknown-name"]);
}

#[test]
fn label_sets_are_equal_as_sets() {
    let text = "labels A = \"x\", \"y\"\nlabels B = \"y\", \"x\"\nfn f(a: A) -> B { a }\n";
    assert_eq!(Memory::lone(text).codes(), Vec::<&str>::new());
}

#[test]
fn deep_nesting_is_one_diagnostic() {
    let text = format!("fn f() -> i64 {{ {}1{} }}\nfn g() -> i64 {{ 1 }}\n", "(".repeat(10_000), ")".repeat(10_000));
    assert_eq!(Memory::lone(text).codes(), ["nesting-too-deep"]);
}

#[test]
fn a_long_chain_of_operators_is_no_deep_tree() {
    let sum = vec!["1"; 20_000].join(" + ");
    let codes = Memory::lone(format!("fn f() -> i64 {{ {sum} }}\n")).codes();
    assert!(codes.is_empty() || codes == ["nesting-too-deep"], "{codes:?}");
}

#[test]
fn constants_and_records_that_need_themselves_are_reported() {
    let text = "const a: i64 = b + 1\nconst b: i64 = a\nrecord R { next: Option<R> }\n";
    let mut codes = Memory::lone(text).codes();
    codes.sort();
    codes.dedup();
    assert_eq!(codes, ["call-cycle", "not-a-type"]);
}

#[test]
fn the_same_sources_give_the_same_diagnostics() {
    let text = PROGRAM.replace("best.score", "best.scor").replace("5 MB", "5 ms").replace("some(best", "sum(best");
    let once = Memory::lone(&text).check(&mut Cache::default()).diagnostics;
    let twice = Memory::lone(&text).check(&mut Cache::default()).diagnostics;
    assert!(once.len() >= 3, "{once:#?}");
    assert_eq!(once, twice);
}

#[test]
fn what_fuzzing_found_stays_mended() {
    let folder = root().join("tests/fuzz/cases/check");
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_file()).collect();
    cases.sort();
    for case in cases {
        let bytes = std::fs::read(&case).unwrap();
        let analysis = Memory::lone(bytes).check(&mut Cache::default());
        for label in analysis.diagnostics.iter().flat_map(|d| &d.labels) {
            let text = analysis.sources.get(label.loc.file).text;
            let span = label.loc.span;
            assert!(text.get(span.start as usize..span.end as usize).is_some(), "{}", case.display());
        }
    }
}
