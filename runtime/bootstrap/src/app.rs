//! A bundle that is ready to answer.

use crate::load::{engine, runner};
use mu_exec::Runner;
use mu_format::bundle::{Bundle, Manifest};
use mu_format::input;
use mu_format::ir::{Entry, Param, Program};
use mu_format::json::to_json;
use mu_format::prefer::{self, Weights};
use mu_format::value::Value;
use mu_infer::Tract;
use mu_interp::{ErrorKind, Limits, Machine, as_files, check_inputs};
use serde_json::{Value as Json, json};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Why a call was not answered.
#[derive(Debug)]
pub enum Failure {
    /// The caller's to mend.
    Wrong(String),
    /// Not the caller's.
    Failed(String),
}

pub struct App {
    manifest: Manifest,
    runner: Runner,
    /// One call runs at a time.
    engine: Mutex<Tract>,
}

impl App {
    /// Opens the bundle in a folder and verifies its program. The error names the file and the way out.
    pub fn load(folder: &Path) -> Result<App, String> {
        let mut bundle = Bundle::open(folder).map_err(|e| e.to_string())?;
        let engine = Mutex::new(engine(&bundle).map_err(|e| e.to_string())?);
        let (program, assets) = (std::mem::take(&mut bundle.program), std::mem::take(&mut bundle.assets));
        let machine = Machine::new(Arc::new(program), assets, Limits::default())
            .map_err(|e| format!("{}: the plan is not sound, rebuild it with `mulc build`: {e}", folder.display()))?;
        Ok(App { runner: runner(&bundle, machine), manifest: bundle.manifest, engine })
    }

    /// Loads the models, so that no call pays for it.
    pub fn warm(&self) -> Result<(), String> {
        self.engine.lock().unwrap_or_else(PoisonError::into_inner).warm()
    }

    /// What `bundle.json` says.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    pub fn program(&self) -> &Program {
        self.runner.program()
    }

    pub fn entry(&self, name: &str) -> Result<&Entry, String> {
        let found = self.program().entries.iter().find(|entry| entry.name == name);
        found.ok_or_else(|| format!("there is no function `{name}`, only {}", self.names()))
    }

    /// The functions, for messages.
    pub fn names(&self) -> String {
        self.program().entries.iter().map(|e| format!("`{}`", e.name)).collect::<Vec<_>>().join(", ")
    }

    /// Calls a function with the fields of an object. One of them may be the weights for the choice of models; it counts before
    /// those that came otherwise.
    pub fn call_json(&self, entry: &Entry, event: Json, weights: Option<Weights>) -> Result<Json, Failure> {
        let Json::Object(mut object) = event else {
            return Err(Failure::Wrong("expected a JSON object of the inputs".into()));
        };
        let own = object.remove(prefer::FIELD).map(|field| Weights::from_json(&field)).transpose();
        let weights = own.map_err(Failure::Wrong)?.or(weights);
        let args = input::from_object(entry, &self.program().labels, &object).map_err(Failure::Wrong)?;
        self.call(entry, args, weights.as_ref())
    }

    /// Calls a function; without weights, all that is weighed counts alike. Whatever happens inside, the app can be called again.
    pub fn call(&self, entry: &Entry, args: Vec<Value>, weights: Option<&Weights>) -> Result<Json, Failure> {
        let answer = catch_unwind(AssertUnwindSafe(|| {
            check_inputs(&entry.params, &args).map_err(|e| Failure::Wrong(e.message))?;
            let mut engine = self.engine.lock().unwrap_or_else(PoisonError::into_inner);
            let value = match weights {
                Some(weights) => self.runner.call_weighed(entry, args, weights, &mut *engine),
                None => self.runner.call(entry.function, args, &mut *engine),
            };
            let value = value.map_err(|e| match e.kind {
                ErrorKind::BadInput => Failure::Wrong(e.message),
                _ => Failure::Failed(e.to_string()),
            })?;
            let value = as_files(value).map_err(|e| Failure::Failed(e.message))?;
            to_json(&value, &entry.result, &self.program().labels)
                .map_err(|e| Failure::Failed(format!("the answer: {e}")))
        }));
        answer
            .unwrap_or_else(|_| Err(Failure::Failed(format!("`{}` broke down; this is a bug in MuLambda", entry.name))))
    }

    /// What can be called, and how.
    pub fn describe(&self) -> Json {
        let labels = &self.program().labels;
        let entries = self.program().entries.iter().map(|entry| {
            let inputs = entry.params.iter().map(|Param { name, ty }| {
                json!({"name": name, "type": input::shown(ty, labels), "give": input::describe(ty, labels)})
            });
            let mut said = json!({
                "name": entry.name,
                "description": entry.docs,
                "inputs": inputs.collect::<Vec<_>>(),
                "result": input::shown(&entry.result, labels),
            });
            let weighed = self.runner.weighed(entry);
            if let (Json::Object(fields), false) = (&mut said, weighed.is_empty()) {
                fields.insert(prefer::HEADER.into(), weighed.into());
            }
            said
        });
        json!({"functions": entries.collect::<Vec<_>>()})
    }
}
