//! Circles of calls, each reported once with its whole path.

use super::{Graph, Node};
use mu_base::{Code, Diagnostic, Loc};
use petgraph::algo::tarjan_scc;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

impl Graph {
    /// One diagnostic for each group of parts that need each other, with a shortest circle in it.
    pub fn cycles(&self) -> Vec<Diagnostic> {
        let mut groups: Vec<BTreeSet<NodeIndex>> = tarjan_scc(&self.graph)
            .into_iter()
            .map(|group| group.into_iter().collect::<BTreeSet<_>>())
            .filter(|group| group.len() > 1 || group.iter().any(|i| self.graph.contains_edge(*i, *i)))
            .collect();
        groups.sort();
        groups.iter().filter_map(|group| self.circle(group)).map(|circle| self.report(&circle)).collect()
    }

    /// A shortest way from the first part of the group back to it: each part with the place that needs the next.
    fn circle(&self, group: &BTreeSet<NodeIndex>) -> Option<Vec<(Node, Option<Loc>)>> {
        let start = *group.first()?;
        let mut before: BTreeMap<NodeIndex, (NodeIndex, Option<Loc>)> = BTreeMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(at) = queue.pop_front() {
            let mut next: Vec<_> = self.graph.edges(at).map(|e| (e.target(), *e.weight())).collect();
            next.sort();
            for (to, loc) in next {
                if group.contains(&to) && !before.contains_key(&to) {
                    before.insert(to, (at, loc));
                    queue.push_back(to);
                }
            }
        }
        let mut path = Vec::new();
        let mut at = start;
        loop {
            let (from, loc) = *before.get(&at)?;
            path.push((self.graph[from], loc));
            at = from;
            if at == start {
                break;
            }
        }
        path.reverse();
        Some(path)
    }

    fn report(&self, circle: &[(Node, Option<Loc>)]) -> Diagnostic {
        let nodes = circle.iter().map(|(node, _)| *node);
        let names: Vec<String> =
            nodes.clone().chain(nodes.take(1)).map(|node| format!("`{}`", self.name(node))).collect();
        let mut diagnostic =
            Diagnostic::error(Code::CallCycle, format!("calls go in a circle: {}", names.join(" -> ")));
        for (i, (node, loc)) in circle.iter().enumerate() {
            let next = circle.get(i + 1).or(circle.first()).map_or("?", |(node, _)| self.name(*node));
            let text = match node {
                Node::Slot(_) => format!("`{}` may be filled by `{next}`", self.name(*node)),
                _ => format!("`{}` uses `{next}`", self.name(*node)),
            };
            diagnostic = match loc {
                Some(loc) if i == 0 => diagnostic.at(*loc, text),
                Some(loc) => diagnostic.because(*loc, text),
                None => diagnostic,
            };
        }
        diagnostic.help("every program ends, so nothing may call itself: use `for` or `scan` over a list")
    }
}
