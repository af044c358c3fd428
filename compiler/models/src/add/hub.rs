//! What a model hub's folder says of a model: the front matter of `README.md`, `config.json`, `preprocessor_config.json`. All of
//! it is what somebody claims.

use super::yaml;
use serde_json::Value;
use std::collections::BTreeMap;

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Hub {
    /// `image-classification`
    pub pipeline: Option<String>,
    /// An SPDX identifier.
    pub license: Option<String>,
    pub claims: Vec<Claim>,
    /// Labels in the order of the model's outputs.
    pub labels: Vec<String>,
    pub picture: Picture,
    /// The most tokens of a text.
    pub tokens: Option<u64>,
    pub warnings: Vec<String>,
}

/// A metric that the model's card states.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Claim {
    pub metric: String,
    /// As it is written there.
    pub value: f64,
    pub dataset: String,
    /// Where it stands.
    pub source: String,
}

/// How pictures are made ready.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Picture {
    /// Whether anything is known.
    pub stated: bool,
    pub height: Option<u64>,
    pub width: Option<u64>,
    /// The side before a square is cut out of the middle, where that is done.
    pub crop_from: Option<u64>,
    pub bicubic: bool,
    pub scale: Option<f64>,
    pub mean: Vec<f64>,
    pub std: Vec<f64>,
}

/// Reads the files that are there.
pub fn read(texts: &BTreeMap<String, String>) -> Hub {
    let mut hub = Hub::default();
    if let Some(front) = texts.get("README.md").and_then(|text| front_matter(text)) {
        match yaml::parse(front) {
            Ok(value) => hub.readme(&value),
            Err(error) => hub.warnings.push(format!("the front matter of README.md is left out: {error}")),
        }
    }
    let mut json = |name: &str| {
        let parsed = serde_json::from_str::<Value>(texts.get(name)?);
        parsed.map_err(|error| hub.warnings.push(format!("`{name}` is left out: {error}"))).ok()
    };
    let (config, preprocessor) = (json("config.json"), json("preprocessor_config.json"));
    if let Some(config) = config {
        hub.labels = labels(&config).unwrap_or_default();
        hub.tokens = config.get("max_position_embeddings").and_then(Value::as_u64);
    }
    if let Some(preprocessor) = preprocessor {
        hub.picture = picture(&preprocessor);
    }
    hub
}

/// What stands between the first two lines of `---`.
fn front_matter(text: &str) -> Option<&str> {
    let rest =
        text.trim_start_matches('\u{feff}').strip_prefix("---")?.trim_start_matches([' ', '\r']).strip_prefix('\n')?;
    let end = rest.match_indices("\n---").find(|(at, _)| {
        let after = &rest[at + 4..];
        after.is_empty() || after.starts_with(['\n', '\r', ' '])
    });
    end.map(|(at, _)| &rest[..at])
}

impl Hub {
    fn readme(&mut self, value: &Value) {
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        self.pipeline = text("pipeline_tag");
        self.license = text("license").and_then(|license| spdx(&license));
        let models = value.get("model-index").and_then(Value::as_array).into_iter().flatten();
        let results = models.filter_map(|model| model.get("results")?.as_array()).flatten();
        for result in results {
            self.claims(result, "README.md, model-index");
        }
        for result in value.get("eval_results").and_then(Value::as_array).into_iter().flatten() {
            self.claims(result, "README.md, eval_results");
        }
    }

    fn claims(&mut self, result: &Value, source: &str) {
        let dataset = result.pointer("/dataset/name").or(result.pointer("/dataset/type")).or(result.get("dataset"));
        let dataset = dataset.and_then(Value::as_str).unwrap_or("a data set without a name").to_owned();
        let single = result.get("metric_type").map(|kind| (kind, result.get("metric_value")));
        let listed = result.get("metrics").and_then(Value::as_array).into_iter().flatten();
        let listed =
            listed.filter_map(|metric| Some((metric.get("type").or(metric.get("name"))?, metric.get("value"))));
        for (kind, value) in single.into_iter().chain(listed) {
            let (Some(metric), Some(value)) = (kind.as_str(), value.and_then(Value::as_f64)) else {
                self.warnings.push(format!("a metric on {dataset} in {source} has no number and is left out"));
                continue;
            };
            let (metric, dataset, source) = (metric.to_owned(), dataset.clone(), source.to_owned());
            self.claims.push(Claim { metric, value, dataset, source });
        }
    }
}

