//! From what there is to what should be: which steps, in which order, and what they change for a reader.
//!
//! Callers notice nothing before the end: first everything is prepared for all functions, then the aliases move.

use crate::actual::{Actual, Found, FunctionFound, Published, RoleFound};
use crate::changes;
use crate::desired::{Auth, CodePlace, Desired, Function, Url};
use crate::plan::{FunctionPlan, Kind, Plan, Step, Switch};
use crate::role::Role;
use crate::scope::{Owner, Refusal, Scope};

/// Shares of calls that differ by less are the same.
const SAME_SHARE: f64 = 1e-6;

/// What leads from `actual` to `desired`. Refused where that would touch what is not ours, or cannot work.
pub fn plan(desired: &Desired, actual: &Actual) -> Result<Plan, Refusal> {
    Scope::of(desired).check(&actual.identity)?;
    let mut done = Steps::default();
    let functions = desired.functions.iter().map(|function| done.function(desired, function, actual));
    let functions = functions.collect::<Result<Vec<_>, _>>()?;
    let mut steps = Vec::new();
    if let CodePlace::S3(store) = &desired.code.place
        && done.sends_code
        && let key = store.key(&desired.code.sha256)
        && !actual.objects.contains(&key)
    {
        steps.push(Step::StoreCode { bucket: store.bucket.clone(), key, bytes: desired.code.size });
    }
    steps.extend(done.prepare.into_iter().chain(done.switch).chain(done.after));
    Ok(Plan {
        project: desired.project.clone(),
        environment: desired.environment.clone(),
        region: desired.region.clone(),
        identity: actual.identity.clone(),
        functions,
        steps,
        notes: notes(desired, actual),
    })
}

/// The steps of all functions, in the groups in which they are done.
#[derive(Default)]
struct Steps {
    prepare: Vec<Step>,
    switch: Vec<Step>,
    after: Vec<Step>,
    sends_code: bool,
}

impl Steps {
    fn function(&mut self, desired: &Desired, wanted: &Function, actual: &Actual) -> Result<FunctionPlan, Refusal> {
        let before = self.count();
        let found = actual.functions.get(&wanted.name);
        if let Some(found) = found {
            Owner::of(desired).check("function", &found.name, &found.tags)?;
        }
        self.role(desired, wanted, actual)?;
        self.logs(wanted, actual);
        let serving = found.and_then(|found| serving(desired, wanted, actual, found));
        self.version(desired, wanted, actual, found, serving);
        self.switch(wanted, found, serving);
        self.address(wanted, found);
        let name = || wanted.name.clone();
        if found.and_then(|found| found.provisioned) != wanted.provisioned {
            self.after.push(Step::Provision { function: name(), environments: wanted.provisioned });
        }
        let kind = match found {
            None => Kind::New,
            Some(_) if self.count() == before => Kind::Same,
            Some(_) => Kind::Changed,
        };
        let changes = if kind == Kind::Same { Vec::new() } else { changes::of(desired, wanted, actual, found) };
        Ok(FunctionPlan { entry: wanted.entry.clone(), name: name(), kind, changes, forecast: wanted.forecast.clone() })
    }

    fn count(&self) -> usize {
        self.prepare.len() + self.switch.len() + self.after.len()
    }

    fn role(&mut self, desired: &Desired, wanted: &Function, actual: &Actual) -> Result<(), Refusal> {
        let name = wanted.role.name();
        match (&wanted.role, actual.roles.get(name).unwrap_or(&Found::Missing)) {
            (Role::Existing { arn }, Found::Missing) => Err(Refusal::new(
                format!("the role `{arn}` does not exist"),
                "make it, name another one, or leave `role` out: then one is made with the rights that are needed",
            )),
            (Role::Existing { .. }, _) => Ok(()),
            (Role::Own { .. }, Found::Missing) => {
                self.prepare.push(Step::MakeRole { role: name.to_owned() });
                Ok(())
            }
            (Role::Own { .. }, Found::Hidden) => Err(Refusal::new(
                format!("the role `{name}` may not be looked at"),
                "ask for the rights that `mulc deploy --policy` prints, or name an existing role with `role`",
            )),
            (Role::Own { policy, boundary, .. }, Found::There(found)) => {
                Owner::of(desired).check("role", name, &found.tags)?;
                let policy = policy.document(&actual.identity, &desired.region);
                let RoleFound { trust, policy: had, boundary: bound, .. } = found;
                if *trust != Role::trust() || had.as_ref() != Some(&policy) || bound != boundary {
                    self.prepare.push(Step::ChangeRole { role: name.to_owned() });
                }
                Ok(())
            }
        }
    }

    fn logs(&mut self, wanted: &Function, actual: &Actual) {
        let group = || wanted.logs.name.clone();
        let found = actual.logs.get(&wanted.logs.name);
        if found.is_none() {
            self.prepare.push(Step::MakeLogs { group: group() });
        }
        // Where the program does not say it, it stays as it is: somebody else may have set it.
        let days = wanted.logs.retention_days;
        if days.is_some() && found.and_then(|found| found.retention_days) != days {
            self.prepare.push(Step::KeepLogs { group: group(), days });
        }
    }

