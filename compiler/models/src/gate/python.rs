//! Reference outputs by onnxruntime, where a Python that has it is at hand.

use super::Sample;
use crate::error::Error;
use mu_format::npy;
use mu_format::tensor::{Data, Tensor};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const SCRIPT: &str = include_str!("reference.py");

/// A Python with onnxruntime.
#[derive(Debug, Clone)]
pub struct Python {
    program: PathBuf,
    /// Of onnxruntime.
    pub version: String,
}

#[derive(Serialize)]
struct Request<'a> {
    models: Vec<String>,
    classes: &'a [String],
    /// The files of the inputs, by name.
    samples: Vec<BTreeMap<&'a str, String>>,
}

#[derive(Deserialize)]
struct Answer {
    outputs: Vec<Output>,
}

#[derive(Deserialize)]
struct Output {
    model: usize,
    sample: usize,
    name: String,
    file: String,
}

/// What a model gave for each sample, by the outputs' names.
pub(super) type Outputs = Vec<BTreeMap<String, Tensor>>;

impl Python {
    /// The first of `programs` that has numpy and onnxruntime.
    pub fn find(programs: &[PathBuf]) -> Option<Python> {
        programs.iter().find_map(|program| {
            let ask = "import numpy, onnxruntime; print(onnxruntime.__version__)";
            let output = Command::new(program).args(["-c", ask]).output().ok().filter(|o| o.status.success())?;
            let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            Some(Python { program: program.clone(), version })
        })
    }

    /// Runs models, given by their files, on all samples. `classes` are the labels of maps of scores.
    pub(super) fn run(&self, models: &[&Path], classes: &[String], samples: &[Sample]) -> Result<Vec<Outputs>, Error> {
        let outside = |error: std::io::Error| Error::outside(format!("the comparison cannot be prepared: {error}"));
        let folder = tempfile::Builder::new().prefix("mulc-gate-").tempdir().map_err(outside)?;
        let mut files = Vec::new();
        for (s, sample) in samples.iter().enumerate() {
            let mut named = BTreeMap::new();
            for (i, (name, tensor)) in sample.iter().enumerate() {
                let file = format!("in-{s}-{i}.npy");
                std::fs::write(folder.path().join(&file), npy_bytes(tensor)).map_err(outside)?;
                named.insert(name.as_str(), file);
            }
            files.push(named);
        }
        let models: Vec<String> = models.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        let count = models.len();
        let request = serde_json::to_vec(&Request { models, classes, samples: files });
        let request = request.map_err(|error| Error::wrong(format!("the comparison cannot be prepared: {error}")))?;
        std::fs::write(folder.path().join("request.json"), request).map_err(outside)?;
        let output = Command::new(&self.program).arg("-c").arg(SCRIPT).arg(folder.path()).output().map_err(outside)?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("nothing was said");
            let last: String = last.chars().take(300).collect();
            return Err(Error::wrong(format!("onnxruntime cannot run the model on made-up inputs: {last}"))
                .help("give inputs and outputs that belong to the model by `--reference FILE.npz`, or sizes by `--dim NAME=SIZE`"));
        }
        let broken = |why: String| Error::outside(format!("the answer of onnxruntime cannot be read: {why}"));
        let text = std::fs::read(folder.path().join("answer.json")).map_err(|error| broken(error.to_string()))?;
        let answer: Answer = serde_json::from_slice(&text).map_err(|error| broken(error.to_string()))?;
        let mut outputs = vec![vec![BTreeMap::new(); samples.len()]; count];
        for Output { model, sample, name, file } in answer.outputs {
            let bytes = std::fs::read(folder.path().join(file)).map_err(|error| broken(error.to_string()))?;
            let tensor = npy::read(&bytes).map_err(broken)?;
            if let Some(found) = outputs.get_mut(model).and_then(|samples| samples.get_mut(sample)) {
                found.insert(name, tensor);
            }
        }
        Ok(outputs)
    }
}

/// A `.npy` file.
fn npy_bytes(tensor: &Tensor) -> Vec<u8> {
    let (descr, data): (&str, Vec<u8>) = match &tensor.data {
        Data::Bool(v) => ("|b1", v.iter().map(|x| u8::from(*x)).collect()),
        Data::U8(v) => ("|u1", v.clone()),
        Data::I32(v) => ("<i4", v.iter().flat_map(|x| x.to_le_bytes()).collect()),
        Data::I64(v) => ("<i8", v.iter().flat_map(|x| x.to_le_bytes()).collect()),
        Data::F32(v) => ("<f4", v.iter().flat_map(|x| x.to_le_bytes()).collect()),
        Data::F64(v) => ("<f8", v.iter().flat_map(|x| x.to_le_bytes()).collect()),
    };
    let shape: Vec<String> = tensor.shape.iter().map(|n| format!("{n},")).collect();
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({}), }}", shape.join(" "));
    // The format wants the data at a multiple of 64.
    let filled = (10 + header.len() + 1).next_multiple_of(64);
    header.push_str(&" ".repeat(filled - 10 - header.len() - 1));
    header.push('\n');
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), &data].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_are_read_back() {
        let tensor = Tensor::new(vec![2, 1], Data::F32(vec![1.5, f32::NAN])).unwrap();
        assert_eq!(format!("{:?}", npy::read(&npy_bytes(&tensor))), format!("Ok({tensor:?})"));
        let scalar = Tensor::new(vec![], Data::I64(vec![16000])).unwrap();
        assert_eq!(npy::read(&npy_bytes(&scalar)), Ok(scalar));
    }
}
