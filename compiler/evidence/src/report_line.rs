//! What Lambda says of each invocation in its log: the line that starts with `REPORT`, or the JSON record `platform.report`.

use serde_json::Value as Json;

/// Figures of one invocation that ended well, in base units.
#[derive(Debug, Clone, PartialEq)]
pub struct Invocation {
    /// From the event to the answer, in seconds.
    pub duration: f64,
    /// What is paid for, in seconds.
    pub billed: f64,
    /// What the function was given, in MB as Lambda counts them: 1,048,576 bytes.
    pub memory: u64,
    /// The most that it used, in the same unit.
    pub used: u64,
    /// What the environment took to start, in seconds; only where this invocation started it.
    pub init: Option<f64>,
}

/// The invocations that a log speaks of, in its order. Lines of other kinds are passed over, and so are invocations that
/// failed and lines that are cut off: they measure something else.
pub fn invocations(log: &str) -> Vec<Invocation> {
    log.lines().filter_map(|line| plain(line).or_else(|| record(line))).collect()
}

/// `REPORT RequestId: ... Duration: 1.23 ms  Billed Duration: 2 ms  Memory Size: 128 MB  Max Memory Used: 31 MB  Init Duration: ...`
fn plain(line: &str) -> Option<Invocation> {
    // What collects logs may put a time before it.
    let fields = line.split_once("REPORT RequestId:")?.1;
    let fields: Vec<(&str, &str)> = fields.split('\t').filter_map(|field| field.trim().split_once(": ")).collect();
    let text = |name: &str| fields.iter().find(|(known, _)| *known == name).map(|(_, value)| value.trim());
    let number = |name: &str, unit: &str| text(name)?.strip_suffix(unit)?.trim().parse::<f64>().ok();
    if text("Status").is_some_and(|status| status != "success") {
        return None;
    }
    figures(
        number("Duration", "ms")?,
        number("Billed Duration", "ms")?,
        number("Memory Size", "MB")?,
        number("Max Memory Used", "MB")?,
        number("Init Duration", "ms"),
    )
}

/// The same as JSON, where the function's log has that format.
fn record(line: &str) -> Option<Invocation> {
    let line: Json = serde_json::from_str(line.get(line.find('{')?..)?).ok()?;
    let record = line.get("record")?;
    let failed = record.get("status").and_then(Json::as_str).is_some_and(|status| status != "success");
    if failed || line.get("type")?.as_str()? != "platform.report" {
        return None;
    }
    let metrics = record.get("metrics")?;
    let number = |name: &str| metrics.get(name).and_then(Json::as_f64);
    figures(
        number("durationMs")?,
        number("billedDurationMs")?,
        number("memorySizeMB")?,
        number("maxMemoryUsedMB")?,
        number("initDurationMs"),
    )
}

fn figures(duration: f64, billed: f64, memory: f64, used: f64, init: Option<f64>) -> Option<Invocation> {
    let sound = |x: f64| x.is_finite() && x >= 0.0;
    let all = [duration, billed, memory, used].into_iter().chain(init).all(sound);
    (all && memory >= 1.0).then(|| Invocation {
        duration: duration * 1e-3,
        billed: billed * 1e-3,
        memory: memory as u64,
        used: used as u64,
        init: init.map(|ms| ms * 1e-3),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
INIT_START Runtime Version: provided:al2023.v90\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:6a1b
START RequestId: 8f5079a1-6d3f-4a0b-9d7a-0c5c7e6f1b11 Version: $LATEST
an own line with Duration: 5 ms in it
END RequestId: 8f5079a1-6d3f-4a0b-9d7a-0c5c7e6f1b11
REPORT RequestId: 8f5079a1-6d3f-4a0b-9d7a-0c5c7e6f1b11\tDuration: 12.34 ms\tBilled Duration: 28 ms\tMemory Size: 128 MB\tMax Memory Used: 31 MB\tInit Duration: 15.02 ms\t
XRAY TraceId: 1-5e34a614-10bdxmplf1fb44f07bc535a1\tSegmentId: 07f5xmpl2d1f6f85\tSampled: true
REPORT RequestId: 0b1c2d3e-0000-4a0b-9d7a-0c5c7e6f1b12\tDuration: 1.75 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 32 MB\t
2026-11-01T10:00:00.000Z REPORT RequestId: 0b1c2d3e-0000-4a0b-9d7a-0c5c7e6f1b13\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tMax Memory Used: 40 MB\tStatus: timeout
REPORT RequestId: 0b1c2d3e\tDuration: 1.75 ms\tBilled Dura
{\"time\":\"2026-11-01T10:00:01.000Z\",\"type\":\"platform.report\",\"record\":{\"requestId\":\"a\",\"metrics\":{\"durationMs\":2.5,\"billedDurationMs\":3,\"memorySizeMB\":256,\"maxMemoryUsedMB\":33},\"status\":\"success\"}}
{\"time\":\"2026-11-01T10:00:02.000Z\",\"type\":\"platform.report\",\"record\":{\"metrics\":{\"durationMs\":-2.5,\"billedDurationMs\":3,\"memorySizeMB\":256,\"maxMemoryUsedMB\":33}}}
{\"type\":\"platform.start\",\"record\":{}}
";

    #[test]
    fn cold_warm_and_json_reports_are_read_and_all_else_is_passed_over() {
        let cold = Invocation { duration: 0.01234, billed: 0.028, memory: 128, used: 31, init: Some(0.01502) };
        let warm = Invocation { duration: 0.00175, billed: 0.002, memory: 128, used: 32, init: None };
        let json = Invocation { duration: 0.0025, billed: 0.003, memory: 256, used: 33, init: None };
        assert_eq!(invocations(LOG), [cold, warm, json]);
    }

    #[test]
    fn garbage_gives_nothing() {
        for garbage in ["", "REPORT", "REPORT RequestId: \t\t: \tDuration: NaN ms", "{{{", "\u{0}\u{fffd}{\"type\":3}"]
        {
            assert_eq!(invocations(garbage), []);
        }
        let odd =
            "REPORT RequestId: a\tDuration: inf ms\tBilled Duration: 2 ms\tMemory Size: 0 MB\tMax Memory Used: 1 MB";
        assert_eq!(invocations(odd), []);
    }
}
