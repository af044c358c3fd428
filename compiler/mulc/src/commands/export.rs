//! `mulc deploy --export` and `--policy`: the deployment for those who use their own tool, and the rights it needs.

use super::internal_fault;
use super::shipment::Shipment;
use crate::cli::deploy::Tool;
use crate::failure::Failure;
use crate::output;
use mu_deploy::{Desired, Export, Policy};
use serde::Serialize;
use std::path::Path;
use std::process::ExitCode;

/// Writes the deployment for a tool, with the zip beside it, and prints where.
pub fn run(shipment: &Shipment, tool: Tool, out: Option<&Path>) -> Result<ExitCode, Failure> {
    let export = match tool {
        Tool::CloudFormation => Export::CloudFormation,
        Tool::Sam => Export::Sam,
        Tool::Terraform => Export::Terraform,
    };
    let desired = said(shipment)?;
    let program = &shipment.program;
    let out = match out {
        Some(out) => out.to_path_buf(),
        None => program.place.made().join("export").join(export.name()),
    };
    let zip = format!("{}.zip", desired.project);
    let text = pretty(&export.of(&desired, &zip))?;
    program.write_lock(shipment.compiled.lock.as_ref())?;
    mu_bundle::write(&out.join(&zip), &shipment.zip)?;
    let file = out.join(export.file_name());
    mu_bundle::write(&file, text.as_bytes())?;
    if program.format.is_for_people() {
        export.notes(&desired, &zip).iter().for_each(|note| output::aside(&format!("{note}\n")));
    }
    output::answer(&format!("{}\n", file.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the rights that whoever deploys needs, as IAM takes them. Where the account is not known, `*` stands for it.
pub fn policy(shipment: &Shipment) -> Result<ExitCode, Failure> {
    let desired = said(shipment)?;
    let account = desired.account.clone().unwrap_or_else(|| "*".to_owned());
    let partition = partition(&desired.region);
    let filled = Policy::of_deployer(&desired).with(|resource| {
        resource
            .replace("${AWS::Partition}", partition)
            .replace("${AWS::Region}", &desired.region)
            .replace("${AWS::AccountId}", &account)
    });
    if desired.account.is_none() {
        output::aside("`*` stands for the account: say `account` in the environment's part of mu.toml to name it\n");
    }
    output::answer(&pretty(&filled)?)?;
    Ok(ExitCode::SUCCESS)
}

/// What the program says, without asking AWS for anything.
fn said(shipment: &Shipment) -> Result<Desired, Failure> {
    let Some(region) = shipment.region()? else {
        return Err(Failure::request("neither the program nor mu.toml says a region")
            .help("write `region \"eu-central-1\"` in the `deploy` block"));
    };
    shipment.desired(&region)
}

/// The part of AWS that a region lies in.
fn partition(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

fn pretty(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(|error| internal_fault(&error.to_string()))
}
