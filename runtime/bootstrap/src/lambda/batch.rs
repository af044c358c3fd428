//! Batches of messages from SQS: each is answered for itself, and those that failed are named, so that only they come again.

use super::deadline::Watch;
use super::event::{FAILED, Problem, WRONG};
use super::log::Note;
use crate::app::App;
use mu_format::ir::Entry;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// The messages of a batch; `None` where the event is none.
pub fn records(event: &Json) -> Option<&[Json]> {
    let records = event.get("Records")?.as_array()?;
    let is_message = |record: &Json| record.get("eventSource").and_then(Json::as_str) == Some("aws:sqs");
    (!records.is_empty() && records.iter().all(is_message)).then_some(records)
}

/// The answer that sends messages back to their queue.
pub fn failures(ids: &[String]) -> Json {
    let items: Vec<Json> = ids.iter().map(|id| json!({"itemIdentifier": id})).collect();
    json!({ "batchItemFailures": items })
}

/// Calls the function with the body of each message, an object of its inputs. The messages of a group stay in their order: after one
/// has failed, those that follow it in its group are sent back too.
pub fn answer(app: &App, entry: &Entry, records: &[Json], watch: &Watch, note: &mut Note) -> Result<Json, Problem> {
    note.records = Some(records.len());
    let text = |record: &Json, name: &str| record.get(name).and_then(Json::as_str).map(str::to_string);
    let ids: Option<Vec<String>> = records.iter().map(|record| text(record, "messageId")).collect();
    let ids = ids.ok_or_else(|| Problem::new(WRONG, "a message of the batch has no `messageId`"))?;
    watch.batch(&ids);
    let (mut failed, mut stopped) = (Vec::new(), BTreeSet::new());
    for (record, id) in records.iter().zip(ids) {
        let group = record.pointer("/attributes/MessageGroupId").and_then(Json::as_str);
        let done = match group {
            Some(group) if stopped.contains(group) => {
                Err(Problem::new(FAILED, "a message before it in its group failed"))
            }
            _ => call(app, entry, record),
        };
        watch.settle(done.is_err());
        if let Err(problem) = done {
            stopped.extend(group);
            failed.push(id);
            (note.kind, note.message) = (Some(problem.kind), problem.loggable());
        }
    }
    note.errors = failed.len();
    Ok(failures(&failed))
}

fn call(app: &App, entry: &Entry, record: &Json) -> Result<(), Problem> {
    let body = record.get("body").and_then(Json::as_str).unwrap_or_default();
    let inputs = serde_json::from_str(body).map_err(|e| Problem::new(WRONG, format!("the message is no JSON: {e}")))?;
    app.call_json(entry, inputs, None)?;
    Ok(())
}
