//! Dimensions and units.

use crate::cx::{At, Cx};
use crate::units::{Shown, Unit};
use mu_base::decimal::Decimal;
use mu_base::{Code, Diagnostic, suggest};
use mu_syntax::ast::{ItemKind, UnitExpr};

/// Reads all declarations of dimensions and units, in the order of the files; a unit sees those before it.
pub fn collect(cx: &mut Cx) {
    let percent = Unit { factor: Decimal::new(1, 2), shown: Shown("%".to_string()), ..Unit::one() };
    cx.units.insert("%".to_string(), percent);
    let modules = cx.modules;
    for (m, module) in modules.iter().enumerate() {
        for (i, item) in module.parsed.items.iter().enumerate() {
            let at = At { module: m, item: i };
            match &item.tree.kind {
                ItemKind::Dimension { name, unit } => {
                    cx.dimensions.insert(name.text.clone(), unit.text.clone());
                    declare(cx, at, unit, Unit::base(&unit.text));
                }
                ItemKind::Unit { name, factor, unit } => {
                    let Some(base) = resolve(cx, at, unit) else {
                        cx.broken_units.insert(name.text.clone());
                        continue;
                    };
                    if *factor <= Decimal::ZERO {
                        let loc = cx.loc(at, name.span);
                        cx.report(
                            Diagnostic::error(Code::BadLiteral, "a unit is more than nothing").at(loc, "of no size"),
                        );
                        cx.broken_units.insert(name.text.clone());
                        continue;
                    }
                    let scale = Unit { factor: *factor, ..Unit::one() };
                    let mut unit = base.times(&scale, 1).unwrap_or(base);
                    unit.shown = Shown(name.text.clone());
                    declare(cx, at, name, unit);
                }
                _ => {}
            }
        }
    }
}

fn declare(cx: &mut Cx, at: At, name: &mu_syntax::ast::Name, unit: Unit) {
    if cx.units.insert(name.text.clone(), unit).is_some() {
        let loc = cx.loc(at, name.span);
        cx.report(
            Diagnostic::error(Code::DuplicateName, format!("the unit `{}` is declared twice", name.text))
                .at(loc, "declared again here"),
        );
    }
}

/// The unit an expression spells; an unknown one is reported.
pub fn resolve(cx: &mut Cx, at: At, expr: &UnitExpr) -> Option<Unit> {
    let mut unit = Unit::one();
    let mut shown = String::new();
    for (i, (name, power)) in expr.terms.iter().enumerate() {
        if cx.broken_units.contains(&name.text) {
            return None;
        }
        let Some(part) = cx.units.get(&name.text).cloned() else {
            let loc = cx.loc(at, name.span);
            let mut diagnostic = Diagnostic::error(Code::UnknownUnit, format!("there is no unit `{}`", name.text))
                .at(loc, "not declared");
            if let Some(near) = suggest::nearest(&name.text, cx.units.keys().map(String::as_str)) {
                diagnostic =
                    diagnostic.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), loc, near);
            }
            cx.report(diagnostic);
            return None;
        };
        let Some(product) = unit.times(&part, *power) else {
            let loc = cx.loc(at, expr.span);
            cx.report(
                Diagnostic::error(Code::UnknownUnit, "the factor of this unit is out of range")
                    .at(loc, "too large or too small"),
            );
            return None;
        };
        unit = product;
        if *power < 0 {
            shown.push_str(if i == 0 { "1/" } else { "/" });
        } else if i > 0 {
            shown.push('*');
        }
        shown.push_str(&name.text);
        if power.abs() != 1 {
            shown.push_str(&format!("^{}", power.abs()));
        }
    }
    unit.shown = Shown(shown);
    Some(unit)
}
