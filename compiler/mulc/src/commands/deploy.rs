//! `mulc deploy`: the plan that leads from what there is to what should be, shown and then carried out.

use super::shipment::Shipment;
use super::{export, wrong};
use crate::cli::deploy::Deploy;
use crate::failure::Failure;
use std::process::ExitCode;

pub fn run(asked: &Deploy) -> Result<ExitCode, Failure> {
    let Some(shipment) = Shipment::pack(&asked.program, asked.env.name.as_deref(), asked.lock)? else {
        return Ok(wrong());
    };
    match asked.export {
        Some(tool) => export::run(&shipment, tool, asked.out.as_deref()),
        None if asked.policy => export::policy(&shipment),
        None => Err(Failure::request("to be filled in")),
    }
}
