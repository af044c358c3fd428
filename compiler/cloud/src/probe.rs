//! A probe on Lambda: a function in the user's account that is called with several memory sizes, and deleted whatever happens.

use crate::Step;
use crate::error::{Again, Error, Failed, clean, failed};
use crate::retry::retry;
use crate::session::Session;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{Architecture, Environment, FunctionCode, LastUpdateStatus, LogType, Runtime, State};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::time::Duration;
use tokio::time::sleep;

const WHOM: &str = "AWS Lambda";
/// The function's name begins with it.
const NAME: &str = "mulc-calibrate";
/// Between looks at a function that is being changed.
const LOOK: Duration = Duration::from_millis(500);
/// Looks until a change counts as stuck: five minutes.
const LOOKS: u32 = 600;
/// The most that a call may take, in seconds.
const TIMEOUT: i32 = 60;

/// What is deployed, and how it is called.
#[derive(Debug, Clone)]
pub struct Probe {
    /// The bundle as a zip.
    pub zip: Vec<u8>,
    /// The function of the bundle.
    pub handler: String,
    /// As `deploy` names it: `x86_64`, `aarch64`.
    pub arch: String,
    /// The role that the function runs as.
    pub role: String,
    /// In MB.
    pub memory: Vec<u32>,
    /// JSON objects, taken in turn; at least one.
    pub events: Vec<String>,
    /// Calls of a new environment, for each size.
    pub cold: u32,
    /// Calls after that, for each size.
    pub warm: u32,
}

impl Session {
    /// Deploys the probe, calls it, deletes it, and gives what Lambda logged of the calls.
    pub fn probe(&self, probe: &Probe, progress: &dyn Fn(Step)) -> Result<String, Error> {
        let client = self.lambda();
        let hash: String = crate::hash_of(&probe.zip).chars().take(12).collect();
        let name = format!("{NAME}-{hash}");
        self.wait(async {
            create(&client, &name, probe).await?;
            let logs = call_all(&client, &name, probe, progress).await;
            let deleted = delete(&client, &name).await;
            match (logs, deleted) {
                (logs, Ok(())) => logs,
                (logs, Err(error)) => {
                    let why = logs.err().map_or(String::new(), |first| format!("{}; and ", first.message));
                    let message = format!("{why}the probe `{name}` is still there: {}", error.message);
                    Err(Error::outside(
                        message,
                        format!("delete it: `aws lambda delete-function --function-name {name}`"),
                    ))
                }
            }
        })
    }
}

async fn create(client: &Client, name: &str, probe: &Probe) -> Result<(), Error> {
    let first = probe.memory.first().copied().unwrap_or(128);
    let arch = if probe.arch == "aarch64" { Architecture::Arm64 } else { Architecture::X8664 };
    let created = retry(async || {
        let create = client.create_function().function_name(name).role(&probe.role).handler(&probe.handler);
        let create = create.runtime(Runtime::Providedal2023).architectures(arch.clone()).timeout(TIMEOUT);
        let create = create.memory_size(first as i32).tags("made-by", "mulc models calibrate");
        let create = create.code(FunctionCode::builder().zip_file(Blob::new(probe.zip.clone())).build());
        match create.send().await.map_err(|error| failed("deploy the probe", WHOM, error)) {
            Ok(_) => Ok(()),
            // A role that was made just now is not known everywhere at once.
            Err(failed) if failed.error.message.contains("cannot be assumed") => {
                Err(Failed { again: Again::Many, ..failed })
            }
            Err(failed) => Err(failed),
        }
    });
    match created.await {
        Ok(()) => Ok(()),
        Err(failed) if failed.code == "ResourceConflictException" => Err(Error::outside(
            format!("the function `{name}` exists already"),
            format!("another calibration runs, or one was ended: `aws lambda delete-function --function-name {name}`"),
        )),
        Err(failed) => Err(failed.into()),
    }
}

