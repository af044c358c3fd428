//! `bootstrap measure`: one process of a measurement, for `mulc models measure`. It loads the bundle as a server would, makes
//! so many calls, and says when it was ready and what each call took.

use crate::app::{App, Failure};
use crate::command::Measure;
use mu_format::input;
use mu_format::ir::Entry;
use mu_format::value::Value;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value as Json, json};
use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

/// Nanoseconds of a clock: `Monotonic` is the same in all processes of a machine.
fn now(clock: ClockId) -> i64 {
    let time = clock_gettime(clock);
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// Joins the control group that limits the process, where one is named: the limit holds from here on.
pub fn join(group: Option<&Path>) -> Result<(), String> {
    let Some(group) = group else { return Ok(()) };
    let list = group.join("cgroup.procs");
    fs::write(&list, "0").map_err(|error| format!("cannot enter the control group `{}`: {error}", list.display()))
}

/// Measures a bundle that was just read. The answer has times in nanoseconds: `ready`, when the models were loaded, on the
/// monotonic clock; `first`, what the first call took; for each further call `wall`, from the end of the one before it or,
/// where calls are spaced, from its own beginning, and `cpu`, the processor time of the process in it. `memory` is the peak of
/// resident memory in bytes.
pub fn measure(app: &App, request: &Measure) -> Result<Json, String> {
    app.warm()?;
    let ready = now(ClockId::Monotonic);
    let entry = app.entry(&request.function)?;
    let inputs = inputs(app, entry, &request.inputs)?;
    let call = |input: &Vec<Value>| {
        app.call(entry, input.clone(), None).map_err(|failure| match failure {
            Failure::Wrong(message) | Failure::Failed(message) => message,
        })
    };
    let mut inputs = inputs.iter().cycle();
    let mut next = || inputs.next().ok_or("there are no inputs");
    let start = now(ClockId::Monotonic);
    call(next()?)?;
    let first = now(ClockId::Monotonic) - start;
    let (mut wall, mut cpu) = (Vec::with_capacity(request.calls), Vec::with_capacity(request.calls));
    let mut last = now(ClockId::Monotonic);
    for i in 0..request.calls {
        let input = next()?;
        if !request.spacing.is_zero() {
            sleep(request.spacing + varied(request.spacing, i));
        }
        let used = now(ClockId::ProcessCPUTime);
        if !request.spacing.is_zero() {
            last = now(ClockId::Monotonic);
        }
        call(input)?;
        let end = now(ClockId::Monotonic);
        cpu.push(now(ClockId::ProcessCPUTime) - used);
        wall.push(end - last);
        last = end;
    }
    let runtime = mu_infer::RUNTIME;
    Ok(json!({ "runtime": runtime, "ready": ready, "first": first, "wall": wall, "cpu": cpu, "memory": peak()? }))
}

/// What is added to a pause, from nothing to half of it: so calls come at any moment of the periods in which a limited process
/// is granted its share.
fn varied(spacing: Duration, call: usize) -> Duration {
    spacing / 40 * (call * 7 % 20) as u32
}

/// The inputs of calls, one object a line, as `serve` takes them.
fn inputs(app: &App, entry: &Entry, file: &Path) -> Result<Vec<Vec<Value>>, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("cannot read `{}`: {error}", file.display()))?;
    let read = |line: &str| {
        let object = serde_json::from_str(line).map_err(|error| error.to_string())?;
        input::from_object(entry, &app.program().labels, &object)
    };
    let lines = text.lines().enumerate();
    lines.map(|(i, line)| read(line).map_err(|e| format!("{}, line {}: {e}", file.display(), i + 1))).collect()
}

/// The most memory that was resident, in bytes.
fn peak() -> Result<u64, String> {
    let status = fs::read_to_string("/proc/self/status").map_err(|error| format!("/proc/self/status: {error}"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.map(|kb| kb * 1024).ok_or_else(|| "/proc/self/status does not say the peak of memory".into())
}
