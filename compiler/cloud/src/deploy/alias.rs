//! The alias: it moves last, from what was read and nothing else.

use super::apply::Work;
use super::functions::still_changing;
use super::{Aws, LAMBDA, conflict, told};
use crate::error::{Error, failed};
use aws_sdk_lambda::types::AliasRoutingConfiguration;
use mu_deploy::{AliasFound, Scope, Switch};

impl Work<'_> {
    pub async fn switch(&mut self, switch: &Switch) -> Result<(), Error> {
        let name = &switch.function;
        let published = self.deployed.versions.get(name).copied();
        let version = switch.version.or(published);
        let version = version.ok_or_else(|| conflict(&format!("`{name}`")))?;
        let from = self.found(name).and_then(|found| found.alias.as_ref());
        self.aws.move_alias(&self.scope, from, switch, version).await?;
        self.deployed.versions.insert(name.clone(), version);
        Ok(())
    }
}

impl Aws<'_> {
    /// Moves the alias to `version`, unless it is no longer as it was read.
    pub async fn move_alias(
        &self,
        scope: &Scope,
        from: Option<&AliasFound>,
        switch: &Switch,
        version: u64,
    ) -> Result<(), Error> {
        let name = &switch.function;
        let moved = || conflict(&format!("the alias `{}` of `{name}`", switch.alias));
        let wanted = Target::of(from, switch, version);
        // Asked just before, since it may be long since the plan was made.
        let now = self.alias(name, &scope.alias).await?;
        if now.as_ref().is_some_and(|now| wanted.is(now)) {
            return Ok(());
        }
        if now.as_ref().map(|alias| &alias.revision) != from.map(|alias| &alias.revision) {
            return Err(moved());
        }
        let written = match now {
            None => self.make_alias(switch, &wanted).await,
            Some(now) => self.update_alias(switch, &wanted, &now).await,
        };
        match written {
            Ok(()) => Ok(()),
            // The answer to an earlier attempt was lost, or somebody was first.
            Err(failed) if failed.status == 412 || failed.code == "ResourceConflictException" => {
                let now = self.alias(name, &scope.alias).await?;
                if now.is_some_and(|now| wanted.is(&now)) { Ok(()) } else { Err(moved()) }
            }
            Err(failed) => Err(told(failed)),
        }
    }

    async fn make_alias(&self, switch: &Switch, wanted: &Target) -> Result<(), crate::error::Failed> {
        let made = self.ask(async || {
            let create = self.lambda.create_alias().function_name(&switch.function).name(&switch.alias);
            let create = create.function_version(wanted.main.to_string()).description(MADE);
            create.send().await.map(|_| ()).map_err(|error| failed("make the alias", LAMBDA, error))
        });
        made.await
    }

    async fn update_alias(
        &self,
        switch: &Switch,
        wanted: &Target,
        now: &AliasFound,
    ) -> Result<(), crate::error::Failed> {
        let weights = wanted.canary.iter().map(|(version, share)| (version.to_string(), *share)).collect();
        let routing = AliasRoutingConfiguration::builder().set_additional_version_weights(Some(weights)).build();
        let moved = self.ask(async || {
            let update = self.lambda.update_alias().function_name(&switch.function).name(&switch.alias);
            let update = update.function_version(wanted.main.to_string()).routing_config(routing.clone());
            let update = update.description(MADE).revision_id(&now.revision);
            let sent = update.send().await.map(|_| ());
            sent.map_err(|error| still_changing(failed("move the alias", LAMBDA, error)))
        });
        moved.await
    }
}

/// The alias' description.
const MADE: &str = "moved by mulc";

/// Where an alias is to point.
struct Target {
    main: u64,
    /// A version on trial, and its share of calls.
    canary: Option<(u64, f64)>,
}

impl Target {
    /// A version on trial stands beside what is live; where nothing is, it is live at once.
    fn of(from: Option<&AliasFound>, switch: &Switch, version: u64) -> Target {
        let live = from.and_then(|alias| alias.version).filter(|live| *live != version);
        match (switch.canary, live) {
            (Some(share), Some(live)) => Target { main: live, canary: Some((version, share)) },
            _ => Target { main: version, canary: None },
        }
    }

    fn is(&self, alias: &AliasFound) -> bool {
        let same = match (self.canary, alias.canary) {
            (None, None) => true,
            (Some((version, share)), Some((now, had))) => version == now && (share - had).abs() < 1e-6,
            _ => false,
        };
        alias.version == Some(self.main) && same
    }
}