async fn delete(client: &Client, name: &str) -> Result<(), Error> {
    let deleted = retry(async || {
        client
            .delete_function()
            .function_name(name)
            .send()
            .await
            .map_err(|error| failed("delete the probe", WHOM, error))
    });
    match deleted.await {
        Ok(_) => Ok(()),
        Err(failed) if failed.status == 404 => Ok(()),
        Err(failed) => Err(failed.into()),
    }
}

/// Calls the probe with every size, cold and warm; gives the logs.
async fn call_all(client: &Client, name: &str, probe: &Probe, progress: &dyn Fn(Step)) -> Result<String, Error> {
    settled(client, name).await?;
    let each = probe.cold + probe.warm;
    progress(Step::Planned { files: probe.memory.len(), bytes: u64::from(each) * probe.memory.len() as u64 });
    let mut events = probe.events.iter().cycle();
    let mut logs = String::new();
    for memory in &probe.memory {
        for call in 0..each {
            if call < probe.cold {
                // A change of the settings makes Lambda start a new environment.
                configure(client, name, *memory, call).await?;
            }
            let event = events.next().map(String::as_str).unwrap_or("{}");
            logs.push_str(&invoke(client, name, event).await?);
            logs.push('\n');
            progress(Step::Done { bytes: 1 });
        }
    }
    Ok(logs)
}

async fn configure(client: &Client, name: &str, memory: u32, number: u32) -> Result<(), Error> {
    let number = Environment::builder().variables("MULC_CALIBRATE", number.to_string()).build();
    let changed = retry(async || {
        let update = client.update_function_configuration().function_name(name).memory_size(memory as i32);
        let update = update.environment(number.clone());
        update.send().await.map_err(|error| still_changing(failed("change the probe's memory", WHOM, error)))
    });
    changed.await?;
    settled(client, name).await
}

/// Waits until the function can be called.
async fn settled(client: &Client, name: &str) -> Result<(), Error> {
    for _ in 0..LOOKS {
        let found = retry(async || {
            let get = client.get_function_configuration().function_name(name);
            get.send().await.map_err(|error| failed("look at the probe", WHOM, error))
        });
        let found = found.await?;
        let reason = found.state_reason().or(found.last_update_status_reason()).map(clean).unwrap_or_default();
        match (found.state(), found.last_update_status()) {
            (Some(State::Failed), _) | (_, Some(LastUpdateStatus::Failed)) => {
                return Err(Error::outside(
                    format!("{WHOM} cannot run the probe: {reason}"),
                    "see the role and the limits",
                ));
            }
            (Some(State::Pending), _) | (_, Some(LastUpdateStatus::InProgress)) => sleep(LOOK).await,
            _ => return Ok(()),
        }
    }
    Err(Error::outside(format!("{WHOM} does not get the probe ready"), "say it again later"))
}

/// Calls the function; gives the end of its log.
async fn invoke(client: &Client, name: &str, event: &str) -> Result<String, Error> {
    let called = retry(async || {
        let call = client.invoke().function_name(name).log_type(LogType::Tail).payload(Blob::new(event));
        call.send().await.map_err(|error| still_changing(failed("call the probe", WHOM, error)))
    });
    let answer = called.await?;
    if let Some(error) = answer.function_error() {
        let said =
            answer.payload().map(|payload| clean(&String::from_utf8_lossy(payload.as_ref()))).unwrap_or_default();
        let message = format!("the probe failed on {WHOM}: {} {said}", clean(error));
        return Err(Error::outside(
            message,
            "see whether it runs here: `mulc models measure`; or probe with another model",
        ));
    }
    let log = STANDARD.decode(answer.log_result().unwrap_or_default()).unwrap_or_default();
    Ok(String::from_utf8_lossy(&log).into_owned())
}

/// An update that is under way is waited for.
fn still_changing(failed: Failed) -> Failed {
    match failed.code == "ResourceConflictException" {
        true => Failed { again: Again::Many, ..failed },
        false => failed,
    }
}
