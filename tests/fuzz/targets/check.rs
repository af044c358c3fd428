//! Any bytes as a program: parse and check end, without a panic, with diagnostics that lie inside the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mu_base::{World, WorldError};

struct One<'a>(&'a [u8]);

impl World for One<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, WorldError> {
        if path == "main.mu" { Ok(self.0.to_vec()) } else { Err(WorldError::NotFound) }
    }

    fn list(&self, _: &str) -> Vec<String> {
        Vec::new()
    }

    fn size(&self, path: &str) -> Result<u64, WorldError> {
        self.read(path).map(|b| b.len() as u64)
    }
}

fuzz_target!(|data: &[u8]| {
    let mut cache = mu_analysis::Cache::default();
    let analysis = mu_analysis::analyse(&One(data), Some("main.mu"), &mut cache);
    for diagnostic in &analysis.diagnostics {
        for label in &diagnostic.labels {
            let text = analysis.sources.get(label.loc.file).text;
            let (start, end) = (label.loc.span.start as usize, label.loc.span.end as usize);
            assert!(text.get(start..end).is_some(), "{}: {start}..{end}", diagnostic.message);
        }
    }
});
