//! `mulc deploy`: the plan that leads from what there is to what should be, shown and then carried out.

use super::deployed::{agreed, json};
use super::shipment::Shipment;
use super::{export, wrong};
use crate::cli::deploy::Deploy;
use crate::failure::Failure;
use crate::output;
use mu_cloud::{Event, Session, Shipped};
use mu_deploy::{Desired, Plan, Scope};
use serde_json::json;
use std::process::ExitCode;

pub fn run(asked: &Deploy) -> Result<ExitCode, Failure> {
    let Some(shipment) = Shipment::pack(&asked.program, asked.env.name.as_deref(), asked.lock)? else {
        return Ok(wrong());
    };
    match asked.export {
        Some(tool) => export::run(&shipment, tool, asked.out.as_deref()),
        None if asked.policy => export::policy(&shipment),
        None => deploy(&shipment, asked),
    }
}

fn deploy(shipment: &Shipment, asked: &Deploy) -> Result<ExitCode, Failure> {
    let session = Session::open(shipment.region()?.as_deref())?;
    let desired = shipment.desired(session.region())?;
    let actual = session.actual(&Scope::of(&desired))?;
    let plan = mu_deploy::plan(&desired, &actual)?;
    if !asked.consent.json {
        output::answer(&plan.to_string())?;
    }
    if asked.consent.dry_run || plan.steps.is_empty() {
        if asked.consent.json {
            json(&plan)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    if !agreed(asked.consent.yes, "\nDo it?")? {
        output::aside("nothing was done\n");
        return Ok(wrong());
    }
    // First the lock: nothing is to be live that it does not speak of.
    shipment.program.write_lock(shipment.compiled.lock.as_ref())?;
    let zip = shipment.program.place.made().join(format!("{}.zip", desired.project));
    mu_bundle::write(&zip, &shipment.zip)?;
    let shipped = Shipped { desired: &desired, actual: &actual, plan: &plan, zip: &zip };
    let done = session.deploy(shipped, &|event| {
        if let Event::Step(step) = event {
            output::aside(&format!("{step}\n"));
        }
    })?;
    if asked.consent.json {
        json(&json!({ "plan": plan, "versions": done.versions, "addresses": done.addresses }))?;
    } else {
        output::answer(&live(&desired, &plan, &done))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What callers get now.
fn live(desired: &Desired, plan: &Plan, done: &mu_cloud::Deployed) -> String {
    let mut text = String::new();
    for function in &desired.functions {
        let name = &function.name;
        let canary = plan.steps.iter().any(|step| {
            matches!(step, mu_deploy::Step::Switch(switch) if switch.function == *name && switch.canary.is_some())
        });
        if let Some(version) = done.versions.get(name) {
            let state = if canary { "on trial" } else { "live" };
            text.push_str(&format!("{name}:{} version {version} is {state}\n", function.alias.name));
        }
        if let Some(address) = done.addresses.get(name) {
            text.push_str(&format!("{name} answers at {address}\n"));
        }
    }
    if text.is_empty() { "done\n".to_owned() } else { text }
}
