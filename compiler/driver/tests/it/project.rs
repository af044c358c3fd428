//! A project in memory: a catalog with two models for irises, and whatever main module a test writes.

use mu_base::{Diagnostic, World, WorldError};
use mu_driver::{Compiled, Entry, Input, Options, Report, compile};
use mu_evidence::{Evaluation, Evidence, Interval, Latency, Method, Platform, Profile, Quantile, Through, stats};
use mu_format::bundle::sha256;
use std::collections::BTreeMap;

pub const LOGREG: &[u8] = include_bytes!("../../../onnx/tests/models/iris-logreg.onnx");
pub const MLP: &[u8] = include_bytes!("../../../onnx/tests/models/iris-mlp-8.onnx");

#[derive(Clone)]
pub struct Project(pub BTreeMap<String, Vec<u8>>);

impl World for Project {
    fn read(&self, path: &str) -> Result<Vec<u8>, WorldError> {
        self.0.get(path).cloned().ok_or(WorldError::NotFound)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        self.0.keys().filter(|path| path.starts_with(&format!("{folder}/"))).cloned().collect()
    }

    fn size(&self, path: &str) -> Result<u64, WorldError> {
        self.read(path).map(|bytes| bytes.len() as u64)
    }
}

/// The card of a model that names a species.
fn card(name: &str, bytes: &[u8], accuracy: &str, latency: &str, license: &str) -> String {
    let sha256 = sha256(bytes);
    format!(
        r#"
model {name}: tabular_classification<Flower, Species> {{
    net     "{name}.onnx" sha256 "{sha256}" (input: f32[N, 4]) -> (probs: f32[N, 3])
    classes "setosa", "versicolor", "virginica"
    license {license}
    origin  "own weights"
    claim   accuracy on flowers = {accuracy} (n 50)
    claim   latency.p95 = {latency}
    claim   latency.mean = {latency}
    adapt {{
        infer(input: features(row) |> batch).probs |> first |> rank
    }}
}}
"#
    )
}

/// What was measured of a model: so many of 5,000 flowers right, and a call in so many microseconds at any percentile.
pub fn evidence(name: &str, bytes: &[u8], hits: u64, micros: f64) -> Evidence {
    let Interval { low, high } = stats::wilson(hits, 5000);
    let accuracy = Evaluation {
        metric: "accuracy".into(),
        dataset: "flowers".into(),
        dataset_sha256: sha256(b"flowers"),
        identity: sha256(b"samples"),
        through: Through::Adapter,
        value: hits as f64 / 5000.0,
        samples: 5000,
        hits: Some(hits),
        interval: Interval { low, high },
        method: Method::Wilson,
        runtime: "mulc 0.1.0".into(),
        date: "2026-11-01".into(),
    };
    let time = micros * 1e-6;
    let quantile = Quantile { value: time, low: time, high: time };
    let profile = Profile {
        platform: Platform {
            name: "bench".into(),
            machine: "a machine".into(),
            arch: "x86_64".into(),
            features: Vec::new(),
        },
        share: 1.0,
        period: 0.0,
        runtime: "mulc 0.1.0".into(),
        inputs: sha256(b"inputs"),
        date: "2026-11-01".into(),
        processes: 5,
        calls: 1000,
        load: 0.002,
        first: 0.001 + time,
        latency: Latency { mean: time, p50: quantile, p95: quantile, p99: quantile },
        spaced: None,
        spaced_demand: Vec::new(),
        demand: vec![time; mu_evidence::PERCENTILES.len()],
        memory: 20_000_000,
        size: bytes.len() as u64,
    };
    let (evaluations, profiles) = (vec![accuracy], vec![profile]);
    Evidence { model: name.into(), sha256: sha256(bytes), gate: None, evaluations, profiles }
}

impl Project {
    /// `logreg` is right 96 times in 100 within 20 us; `mlp` 98 times within 40 us and is the larger file. Both were measured.
    pub fn new(main: &str) -> Project {
        let catalog = format!(
            r#"use std.tabular

labels Species = "setosa", "versicolor", "virginica"

record Flower {{
    sepal_length: f32<cm>
    sepal_width: f32<cm>
    petal_length: f32<cm>
    petal_width: f32<cm>
}}

dataset flowers: tabular_classification<Flower, Species> {{
    file     "holdout.npz"
    sha256   "{}"
    revision "1"
    license  BSD-3-Clause
}}
{}{}"#,
            sha256(b"flowers"),
            card("logreg", LOGREG, "96%", "20 us", "MIT"),
            card("mlp", MLP, "98%", "40 us", "Apache-2.0"),
        );
        let main = format!("use std.tabular\nuse catalog.irises\n{main}");
        let files = [
            ("mu.toml", b"[project]\nname = \"irises\"\n".to_vec()),
            ("models/irises.mu", catalog.into_bytes()),
            ("models/logreg.onnx", LOGREG.to_vec()),
            ("models/mlp.onnx", MLP.to_vec()),
            ("src/main.mu", main.into_bytes()),
        ];
        let mut project = Project(files.into_iter().map(|(path, bytes)| (path.to_string(), bytes)).collect());
        project.measured(&evidence("logreg", LOGREG, 4800, 20.0));
        project.measured(&evidence("mlp", MLP, 4900, 40.0));
        project
    }

    /// With this file of evidence.
    pub fn measured(&mut self, evidence: &Evidence) {
        let path = mu_evidence::path(&evidence.model);
        self.0.insert(path, evidence.to_text().unwrap().into_bytes());
    }

    /// One slot with these requirements, a function that calls it, and `rest`.
    pub fn with(requires: &str, rest: &str) -> Project {
        Project::new(&format!(
            "slot botanist: tabular_classification<Flower, Species> {{\n{requires}\n}}\n\
             fn species(flower: Flower) -> Species {{\n    top(botanist(flower)).label\n}}\n{rest}"
        ))
    }

    pub fn input(&self) -> Input<'_> {
        Input { world: self, lone: None }
    }

    pub fn compile(&self) -> Report<Compiled> {
        compile(&self.input(), Entry::All, &Options::default())
    }

    pub fn compiled(&self) -> Compiled {
        let report = self.compile();
        assert_eq!(report.internal, None);
        let messages: Vec<&str> = report.diagnostics.iter().map(|d| d.message.as_str()).collect();
        assert!(report.value.is_some(), "{messages:?}");
        report.value.unwrap()
    }

    /// The cards that were chosen, by slot.
    pub fn chosen(&self) -> Vec<(String, String)> {
        self.compiled().choices.into_iter().map(|choice| (choice.slot, choice.card)).collect()
    }
}

/// The texts under the labels of a diagnostic, each with what it points at.
pub fn labels<T>(report: &Report<T>, diagnostic: &Diagnostic) -> Vec<(String, String)> {
    let label = |label: &mu_base::Label| {
        let source = report.sources.get(label.loc.file);
        let at = source.text.get(label.loc.span.start as usize..label.loc.span.end as usize).unwrap_or("?");
        (at.to_string(), label.text.clone())
    };
    diagnostic.labels.iter().map(label).collect()
}

/// A Flower of the language, a setosa.
pub const SETOSA: &str =
    "Flower { sepal_length: 5.1 cm, sepal_width: 3.5 cm, petal_length: 1.4 cm, petal_width: 0.2 cm }";
