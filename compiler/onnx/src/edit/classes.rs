//! The labels that a classifier of classical machine learning carries with it.

use super::Edit;
use super::graph::ML;
use super::proto::Node;

/// The classes of a model in the order of its scores, where its operators state them: the texts, or the numbers as texts.
/// Ask before passes are applied, which take them out.
pub fn classes(edit: &Edit) -> Option<Vec<String>> {
    const OPERATORS: [&str; 4] = ["ZipMap", "LinearClassifier", "TreeEnsembleClassifier", "SVMClassifier"];
    let nodes = &edit.graph().node;
    let found = OPERATORS.iter().flat_map(|op| nodes.iter().filter(move |node| node.is(ML, op)));
    found.map(labels).find(|labels| !labels.is_empty())
}

fn labels(node: &Node) -> Vec<String> {
    let texts = node.attribute("classlabels_strings").map_or(&[][..], |attribute| &attribute.strings);
    if !texts.is_empty() {
        return texts.iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect();
    }
    let numbers = [node.ints("classlabels_int64s"), node.ints("classlabels_ints")];
    numbers.into_iter().flatten().map(ToString::to_string).collect()
}
