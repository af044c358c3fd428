//! Weights that lie in other files, brought into the model's own.

use super::Edit;
use super::proto::{Graph, Tensor};
use crate::error::Error;
use std::collections::BTreeMap;

impl Edit {
    /// Whether weights lie in other files.
    pub fn is_external(&self) -> bool {
        let mut external = false;
        // Only looks, so that the copy is a small price for one walk over all graphs.
        each(&mut self.graph().clone(), &mut |tensor| {
            external |= tensor.data_location == Some(1);
            Ok(())
        })
        .is_ok()
            && external
    }

    /// Brings all weights into the model. `read` gives a file by its path relative to the model's folder; paths that lead out of
    /// it were refused when the model was opened.
    pub fn inline(&mut self, mut read: impl FnMut(&str) -> Option<Vec<u8>>) -> Result<(), Error> {
        let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        each(self.graph_mut(), &mut |tensor| {
            if tensor.data_location != Some(1) {
                return Ok(());
            }
            let entry = |key: &str| tensor.external_data.iter().find(|pair| pair.key == key);
            let location = entry("location").map(|pair| pair.value.clone()).unwrap_or_default();
            let number = |key: &str| entry(key).and_then(|pair| pair.value.parse::<u64>().ok());
            if !files.contains_key(&location) {
                let missing = || Error::ExternalMissing { location: location.clone() };
                files.insert(location.clone(), read(&location).ok_or_else(missing)?);
            }
            let file = files.get(&location).map(Vec::as_slice).unwrap_or_default();
            let by_shape = tensor.count().zip(size(tensor.elem())).map(|(n, size)| n as u64 * size);
            let length = number("length").or(by_shape).unwrap_or(0);
            let start = number("offset").unwrap_or(0);
            let need = start.saturating_add(length);
            let range = usize::try_from(start).ok().zip(usize::try_from(need).ok());
            let bytes = range.and_then(|(start, end)| file.get(start..end));
            let short = || Error::ExternalShort { location, have: file.len() as u64, need };
            tensor.raw_data = Some(bytes.ok_or_else(short)?.to_vec());
            tensor.data_location = None;
            tensor.external_data.clear();
            Ok(())
        })
    }
}

/// All tensors of a graph and of those within it.
fn each(graph: &mut Graph, act: &mut impl FnMut(&mut Tensor) -> Result<(), Error>) -> Result<(), Error> {
    graph.initializer.iter_mut().try_for_each(&mut *act)?;
    for attribute in graph.node.iter_mut().flat_map(|node| &mut node.attribute) {
        attribute.t.iter_mut().try_for_each(&mut *act)?;
        attribute.g.iter_mut().chain(&mut attribute.graphs).try_for_each(|inner| each(inner, act))?;
    }
    Ok(())
}

/// Bytes of an element.
fn size(elem: i32) -> Option<u64> {
    crate::model::Dtype::from_onnx(elem).bytes()
}
