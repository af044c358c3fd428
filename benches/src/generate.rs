//! Programs of any size, as people might write them: records, constants, functions over lists and options, tests.

use mu_base::{World, WorldError};
use std::collections::BTreeMap;
use std::fmt::Write;

/// A program of at least this many lines.
pub fn program(lines: usize) -> String {
    let mut text = String::from("//! Made by a generator.\n\nuse std.text\n\n");
    text.push_str("labels Size = \"small\", \"medium\", \"large\"\n\n");
    let mut i = 0;
    while text.lines().count() < lines {
        // Counting lines is linear, so blocks are added in bulk between counts.
        let left = lines - text.lines().count();
        for _ in 0..left.div_ceil(46) {
            block(&mut text, i);
            i += 1;
        }
    }
    text
}

fn block(text: &mut String, i: usize) {
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        r#"/// What is known of item {i}.
record Item{i} {{
    name: Text
    length: f32<cm>
    mass: f32<kg>
    tags: List<Text, 8>
}}

const limit_{i}: f32<kg/cm> = 0.125 kg/cm

/// How heavy it is for its length.
fn density_{i}(item: Item{i}) -> Result<f32<kg/cm>> {{
    let ratio = item.mass / item.length
    match finite(ratio) {{
        some(value) -> ok(value)
        none -> err("no length")
    }}
}}

/// What sort of item it is.
fn size_{i}(item: Item{i}, names: List<Text, 16>) -> Option<Size> {{
    let known = for name in names if name == item.name {{ length(lower(name)) }}
    let heavy = match density_{i}(item) {{
        ok(value) -> value >= limit_{i}
        err(_) -> false
    }}
    if count(known) > 0 and heavy {{ some("large") }} else {{
        let words = item.tags |> join(" ") |> split(" ", 4)
        let counts = scan word in words with sum = 0 {{
            let next_sum = sum + length(word)
            next sum = next_sum
            next_sum
        }}
        if total(counts) >= 10 then some("medium") else if count(words) == 0 then none else some("small")
    }}
}}

"#
    );
}

/// A JSON list of labels.
pub fn labels(count: usize) -> String {
    let list: Vec<String> = (0..count).map(|i| format!("\"label number {i}\"")).collect();
    format!("[{}]", list.join(",\n"))
}

/// Files in memory.
pub struct Memory(BTreeMap<String, Vec<u8>>);

impl Memory {
    pub fn program(text: &str) -> Memory {
        Memory(BTreeMap::from([("main.mu".to_string(), text.as_bytes().to_vec())]))
    }

    /// A program that uses a file of labels.
    pub fn with(path: &str, content: &str) -> Memory {
        let main = format!(
            "labels Many = file(\"{path}\")\n\nfn is(a: Many, b: Many) -> bool {{\n    a == b or a == \"label number 7\"\n}}\n"
        );
        let mut memory = Memory::program(&main);
        memory.0.insert(path.to_string(), content.as_bytes().to_vec());
        memory
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
