//! The log: a JSON object a line on stderr, with metrics in CloudWatch's embedded metric format. What callers send is never in it.

use super::models::Models;
use crate::app::App;
use mu_format::bundle::Observe;
use mu_format::prefer::Weights;
use serde_json::{Map, Value as Json, json};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What is known of an event after its answer.
#[derive(Debug, Default)]
pub struct Note {
    /// The function that was called.
    pub entry: Option<String>,
    /// What the request weighed.
    pub weights: Option<Weights>,
    /// The best score in the answer.
    pub score: Option<f64>,
    /// How many errors the answer stands for: more than one for a batch.
    pub errors: usize,
    /// The type of the error.
    pub kind: Option<&'static str>,
    /// What went wrong, where the text cannot quote what the caller sent.
    pub message: Option<String>,
    /// The status of an HTTP answer.
    pub status: Option<u16>,
    /// Of a batch: how many messages it has.
    pub records: Option<usize>,
}

/// Whose event it was.
pub struct Ids<'a> {
    pub request: &'a str,
    pub trace: Option<&'a str>,
}

/// Writes the lines of events.
pub struct Log {
    /// `None` where nothing is written.
    observe: Option<Observe>,
    /// The value of the dimension `function`.
    function: String,
    version: Option<String>,
    app: Arc<App>,
    models: Models,
    /// What starting took.
    init: Duration,
    cold: AtomicBool,
}

impl Log {
    /// A log for a process that took `init` to start. Nothing is written of events where `on` is not set.
    pub fn new(app: Arc<App>, on: bool, function: String, version: Option<String>, init: Duration) -> Log {
        let observe = on.then(|| app.manifest().observe.clone().unwrap_or_default());
        let models = Models::new(app.program());
        Log { observe, function, version, app, models, init, cold: AtomicBool::new(true) }
    }

    /// Writes the line of an event, where it is one that is logged: errors and the first event always, of the others a share.
    pub fn event(&self, ids: &Ids<'_>, note: &Note, latency: Duration) {
        let cold = self.cold.swap(false, Ordering::Relaxed);
        let Some(observe) = &self.observe else { return };
        if cold || note.errors > 0 || is_sampled(ids.request, observe.sample) {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            write(&self.line(observe, ids, note, latency, cold, now.as_millis() as u64));
        }
    }

    fn line(&self, observe: &Observe, ids: &Ids<'_>, note: &Note, latency: Duration, cold: bool, now: u64) -> Json {
        let mut metrics = vec![
            ("Latency", "Milliseconds", json!(milliseconds(latency))),
            ("ColdStart", "Count", json!(u8::from(cold))),
            ("Errors", "Count", json!(note.errors)),
        ];
        if cold {
            metrics.push(("InitDuration", "Milliseconds", json!(milliseconds(self.init))));
        }
        if let Some(score) = note.score {
            metrics.push(("Score", "None", json!(score)));
        }
        let declared: Vec<Json> = metrics.iter().map(|(name, unit, _)| json!({"Name": name, "Unit": unit})).collect();
        let mut line = Map::new();
        let mut put = |name: &str, value: Option<Json>| {
            if let Some(value) = value {
                line.insert(name.into(), value);
            }
        };
        put("level", Some(if note.errors > 0 { "ERROR" } else { "INFO" }.into()));
        put("function", Some(self.function.as_str().into()));
        put("version", self.version.as_deref().map(Json::from));
        put("requestId", Some(ids.request.into()));
        put("traceId", ids.trace.map(Json::from));
        put("entry", note.entry.as_deref().map(Json::from));
        put(
            "models",
            note.entry.as_deref().map(|entry| self.models.of(self.app.program(), entry, note.weights.as_ref()).into()),
        );
        put("status", note.status.map(Json::from));
        put("records", note.records.map(Json::from));
        put("errorType", note.kind.map(Json::from));
        put("message", note.message.as_deref().map(Json::from));
        for (name, _, value) in metrics {
            put(name, Some(value));
        }
        let directive = json!([{"Namespace": observe.namespace, "Dimensions": [["function"]], "Metrics": declared}]);
        put("_aws", Some(json!({"Timestamp": now, "CloudWatchMetrics": directive})));
        Json::Object(line)
    }
}

/// Says what the user of a function should know, outside of any event.
pub fn warn(message: &str) {
    write(&json!({"level": "WARN", "message": message}));
}

/// In one piece, so that lines of two threads do not mix. A log that cannot be written must not stop the answers.
fn write(line: &Json) {
    std::io::stderr().write_all(format!("{line}\n").as_bytes()).ok();
}

/// To the microsecond.
fn milliseconds(time: Duration) -> f64 {
    time.as_micros() as f64 / 1e3
}

/// Whether an event is among the share that is logged. The same id gives the same answer everywhere.
fn is_sampled(id: &str, share: f64) -> bool {
    // FNV-1a, then the last steps of MurmurHash3, so that ids that differ in little differ in all bits.
    let hash =
        id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    let place = ((hash ^ (hash >> 33)) >> 11) as f64 / (1u64 << 53) as f64;
    place < share
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_ids_is_sampled_and_a_greater_share_holds_the_smaller() {
        let ids: Vec<String> = (0..10_000).map(|i| format!("8476a536-e9f4-11e8-9739-{i:012x}")).collect();
        let sampled = |share: f64| ids.iter().filter(|id| is_sampled(id, share)).count();
        assert_eq!((sampled(0.0), sampled(1.0)), (0, 10_000));
        for (share, least, most) in [(0.01, 70, 130), (0.1, 900, 1100), (0.5, 4800, 5200)] {
            assert!((least..most).contains(&sampled(share)), "{share}: {}", sampled(share));
        }
        assert!(ids.iter().all(|id| !is_sampled(id, 0.1) || is_sampled(id, 0.3)));
    }
}