    /// What makes the version that is to serve.
    fn version(
        &mut self,
        desired: &Desired,
        wanted: &Function,
        actual: &Actual,
        found: Option<&FunctionFound>,
        serving: Option<u64>,
    ) {
        let function = || wanted.name.clone();
        let bytes = desired.code.size;
        let Some(found) = found else {
            self.sends_code = true;
            self.prepare.push(Step::MakeFunction { function: function(), bytes });
            if wanted.reserved.is_some() {
                self.prepare.push(Step::Reserve { function: function(), calls: wanted.reserved });
            }
            self.prepare.push(Step::Publish { function: function() });
            return;
        };
        if serving.is_none() {
            // A change that Lambda gave up is said again.
            let broken = found.broken.is_some();
            if broken
                || found.latest.sha256 != desired.code.sha256
                || found.latest.configuration.arch != wanted.configuration.arch
            {
                self.sends_code = true;
                self.prepare.push(Step::SendCode { function: function(), bytes });
            }
            if broken || !same_settings(&found.latest, wanted, actual) {
                self.prepare.push(Step::Configure { function: function() });
            }
        }
        if wanted.tags.iter().any(|(key, value)| found.tags.get(key) != Some(value)) {
            self.prepare.push(Step::Tag { function: function() });
        }
        if found.reserved != wanted.reserved {
            self.prepare.push(Step::Reserve { function: function(), calls: wanted.reserved });
        }
        if serving.is_none() {
            self.prepare.push(Step::Publish { function: function() });
        }
    }

    fn switch(&mut self, wanted: &Function, found: Option<&FunctionFound>, serving: Option<u64>) {
        let alias = found.and_then(|found| found.alias.as_ref());
        let main = alias.and_then(|alias| alias.version);
        // Where nothing serves yet, there is nothing to weigh the new version against.
        let canary = wanted.alias.canary.filter(|_| main.is_some() && main != serving);
        let now = alias.and_then(|alias| alias.canary);
        let done = match (serving, canary) {
            (None, _) => false,
            (Some(version), None) => main == Some(version) && now.is_none(),
            (Some(version), Some(share)) => {
                now.is_some_and(|(other, had)| other == version && (had - share).abs() < SAME_SHARE)
            }
        };
        if !done {
            let (function, alias) = (wanted.name.clone(), wanted.alias.name.clone());
            self.switch.push(Step::Switch(Switch { function, alias, version: serving, canary }));
        }
    }

    fn address(&mut self, wanted: &Function, found: Option<&FunctionFound>) {
        let now = found.and_then(|found| found.url.as_ref());
        let right = match (&wanted.url, now) {
            (None, now) => now.is_none(),
            (Some(_), None) => false,
            (Some(Url { auth }), Some(now)) => {
                let open = if *auth == Auth::Public { Url::OPENED } else { &[] };
                now.auth == *auth && now.opened == open
            }
        };
        if !right {
            let auth = wanted.url.as_ref().map(|url| url.auth);
            self.after.push(Step::Address { function: wanted.name.clone(), auth });
        }
    }
}

/// The published version that is what is wanted: one that the alias names, or else the newest, which a deployment that was cut
/// may have left.
fn serving(desired: &Desired, wanted: &Function, actual: &Actual, found: &FunctionFound) -> Option<u64> {
    let alias = found.alias.as_ref();
    let named = alias.and_then(|alias| alias.version).into_iter().chain(alias.and_then(|a| Some(a.canary?.0)));
    let newest = found.versions.keys().next_back().copied();
    let is_wanted = |number: &u64| {
        found
            .versions
            .get(number)
            .is_some_and(|version| version.sha256 == desired.code.sha256 && same_settings(version, wanted, actual))
    };
    named.chain(newest).find(is_wanted)
}

fn same_settings(version: &Published, wanted: &Function, actual: &Actual) -> bool {
    version.configuration == wanted.configuration && version.role == wanted.role.arn(&actual.identity)
}

fn notes(desired: &Desired, actual: &Actual) -> Vec<String> {
    let mut notes = Vec::new();
    for function in &desired.functions {
        if function.url.as_ref().is_some_and(|url| url.auth == Auth::Public) {
            notes.push(format!(
                "`{}` has an address that everybody may call, at your cost (`auth public`)",
                function.name
            ));
        }
    }
    for found in actual.functions.values() {
        let wanted = desired.functions.iter().any(|function| function.name == found.name);
        if !wanted && Owner::of(desired).owns(&found.tags) {
            notes.push(format!(
                "`{}` is deployed and no longer in the program; `mulc destroy --function {}` removes it",
                found.name, found.name
            ));
        }
    }
    if matches!(desired.code.place, CodePlace::S3(_)) {
        notes.push("the zip goes through S3; by how much that changes a start is not known from a source, so the figures leave it out".to_owned());
    }
    notes
}
