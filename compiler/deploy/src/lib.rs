//! What a deployment should be, what there is, and the plan that leads from one to the other.
//!
//! Everything here is a function of its arguments: no network, no clock, no disk. What speaks to AWS reads an [`Actual`], and
//! carries out a [`Plan`] step by step; `mulc` shows it before.

mod actual;
mod back;
mod changes;
mod desired;
mod diff;
mod export;
mod plan;
mod policy;
mod removal;
mod role;
mod scope;
mod status;
mod text;
mod version;

pub use actual::{Actual, AliasFound, Found, FunctionFound, Identity, LogGroupFound, Published, RoleFound, UrlFound};
pub use back::back;
pub use desired::{
    Alias, Arch, Auth, Code, CodePlace, Configuration, Desired, Forecast, Function, LogGroup, Network, RUNTIME, Store,
    Tags, Url,
};
pub use diff::plan;
pub use export::Export;
pub use plan::{Change, FunctionPlan, Kind, Plan, Step, Switch};
pub use removal::{Removal, Remove, removal};
pub use role::{Policy, Role, Statement};
pub use scope::{Owner, Refusal, Scope, log_group};
pub use status::{Status, status};
pub use version::VersionNote;
