//! What single forms are parsed to: precedence, places, docs, quantities.

use crate::render::{parsed, report, slice};
use mu_syntax::ast::{Expr, ExprKind, ItemKind, RequireKind, Stmt, Term};
use mu_syntax::dump;

/// How an expression is printed, that is, grouped.
fn grouped(source: &str) -> String {
    let text = format!("const x = {source}");
    let file = parsed(&text);
    assert!(file.diagnostics.is_empty(), "{}", report(&text, &file.diagnostics));
    let printed = dump(&file);
    let lines = printed.lines().filter(|line| !line.starts_with("//")).collect::<Vec<_>>().join(" ");
    lines.strip_prefix("const x = ").unwrap().trim_end().to_owned()
}

#[test]
fn operators_bind_in_the_stated_order() {
    for (source, expected) in [
        ("a + b * c", "(a + (b * c))"),
        ("a - b - c", "((a - b) - c)"),
        ("a / b / c * d", "(((a / b) / c) * d)"),
        ("a or b and c", "(a or (b and c))"),
        ("a < b and c == d", "((a < b) and (c == d))"),
        ("not a and b", "((not a) and b)"),
        ("- a.b", "(-a.b)"),
        ("not - a", "(not (-a))"),
        ("a * -b", "(a * (-b))"),
        ("-x in cm", "((-x) in cm)"),
        ("a * x in cm", "(a * (x in cm))"),
        ("a + b |> f |> g(1)", "(((a + b) |> f()) |> g(1))"),
        ("(a + b) * c", "((a + b) * c)"),
        ("f(a)[1..n - 1].b[0]", "f(a)[1..(n - 1)].b[0]"),
    ] {
        assert_eq!(grouped(source), expected, "{source}");
    }
}

#[test]
fn a_unit_follows_a_number_and_nothing_else() {
    for (source, expected) in [
        ("row.age / 1 year - 48.5", "((row.age / 1 year) - 48.5)"),
        ("1 kg/m^2", "1 kg/m^2"),
        ("1 kg / m", "(1 kg / m)"),
        ("5 ms*2", "(5 ms * 2)"),
        ("5 1/s", "5 1/s"),
        ("1/s", "(1 / s)"),
        ("97%", "97 %"),
        ("if a > 5 then 1 else 2", "(if (a > 5) {     1 } else {     2 })"),
        ("5 m in cm", "(5 m in cm)"),
        ("[1 s, 2 s]", "[1 s, 2 s]"),
    ] {
        assert_eq!(grouped(source), expected, "{source}");
    }
}

#[test]
fn words_of_items_are_names_elsewhere() {
    let text = "fn f(model: Text, test: Text, unit: f32) -> Text {\n    let count = file(model, trait: test)\n    count.model\n}";
    let file = parsed(text);
    assert!(file.diagnostics.is_empty(), "{}", report(text, &file.diagnostics));
}

fn last(text: &str) -> Expr {
    let file = parsed(text);
    assert!(file.diagnostics.is_empty(), "{}", report(text, &file.diagnostics));
    let ItemKind::Fn(function) = &file.items.last().unwrap().tree.kind else { panic!("{text}") };
    let Some(Stmt::Expr(value)) = function.body.stmts.last() else { panic!("{text}") };
    value.clone()
}

#[test]
fn a_newline_separates_only_where_a_line_is_complete() {
    for (body, statements) in [
        ("a\n    |> f", 1),
        ("a +\n    b", 1),
        ("a\n    and b", 1),
        ("a\n    - b", 2),
        ("f(\n  a,\n\n  b\n)", 1),
        ("if a { b }\n    else { c }", 1),
        ("if a\n    then b\n    else c", 1),
        ("a // why\n    // comment\n\n    b", 2),
        ("let b =\n    // why\n    a\n    b", 2),
        ("a >\n    b", 1),
        ("a\n    .b", 1),
    ] {
        let text = format!("fn f(a: f32) -> f32 {{\n    {body}\n}}\n");
        let file = parsed(&text);
        assert!(file.diagnostics.is_empty(), "{}", report(&text, &file.diagnostics));
        let ItemKind::Fn(function) = &file.items[0].tree.kind else { panic!() };
        assert_eq!(function.body.stmts.len(), statements, "{body}");
    }
}

#[test]
fn places_cover_what_was_written_and_are_relative_to_the_item() {
    let text = "// first\n/// docs\nfn f(a: f32) -> f32 {\n    (a + 1 kg ) * b  |> g(c)  \n}\n";
    let file = parsed(text);
    let item = &file.items[0];
    assert_eq!(item.docs, "docs");
    assert_eq!(item.offset as usize, text.find("fn").unwrap());
    let proper = &text[item.offset as usize..];
    let call = last(text);
    assert_eq!(slice(proper, call.span), "(a + 1 kg ) * b  |> g(c)");
    let ExprKind::Call { args, callee, .. } = &call.kind else { panic!() };
    assert_eq!(slice(proper, callee.span), "g");
    let ExprKind::Binary { left, op_span, right, .. } = &args[0].value.kind else { panic!() };
    assert_eq!(slice(proper, left.span), "(a + 1 kg )");
    assert_eq!(slice(proper, *op_span), "*");
    assert_eq!(slice(proper, right.span), "b");
}

#[test]
fn quantities_are_exact_and_per_divides() {
    let text = "deploy f {\n    budget cost <= 2 USD per 1M requests\n    budget n < 100k\n    budget a >= -0.5 %\n}";
    let file = parsed(text);
    let ItemKind::Deploy(deploy) = &file.items[0].tree.kind else { panic!() };
    let values = deploy.budgets.iter().map(|budget| match &budget.kind {
        RequireKind::Compare { right: Term::Quantity(quantity), .. } => {
            let terms = quantity.unit.terms.iter().map(|(name, exponent)| (name.text.as_str(), *exponent));
            (quantity.value.to_string(), terms.collect::<Vec<_>>())
        }
        other => panic!("{other:?}"),
    });
    let expected = [
        ("0.000002".to_owned(), vec![("USD", 1), ("requests", -1)]),
        ("100000".to_owned(), vec![]),
        ("-0.5".to_owned(), vec![("%", 1)]),
    ];
    assert!(values.eq(expected));
}

#[test]
fn the_name_of_a_broken_item_is_known() {
    for (source, name) in [
        ("fn f(a: ) -> f32 { a }", Some("f")),
        ("fn g(a: f32 {", Some("g")),
        ("builtin fn h(", Some("h")),
        ("slot s: { }", Some("s")),
        ("record { }", None),
        ("deploy f { } x", None),
        ("labels L = 1", Some("L")),
    ] {
        let file = parsed(source);
        assert_eq!(file.diagnostics.len(), 1, "{source}");
        let ItemKind::Broken { name: found } = &file.items[0].tree.kind else { panic!("{source}") };
        assert_eq!(found.as_ref().map(|n| n.text.as_str()), name, "{source}");
    }
}
