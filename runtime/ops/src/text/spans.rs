//! Stretches of a text with labels, counted for metrics.

use crate::call::{Call, one};
use crate::error::Outcome;
use mu_format::value::Value;

/// Label, start and end of an `Entity`.
fn spans(call: &Call, i: usize) -> Outcome<Vec<(u32, i64, i64)>> {
    let span = |value: &Value| match value {
        Value::Record(fields) => match fields.as_slice() {
            [Value::Label(label), _, start, end] => Some((*label, one(start)?, one(end)?)),
            _ => None,
        },
        _ => None,
    };
    call.list(i)?.iter().map(|value| span(value).ok_or_else(|| call.wrong("an element is no entity"))).collect()
}

/// Each entity agrees with one of the other list at most.
pub(crate) fn agreeing(call: &Call) -> Outcome<Value> {
    let mut open = spans(call, 1)?;
    let mut agreeing = 0;
    for span in spans(call, 0)? {
        if let Some(at) = open.iter().position(|other| *other == span) {
            open.swap_remove(at);
            agreeing += 1;
        }
    }
    Ok(Value::I64(agreeing))
}
