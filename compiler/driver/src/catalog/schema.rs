//! In what traits and metrics are measured, as the schema declares them.

use mu_analysis::Analysis;
use mu_analysis::names::DefId;
use mu_lower::compose::number;
use mu_select::UnitShow;
use mu_syntax::ast::{Direction, ItemKind, TraitUnit, UnitExpr};
use std::collections::BTreeMap;

/// In what a trait is measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// Its base unit: `s`, `byte`, `USD/request`; empty for ratios and counts.
    pub base: String,
    /// How its values are shown.
    pub unit: UnitShow,
    /// Whether larger values are better.
    pub higher: bool,
}

/// The declarations that say it.
pub(crate) struct Schema<'a> {
    analysis: &'a Analysis,
    /// The base unit of each dimension.
    dimensions: BTreeMap<&'a str, &'a str>,
    traits: BTreeMap<String, Measure>,
}

impl<'a> Schema<'a> {
    pub fn of(analysis: &'a Analysis) -> Schema<'a> {
        let items = || analysis.modules.iter().flat_map(|module| &module.parsed.items).map(|item| &item.tree.kind);
        let mut dimensions = BTreeMap::new();
        for item in items() {
            if let ItemKind::Dimension { name, unit } = item {
                dimensions.insert(name.text.as_str(), unit.text.as_str());
            }
        }
        let mut schema = Schema { analysis, dimensions, traits: BTreeMap::new() };
        for item in items() {
            let ItemKind::Trait(declared) = item else { continue };
            let path = declared.path.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(".");
            // A licence has no direction and no unit.
            if let Some(direction) = declared.direction {
                let measure = schema.measure(&declared.unit, direction);
                schema.traits.insert(path, measure);
            }
        }
        schema
    }

    /// Every trait of a model of a task, by path.
    pub fn of_task(&self, task: DefId) -> BTreeMap<String, Measure> {
        let mut found = self.traits.clone();
        let def = self.analysis.names.get(task);
        let item = self.analysis.modules.get(def.module).and_then(|module| module.parsed.items.get(def.item));
        if let Some(ItemKind::Task(task)) = item.map(|item| &item.tree.kind) {
            let metrics = task.metrics.iter();
            found.extend(metrics.map(|m| (m.name.text.clone(), self.measure(&m.unit, m.direction))));
        }
        found
    }

    fn measure(&self, unit: &TraitUnit, direction: Direction) -> Measure {
        let mut exponents: BTreeMap<String, i32> = BTreeMap::new();
        let mut ratio = false;
        for (name, power) in &unit.terms {
            match self.dimensions.get(name.text.as_str()) {
                Some(base) => *exponents.entry((*base).to_owned()).or_default() += power,
                // Of the rest only ratios are written with a unit: counts and the unit of a task's generic are plain.
                None => ratio |= name.text == "ratio",
            }
        }
        let base = spell(&exponents);
        let (factor, suffix) = match base.as_str() {
            "" if ratio => (0.01, "%".to_owned()),
            "" => (1.0, String::new()),
            "s" => (1e-3, " ms".to_owned()),
            "byte" => (1e3, " kB".to_owned()),
            "USD/request" => (1e-6, " USD per 1M requests".to_owned()),
            other => (1.0, format!(" {other}")),
        };
        Measure { base, unit: UnitShow { factor, suffix }, higher: direction == Direction::Higher }
    }
}

/// `USD/request`: those over the line first, each in byte order.
fn spell(exponents: &BTreeMap<String, i32>) -> String {
    let part = |over: bool| {
        let chosen = exponents.iter().filter(move |(_, power)| if over { **power > 0 } else { **power < 0 });
        chosen.map(|(name, power)| match power.unsigned_abs() {
            1 => name.clone(),
            power => format!("{name}^{power}"),
        })
    };
    let over = part(true).collect::<Vec<_>>().join("*");
    let under: String = part(false).map(|unit| format!("/{unit}")).collect();
    match (over.is_empty(), under.is_empty()) {
        (true, false) => format!("1{under}"),
        _ => format!("{over}{under}"),
    }
}

/// The units of the standard library: what one of each is in base units.
pub(crate) struct Units {
    known: BTreeMap<String, (BTreeMap<String, i32>, f64)>,
}

impl Units {
    pub fn standard() -> Units {
        let mut units = Units { known: BTreeMap::from([("%".to_owned(), (BTreeMap::new(), 0.01))]) };
        let mut cache = mu_syntax::Cache::default();
        for (_, text) in mu_analysis::project::FILES {
            let parsed = mu_syntax::parse(mu_base::FileId(0), text, &mut cache);
            for item in &parsed.items {
                match &item.tree.kind {
                    ItemKind::Dimension { unit, .. } => {
                        units.known.insert(unit.text.clone(), (BTreeMap::from([(unit.text.clone(), 1)]), 1.0));
                    }
                    ItemKind::Unit { name, factor, unit } => {
                        if let Ok((exponents, one)) = units.exponents(unit) {
                            units.known.insert(name.text.clone(), (exponents, number(*factor) * one));
                        }
                    }
                    _ => {}
                }
            }
        }
        units
    }

    /// The base unit and how many of it one is; the error is the name of what is no unit.
    pub fn resolve(&self, unit: &UnitExpr) -> Result<(String, f64), String> {
        self.exponents(unit).map(|(exponents, factor)| (spell(&exponents), factor))
    }

    fn exponents(&self, unit: &UnitExpr) -> Result<(BTreeMap<String, i32>, f64), String> {
        let mut exponents: BTreeMap<String, i32> = BTreeMap::new();
        let mut factor = 1.0;
        for (name, power) in &unit.terms {
            let (of, one) = self.known.get(&name.text).ok_or_else(|| name.text.clone())?;
            factor *= one.powi(*power);
            of.iter().for_each(|(base, exponent)| *exponents.entry(base.clone()).or_default() += exponent * power);
        }
        exponents.retain(|_, power| *power != 0);
        Ok((exponents, factor))
    }
}
