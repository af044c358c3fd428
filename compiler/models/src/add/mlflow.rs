//! An MLflow folder: `MLmodel` says which file the model is and what its columns are called.

use super::yaml;
use serde_json::Value;

/// The ONNX file, from the folder.
pub fn file(mlmodel: &str) -> Option<String> {
    let root = yaml::parse(mlmodel).ok()?;
    let named = root.pointer("/flavors/onnx/data")?.as_str()?;
    // What leads out of the folder is not looked at.
    let inside = named.split('/').all(|part| !matches!(part, "" | "." | ".."));
    inside.then(|| named.to_owned())
}

/// The names of the columns of the input, in order, where they have names.
pub fn columns(mlmodel: &str) -> Result<Vec<String>, String> {
    let root = yaml::parse(mlmodel)?;
    let Some(signature) = root.pointer("/signature/inputs") else { return Ok(Vec::new()) };
    // MLflow writes the signature as JSON within the YAML.
    let parsed;
    let inputs = match signature.as_str() {
        Some(text) => {
            parsed = serde_json::from_str::<Value>(text).map_err(|error| format!("signature.inputs: {error}"))?;
            &parsed
        }
        None => signature,
    };
    let names = inputs.as_array().into_iter().flatten().filter_map(|column| column.get("name")?.as_str());
    Ok(names.map(str::to_owned).collect())
}
