//! What an event asks for, told by its shape, and what is answered to it.

use super::batch;
use super::deadline::Watch;
use super::log::Note;
use super::url;
use crate::app::{App, Failure};
use crate::route::MOST_BYTES;
use mu_format::ir::Entry;
use mu_format::prefer::{self, Weights};
use mu_format::types::Type;
use serde_json::{Value as Json, json};

/// An error that is an event's answer.
pub struct Problem {
    pub kind: &'static str,
    pub message: String,
}

impl Problem {
    pub fn new(kind: &'static str, message: impl Into<String>) -> Problem {
        Problem { kind, message: message.into() }
    }

    /// As Lambda passes it on to the caller.
    pub fn to_json(&self) -> Json {
        json!({"errorType": self.kind, "errorMessage": self.message, "stackTrace": []})
    }

    /// The text for the log: what callers did wrong may quote what they sent, which is theirs.
    pub fn loggable(&self) -> Option<String> {
        (self.kind != WRONG).then(|| self.message.clone())
    }
}

/// The type of errors that are the caller's to mend.
pub const WRONG: &str = "BadRequest";
/// The type of errors that are not.
pub const FAILED: &str = "Failed";

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Problem {
        match failure {
            Failure::Wrong(message) => Problem::new(WRONG, message),
            Failure::Failed(message) => Problem::new(FAILED, message),
        }
    }
}

/// An answer in bytes, and what the log says of it.
pub struct Outcome {
    pub answer: Result<Vec<u8>, Problem>,
    pub note: Note,
}

/// Answers one event. `entry` is the function that events are for, where that is clear; `watch` is told how far a batch is.
pub fn answer(app: &App, entry: Option<&Entry>, event: &[u8], watch: &Watch) -> Outcome {
    let mut note = Note { entry: entry.map(|entry| entry.name.clone()), ..Note::default() };
    let answer = reply(app, entry, event, watch, &mut note).and_then(|json| {
        let bytes = json.to_string().into_bytes();
        match bytes.len() {
            0..=MOST_BYTES => Ok(bytes),
            size => {
                Err(Problem::new("TooLarge", format!("the answer has {size} bytes, more than Lambda's {MOST_BYTES}")))
            }
        }
    });
    if let Err(problem) = &answer {
        (note.errors, note.kind, note.message) = (1, Some(problem.kind), problem.loggable());
    }
    Outcome { answer, note }
}

fn reply(app: &App, entry: Option<&Entry>, event: &[u8], watch: &Watch, note: &mut Note) -> Result<Json, Problem> {
    let event: Json =
        serde_json::from_slice(event).map_err(|e| Problem::new(WRONG, format!("the event is no JSON: {e}")))?;
    if let Some(http) = event.pointer("/requestContext/http").and_then(Json::as_object) {
        return Ok(url::answer(app, entry, &event, http, note));
    }
    if event.get("httpMethod").is_some() && event.get("requestContext").is_some() {
        return Err(Problem::new(
            WRONG,
            "an event in API Gateway's payload format 1.0: set the integration to format 2.0",
        ));
    }
    let named = || {
        let names = app.names();
        Problem::new("Handler", format!("name one of {names} as the handler: the bundle has several functions"))
    };
    let entry = entry.ok_or_else(named)?;
    if let Some(records) = batch::records(&event) {
        return batch::answer(app, entry, records, watch, note);
    }
    note.weights = event.get(prefer::FIELD).and_then(|field| Weights::from_json(field).ok());
    let answer = app.call_json(entry, event, None)?;
    note.score = score(&entry.result, &answer);
    Ok(answer)
}

/// How sure an answer is, where it says so: the best score of a ranking, the field `score` of a record, of an option that of its
/// value.
pub fn score(ty: &Type, answer: &Json) -> Option<f64> {
    match ty {
        Type::Ranking(_) => answer.get(0)?.get("score")?.as_f64(),
        Type::Record(_) => answer.get("score")?.as_f64(),
        Type::Option(inner) => score(inner, answer),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mu_format::tensor::DType;

    #[test]
    fn answers_that_say_how_sure_they_are_have_a_score() {
        let label = ("label".to_string(), Type::Label(0));
        let best = Type::Record(vec![label, ("score".into(), Type::scalar(DType::F32))]);
        let ranking = json!([{"label": "b", "score": 0.75}, {"label": "a", "score": 0.25}]);
        assert_eq!(score(&Type::Ranking(0), &ranking), Some(0.75));
        assert_eq!(score(&best, &json!({"label": "b", "score": 0.5})), Some(0.5));
        assert_eq!(score(&Type::Option(Box::new(best.clone())), &json!({"label": "b", "score": 0.5})), Some(0.5));
        assert_eq!(score(&Type::Option(Box::new(best)), &Json::Null), None);
        assert_eq!(score(&Type::Label(0), &json!("b")), None);
    }
}
