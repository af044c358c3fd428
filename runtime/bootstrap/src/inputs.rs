//! The inputs of a function from an HTTP request: from its query, and from its body by its content type.

use crate::app::App;
use crate::route::{Refused, Request};
use mu_format::input;
use mu_format::ir::{Entry, Param};
use mu_format::prefer::{self, Weights};
use mu_format::types::Type;
use mu_format::value::Value;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value as Json};

/// The arguments of a request in the order of the parameters, and what it weighs; or what is wrong.
///
/// An input is given once, in the query (as on the command line) or in the body: a JSON object of inputs, or, with another content
/// type, the one input that the query leaves open. What the body weighs counts before what the header does.
pub fn of_request(app: &App, entry: &Entry, request: Request) -> Result<(Vec<Value>, Option<Weights>), Refused> {
    let weights = request.prefer.as_deref().map(Weights::from_text).transpose();
    let mut weights = weights.map_err(|message| Refused::new(400, format!("{}: {message}", prefer::HEADER)))?;
    let labels = &app.program().labels;
    let mut values = from_query(entry, labels, &request.query).map_err(|message| Refused::new(400, message))?;
    let open = entry.params.iter().zip(&values).filter(|(_, value)| value.is_none()).map(|(param, _)| param.clone());
    let open = Entry { params: open.collect(), ..entry.clone() };
    let kind = request.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let from_body = if request.body.is_empty() && request.method != "POST" {
        input::from_object(&open, labels, &Map::new())
    } else if kind.is_empty() || kind == "application/json" || kind.ends_with("+json") {
        object(&request.body).and_then(|mut object| {
            let own = object.remove(prefer::FIELD).map(|field| Weights::from_json(&field)).transpose()?;
            weights = own.or(weights.take());
            match entry.params.iter().find(|p| object.contains_key(&p.name) && !open.params.contains(p)) {
                Some(param) => Err(format!("$.{}: the query gives this input too", param.name)),
                None => input::from_object(&open, labels, &object),
            }
        })
    } else {
        let param = single(&open, &kind)?;
        input::from_bytes(request.body, &param.ty, labels, &format!("$.{}", param.name)).map(|value| vec![value])
    };
    let mut rest = from_body.map_err(|message| Refused::new(400, message))?.into_iter();
    values.iter_mut().filter(|value| value.is_none()).for_each(|value| *value = rest.next());
    Ok((values.into_iter().flatten().collect(), weights))
}

/// What the query gives of each parameter.
fn from_query(entry: &Entry, labels: &[Vec<String>], query: &str) -> Result<Vec<Option<Value>>, String> {
    let mut values = vec![None; entry.params.len()];
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(name)?, decoded(value)?);
        let found = entry.params.iter().zip(&mut values).find(|(param, _)| param.name == name);
        let Some((param, place)) = found else {
            return Err(format!("$.{name}: `{}` has no such input, only {}", entry.name, names(&entry.params)));
        };
        if place.replace(input::from_text(&value, param, labels)?).is_some() {
            return Err(format!("$.{name}: the query gives this input twice"));
        }
    }
    Ok(values)
}

fn decoded(text: &str) -> Result<String, String> {
    let spaced = text.replace('+', " ");
    let text = percent_decode_str(&spaced).decode_utf8().map(|text| text.into_owned());
    text.map_err(|_| "the query is no UTF-8".into())
}

fn names(params: &[Param]) -> String {
    let names: Vec<String> = params.iter().map(|param| format!("`{}`", param.name)).collect();
    if names.is_empty() { "none at all".into() } else { names.join(", ") }
}

fn object(body: &[u8]) -> Result<Map<String, Json>, String> {
    match serde_json::from_slice(body) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(_) => Err("expected a JSON object of the inputs".into()),
        Err(e) => Err(format!("the body is no JSON: {e}")),
    }
}

/// The one input that is open, where a body of the content type can be it.
fn single<'a>(open: &'a Entry, kind: &str) -> Result<&'a Param, Refused> {
    let [param] = open.params.as_slice() else {
        let count = open.params.len();
        let message = format!("`{}` takes {count} inputs: send them as a JSON object (application/json)", open.name);
        return Err(Refused::new(415, message));
    };
    let fits = match kind {
        "image/png" | "image/jpeg" => param.ty == Type::Image,
        "audio/wav" | "audio/x-wav" | "audio/wave" | "audio/vnd.wave" => param.ty == Type::Audio,
        "text/plain" => param.ty == Type::Text,
        "application/x-npy" => matches!(param.ty, Type::Tensor(..)),
        "application/octet-stream" => {
            matches!(param.ty, Type::Image | Type::Audio | Type::Bytes | Type::Tensor(..))
        }
        _ => false,
    };
    if fits {
        return Ok(param);
    }
    let also = match param.ty {
        Type::Image => ", image/png or image/jpeg",
        Type::Audio => " or audio/wav",
        Type::Text => " or text/plain",
        Type::Bytes => " or application/octet-stream",
        Type::Tensor(..) => ", application/x-npy or application/octet-stream",
        _ => "",
    };
    Err(Refused::new(415, format!("`{}` takes application/json{also}, not {kind}", open.name)))
}
