//! What goes before a deployment, without AWS: the program is compiled and packed, and held against Lambda's limits.

use super::build::{freeze, same_arch, too_large};
use super::fetch::{Needed, fetch};
use super::{Program, internal_fault};
use crate::cli;
use crate::desired::{self, Zip};
use crate::failure::Failure;
use crate::output;
use crate::progress::Progress;
use crate::runtime;
use mu_deploy::Desired;
use mu_driver::lambda::Lambda;
use mu_driver::{Compiled, Entry, Env, Options, Settings, Target};
use mu_format::bundle::sha256;

/// A project, packed.
pub struct Shipment {
    pub program: Program,
    pub compiled: Compiled,
    /// What Lambda is given.
    pub zip: Vec<u8>,
    /// Of its files in bytes.
    unpacked: u64,
    env: Option<Env>,
    /// What is deployed on Lambda.
    functions: Vec<(String, Settings)>,
    lambda: &'static Lambda,
}

impl Shipment {
    /// Compiles and packs; `None` where the program is wrong, which was shown.
    pub fn pack(asked: &cli::Program, env: Option<&str>, lock: cli::Lock) -> Result<Option<Shipment>, Failure> {
        let program = Program::open(asked.path.as_deref(), asked.messages.format)?;
        fetch(&program, Entry::All, Needed::Build, lock)?;
        let progress = Progress::start("compiling");
        let report = mu_driver::compile(&program.input(), Entry::All, &Options { locked: lock.locked });
        drop(progress);
        let sources = report.sources.clone();
        let Some(compiled) = program.answer(report)? else { return Ok(None) };
        let lambda = Lambda::get().map_err(|error| internal_fault(&error))?;
        let env = desired::env(&compiled.deployments, env)?.cloned();
        let functions = desired::functions(&compiled.deployments, env.as_ref(), lambda)?;
        let bootstrap = runtime::read()?;
        same_arch(&compiled, &bootstrap)?;
        let progress = Progress::start("packing");
        let mut contents = mu_driver::bundle(&compiled, Target::Lambda, bootstrap).map_err(|e| internal_fault(&e))?;
        if !compiled.models.is_empty() {
            freeze(&mut contents)?;
        }
        if let Some(error) = too_large(&compiled, &contents, lambda) {
            drop(progress);
            output::aside(&program.render(&sources, &[error]));
            return Ok(None);
        }
        let zip = mu_bundle::packed(&contents)?;
        let unpacked = mu_bundle::unpacked_size(&contents);
        Ok(Some(Shipment { program, compiled, zip, unpacked, env, functions, lambda }))
    }

    /// The region that the program or the environment says.
    pub fn region(&self) -> Result<Option<String>, Failure> {
        desired::region(&self.functions)
    }

    /// What is to be in a region, by AWS's name.
    pub fn desired(&self, region: &str) -> Result<Desired, Failure> {
        let zip = Zip { sha256: sha256(&self.zip), size: self.zip.len() as u64, unpacked: self.unpacked };
        desired::desired(&self.compiled, self.env.as_ref(), &self.functions, region, &zip, self.lambda)
    }
}
