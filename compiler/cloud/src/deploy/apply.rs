//! Carries out a plan, step by step.

use super::{Aws, Event};
use crate::Address;
use crate::error::Error;
use crate::session::Session;
use crate::store::{Limits, Store};
use mu_deploy::{Actual, CodePlace, Desired, Function, FunctionFound, Plan, Scope, Step, Switch};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What is sent.
#[derive(Clone, Copy)]
pub struct Shipped<'a> {
    pub desired: &'a Desired,
    /// What the plan was made from.
    pub actual: &'a Actual,
    pub plan: &'a Plan,
    /// The zip's file.
    pub zip: &'a Path,
}

/// What a deployment did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deployed {
    /// The versions that were sent callers to, by function.
    pub versions: BTreeMap<String, u64>,
    /// The addresses that were made or changed, by function.
    pub addresses: BTreeMap<String, String>,
}

impl Session {
    /// Carries out a plan. After an error, a new plan leads from where it ended to the same end.
    pub fn deploy(&self, shipped: Shipped<'_>, progress: &dyn Fn(Event<'_>)) -> Result<Deployed, Error> {
        let zip = fs::read(shipped.zip).map_err(Error::disk("read", shipped.zip))?;
        if crate::hash_of(&zip) != shipped.desired.code.sha256 {
            let message = format!("`{}` changed while it was deployed", shipped.zip.display());
            return Err(Error::request(message, "leave it alone until it is deployed, and say it again"));
        }
        let mut work = Work::new(Aws::new(self), shipped, zip);
        self.wait(async {
            for step in &shipped.plan.steps {
                progress(Event::Step(step));
                work.step(step).await?;
            }
            Ok(work.deployed)
        })
    }

    /// Moves an alias between versions that there are.
    pub fn switch(&self, scope: &Scope, found: &FunctionFound, switch: &Switch) -> Result<(), Error> {
        let aws = Aws::new(self);
        self.wait(async {
            match switch.version {
                Some(version) => aws.move_alias(scope, found.alias.as_ref(), switch, version).await,
                None => Ok(()),
            }
        })
    }
}

/// A deployment under way.
pub(super) struct Work<'a> {
    pub aws: Aws<'a>,
    pub shipped: Shipped<'a>,
    pub scope: Scope,
    pub zip: Vec<u8>,
    /// The revision of each function after the last write.
    pub revisions: BTreeMap<String, String>,
    pub deployed: Deployed,
}

impl<'a> Work<'a> {
    fn new(aws: Aws<'a>, shipped: Shipped<'a>, zip: Vec<u8>) -> Work<'a> {
        let functions = shipped.actual.functions.values();
        Work {
            aws,
            shipped,
            scope: Scope::of(shipped.desired),
            zip,
            revisions: functions.map(|found| (found.name.clone(), found.revision.clone())).collect(),
            deployed: Deployed::default(),
        }
    }

    async fn step(&mut self, step: &Step) -> Result<(), Error> {
        match step {
            Step::StoreCode { .. } => self.store().await,
            Step::MakeRole { role } => self.make_role(role).await,
            Step::ChangeRole { role } => self.change_role(role).await,
            Step::MakeLogs { group } => self.aws.make_logs(group, &self.scope.owner.tags()).await,
            Step::KeepLogs { group, days } => self.aws.keep_logs(group, *days).await,
            Step::MakeFunction { function, .. } => self.make_function(self.wanted(function)?).await,
            Step::SendCode { function, .. } => self.send_code(self.wanted(function)?).await,
            Step::Configure { function } => self.configure(self.wanted(function)?).await,
            Step::Tag { function } => self.tag(self.wanted(function)?).await,
            Step::Reserve { function, calls } => self.aws.reserve(function, *calls).await,
            Step::Publish { function } => self.publish(self.wanted(function)?).await,
            Step::Switch(switch) => self.switch(switch).await,
            Step::Address { function, auth } => {
                let alias = &self.wanted(function)?.alias.name;
                if let Some(address) = self.aws.address(function, alias, *auth).await? {
                    self.deployed.addresses.insert(function.clone(), address);
                }
                Ok(())
            }
            Step::Provision { function, environments } => {
                self.aws.provision(function, &self.wanted(function)?.alias.name, *environments).await
            }
        }
    }

    /// What the function of this name is to be.
    pub fn wanted(&self, name: &str) -> Result<&'a Function, Error> {
        let desired: &'a Desired = self.shipped.desired;
        let found = desired.functions.iter().find(|function| function.name == name);
        found.ok_or_else(|| Error::request(format!("the plan names `{name}`, which is not deployed"), "plan again"))
    }

    /// What it was when the plan was made.
    pub fn found(&self, name: &str) -> Option<&'a FunctionFound> {
        let actual: &'a Actual = self.shipped.actual;
        actual.functions.get(name)
    }

    /// The zip to S3, unless it lies there.
    async fn store(&self) -> Result<(), Error> {
        let CodePlace::S3(place) = &self.shipped.desired.code.place else { return Ok(()) };
        let address = Address { bucket: place.bucket.clone(), prefix: place.prefix.clone() };
        let code = &self.shipped.desired.code;
        let store = Store::new(self.aws.session, &address, Limits::default());
        store.put_blob(self.shipped.zip, &code.sha256, code.size).await.map(|_| ())
    }
}
