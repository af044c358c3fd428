//! A requirement on the command line, in the words of the language: `top1 on holdout >= 97% as claimed`.

use super::schema::Units;
use mu_base::FileId;
use mu_lower::compose::number;
use mu_select::Op;
use mu_syntax::ast::{Compare, ItemKind, Require, RequireKind, Term, TraitRef};

/// What is asked of a model.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    Bound {
        path: String,
        dataset: Option<String>,
        op: Op,
        /// In base units.
        bound: f64,
        /// The base unit of the bound; empty for a plain number or a ratio.
        base: String,
        /// Whether claims count where nothing was measured.
        claimed: bool,
    },
    License {
        allowed: Vec<String>,
    },
}

/// Reads a requirement; the error says what it is instead and what it should be.
pub fn asked(text: &str) -> Result<Asked, String> {
    let source = format!("slot asked: task {{\n    require {text}\n}}\n");
    let parsed = mu_syntax::parse(FileId(0), &source, &mut mu_syntax::Cache::default());
    let form = "write it as in a slot: `top1 on DATASET >= 97%`, `latency.p95 <= 5 ms as claimed`, `license in [MIT]`";
    if let Some(wrong) = parsed.diagnostics.first() {
        return Err(format!("`{text}` is no requirement: {}; {form}", wrong.message));
    }
    let only = match parsed.items.as_slice() {
        [item] => match &item.tree.kind {
            ItemKind::Slot(slot) if slot.objective.is_empty() && slot.at_request.is_none() => slot.requires.as_slice(),
            _ => &[],
        },
        _ => &[],
    };
    match only {
        [require] => read(require).map_err(|why| format!("`{text}` cannot be asked here: {why}; {form}")),
        _ => Err(format!("`{text}` is not one requirement; {form}")),
    }
}

fn read(require: &Require) -> Result<Asked, String> {
    if require.confidence.is_some() {
        return Err("`with confidence` is for programs, which say among how many models they choose".into());
    }
    let (left, op, right) = match &require.kind {
        RequireKind::License { path, allowed } => {
            return match path_of(path).as_str() {
                "license" => {
                    Ok(Asked::License { allowed: allowed.iter().map(|license| license.text.clone()).collect() })
                }
                other => Err(format!("`{other}` is compared with licences")),
            };
        }
        RequireKind::Compare { left, op, right } => (left, op, right),
    };
    let (Term::Trait(of), Term::Quantity(quantity)) = (left, right) else {
        return Err("a trait stands on the left and a number on the right".into());
    };
    let (base, factor) =
        Units::standard().resolve(&quantity.unit).map_err(|name| format!("there is no unit `{name}`"))?;
    Ok(Asked::Bound {
        path: path_of(of),
        dataset: of.dataset.as_ref().map(|name| name.text.clone()),
        op: match op {
            Compare::Lt => Op::Lt,
            Compare::Le => Op::Le,
            Compare::Gt => Op::Gt,
            Compare::Ge => Op::Ge,
            Compare::Eq => Op::Eq,
            Compare::Ne => Op::Ne,
        },
        bound: number(quantity.value) * factor,
        base,
        claimed: require.claimed.is_some(),
    })
}

fn path_of(of: &TraitRef) -> String {
    of.path.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_read_in_base_units() {
        let bound = |text: &str| match asked(text) {
            Ok(Asked::Bound { path, dataset, op, bound, base, claimed }) => (path, dataset, op, bound, base, claimed),
            other => panic!("{other:?}"),
        };
        let top1 = ("top1".into(), Some("holdout".into()), Op::Ge, 0.97, String::new(), false);
        assert_eq!(bound("top1 on holdout >= 97%"), top1);
        let latency = ("latency.p95".into(), None, Op::Le, 0.005, "s".into(), true);
        assert_eq!(bound("latency.p95 <= 5 ms as claimed"), latency);
        assert_eq!(bound("cost <= 2 USD per 1M requests").4, "USD/request");
        assert_eq!(bound("size < 3 MB").3, 3e6);
        let allowed = vec!["MIT".to_owned(), "Apache-2.0".to_owned()];
        assert_eq!(asked("license in [MIT, Apache-2.0]"), Ok(Asked::License { allowed }));
    }

    #[test]
    fn what_is_no_requirement_is_said() {
        for wrong in
            ["", "top1", "top1 >= 97%\n require size < 1 MB", "97% <= top1", "size < 3 pound", "}\nslot x: y {"]
        {
            let said = asked(wrong).unwrap_err();
            assert!(said.contains("write it as in a slot"), "{said}");
        }
    }
}