/// The licence as SPDX writes it, of whatever case.
pub fn spdx(text: &str) -> Option<String> {
    spdx::imprecise_license_id(text)
        .filter(|(id, length)| *length == text.len() || id.name.eq_ignore_ascii_case(text))
        .map(|(id, _)| id.name.to_owned())
}

/// `id2label` in the order of the numbers; nothing where they are no row from 0 on, or only numbers themselves.
fn labels(config: &Value) -> Option<Vec<String>> {
    let map = config.get("id2label")?.as_object()?;
    let mut labels = BTreeMap::new();
    for (id, label) in map {
        labels.insert(id.parse::<usize>().ok()?, label.as_str()?.to_owned());
    }
    let row = labels.keys().copied().eq(0..labels.len());
    let named = labels.iter().any(|(id, label)| *label != format!("LABEL_{id}"));
    (row && named).then(|| labels.into_values().collect())
}

fn picture(config: &Value) -> Picture {
    let number = |value: &Value| value.as_u64();
    let side = |value: &Value| {
        let both = value.get("height").and_then(number).zip(value.get("width").and_then(number));
        let edge = value.get("shortest_edge").and_then(number).or(number(value));
        both.or(edge.map(|edge| (edge, edge)))
    };
    let on = |key: &str| config.get(key).and_then(Value::as_bool);
    let numbers = |key: &str| -> Vec<f64> {
        config.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_f64).collect()
    };
    let size = config.get("size").and_then(side);
    let cut = config.get("crop_size").and_then(side).filter(|_| on("do_center_crop") == Some(true));
    let to = cut.or(size);
    let rescale = on("do_rescale").unwrap_or(true);
    let normalise = on("do_normalize").unwrap_or(true);
    Picture {
        stated: true,
        height: to.map(|(height, _)| height),
        width: to.map(|(_, width)| width),
        crop_from: cut.and(size).map(|(height, _)| height),
        bicubic: config.get("resample").and_then(number) == Some(3),
        scale: rescale.then(|| config.get("rescale_factor").and_then(Value::as_f64).unwrap_or(1.0 / 255.0)),
        mean: if normalise { numbers("image_mean") } else { Vec::new() },
        std: if normalise { numbers("image_std") } else { Vec::new() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(readme: &str) -> BTreeMap<String, String> {
        BTreeMap::from([("README.md".to_owned(), readme.to_owned())])
    }

    #[test]
    fn a_readme_states_task_licence_and_claims() {
        let hub = read(&texts(
            "---\npipeline_tag: image-classification\nlicense: apache-2.0\nmodel-index:\n- name: m\n  results:\n  - dataset: {name: Photos, type: photos}\n    metrics:\n    - {type: accuracy, value: 0.91}\n    - {type: f1, value: n/a}\n---\n# Title\n",
        ));
        assert_eq!(
            (hub.pipeline.as_deref(), hub.license.as_deref()),
            (Some("image-classification"), Some("Apache-2.0"))
        );
        assert_eq!((hub.claims.len(), hub.claims[0].value, hub.claims[0].dataset.as_str()), (1, 0.91, "Photos"));
        assert_eq!(hub.warnings.len(), 1);
    }

    #[test]
    fn broken_yaml_is_a_warning_with_its_place() {
        let hub = read(&texts("---\nlicense: [mit\npipeline_tag: x: y\n---\n"));
        assert!(hub.license.is_none() && hub.warnings[0].contains("line"), "{:?}", hub.warnings);
        assert!(read(&texts("# no front matter\n")).warnings.is_empty());
    }

    #[test]
    fn labels_are_a_row_of_names() {
        let of = |text: &str| labels(&serde_json::from_str(text).unwrap());
        assert_eq!(of(r#"{"id2label": {"1": "dog", "0": "cat"}}"#), Some(vec!["cat".to_owned(), "dog".to_owned()]));
        assert_eq!(of(r#"{"id2label": {"0": "LABEL_0", "1": "LABEL_1"}}"#), None);
        assert_eq!(of(r#"{"id2label": {"0": "cat", "2": "dog"}}"#), None);
    }
}
