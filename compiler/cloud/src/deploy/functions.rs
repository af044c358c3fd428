//! A function: made, given code and settings, published. Each write says which state it changes.

use super::apply::Work;
use super::code;
use super::found::Progress;
use super::{Aws, LAMBDA, conflict, told};
use crate::error::{Again, Error, Failed, failed};
use aws_sdk_lambda::types::{
    Architecture, DeadLetterConfig, Environment, EphemeralStorage, Runtime, VpcConfig as LambdaNetwork,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mu_deploy::{Arch, Configuration, Function, FunctionFound, Published, VersionNote};

impl Work<'_> {
    pub async fn make_function(&mut self, wanted: &Function) -> Result<(), Error> {
        let settings = Settings::of(&wanted.configuration)?;
        let role = wanted.role.arn(&self.shipped.actual.identity);
        let made = self.aws.ask(async || {
            let create = self.aws.lambda.create_function().function_name(&wanted.name).role(&role);
            let create = create.handler(&settings.handler).runtime(settings.runtime.clone());
            let create = create.architectures(settings.arch.clone()).memory_size(settings.memory);
            let create = create.timeout(settings.timeout).ephemeral_storage(settings.ephemeral.clone());
            let create = create.environment(settings.environment.clone());
            let create = create.set_vpc_config(settings.network.clone()).set_kms_key_arn(settings.kms_key.clone());
            let create = create.set_dead_letter_config(settings.dead_letter.clone());
            let create = create.set_tags(Some(wanted.tags.clone().into_iter().collect()));
            let create = create.code(code::of(&self.shipped.desired.code, &self.zip));
            create.send().await.map_err(|error| new_role(failed("make the function", LAMBDA, error)))
        });
        match made.await {
            Ok(_) => {}
            // The answer to an earlier attempt was lost, or somebody was first.
            Err(failed) if failed.code == "ResourceConflictException" => {}
            Err(failed) => return Err(told(failed)),
        }
        self.settle(wanted, |work, latest| work.has_code(latest, wanted) && work.has_settings(latest, wanted)).await
    }

    pub async fn send_code(&mut self, wanted: &Function) -> Result<(), Error> {
        let revision = self.revision(wanted);
        let arch = arch(wanted.configuration.arch);
        let sent = self.aws.ask(async || {
            let update = self.aws.lambda.update_function_code().function_name(&wanted.name);
            let update = update.architectures(arch.clone()).set_revision_id(revision.clone());
            let update = code::update(update, &self.shipped.desired.code, &self.zip);
            update.send().await.map_err(|error| still_changing(failed("send the code", LAMBDA, error)))
        });
        looked_up(sent.await)?;
        self.settle(wanted, |work, latest| work.has_code(latest, wanted)).await
    }

    pub async fn configure(&mut self, wanted: &Function) -> Result<(), Error> {
        let revision = self.revision(wanted);
        let settings = Settings::of(&wanted.configuration)?;
        let role = wanted.role.arn(&self.shipped.actual.identity);
        let changed = self.aws.ask(async || {
            let update = self.aws.lambda.update_function_configuration().function_name(&wanted.name).role(&role);
            let update = update.handler(&settings.handler).runtime(settings.runtime.clone());
            let update = update.memory_size(settings.memory).timeout(settings.timeout);
            let update = update.ephemeral_storage(settings.ephemeral.clone()).environment(settings.environment.clone());
            // What is not said is taken away, by what is empty.
            let update = update.vpc_config(settings.network.clone().unwrap_or_else(no_network));
            let update = update.kms_key_arn(settings.kms_key.clone().unwrap_or_default());
            let update = update.dead_letter_config(settings.dead_letter.clone().unwrap_or_else(no_letters));
            let update = update.set_revision_id(revision.clone());
            let sent = update.send().await;
            sent.map_err(|error| new_role(still_changing(failed("change the settings", LAMBDA, error))))
        });
        looked_up(changed.await)?;
        self.settle(wanted, |work, latest| work.has_settings(latest, wanted)).await
    }

    pub async fn tag(&self, wanted: &Function) -> Result<(), Error> {
        let Some(found) = self.found(&wanted.name) else { return Ok(()) };
        let tagged = self.aws.ask(async || {
            let tag = self.aws.lambda.tag_resource().resource(&found.arn);
            let tag = tag.set_tags(Some(wanted.tags.clone().into_iter().collect()));
            tag.send().await.map_err(|error| failed("tag the function", LAMBDA, error))
        });
        tagged.await.map(|_| ()).map_err(told)
    }

    /// Makes a version of the latest state, or finds the one that an attempt before made.
    pub async fn publish(&mut self, wanted: &Function) -> Result<(), Error> {
        let before = self.found(&wanted.name).and_then(|found| found.alias.as_ref()).and_then(|alias| alias.version);
        let note = VersionNote { bundle: self.shipped.desired.code.sha256.clone(), before };
        // Tags and limits belong to no version, and yet a function with new ones may have a new revision.
        self.settle(wanted, |work, latest| work.has_code(latest, wanted) && work.has_settings(latest, wanted)).await?;
        let revision = self.revision(wanted);
        let sum = STANDARD.encode(code::bytes_of(&self.shipped.desired.code.sha256));
        let mut again = false;
        let published = self.aws.ask(async || {
            // Before it is asked again: the answer may have been lost, and the version is there.
            if std::mem::replace(&mut again, true)
                && let Some(number) = self.newest(wanted).await?
            {
                return Ok(number);
            }
            let publish = self.aws.lambda.publish_version().function_name(&wanted.name).code_sha256(&sum);
            let publish = publish.description(note.to_string()).set_revision_id(revision.clone());
            let made = publish.send().await;
            let made = made.map_err(|error| still_changing(failed("publish a version", LAMBDA, error)))?;
            let number = made.version().and_then(|version| version.parse().ok());
            number.ok_or_else(|| Error::outside(format!("{LAMBDA} tells no version"), "say it again").into())
        });
        let version = match published.await {
            Ok(version) => version,
            Err(failed) if failed.status == 412 => {
                self.newest(wanted).await?.ok_or_else(|| conflict(&format!("`{}`", wanted.name)))?
            }
            Err(failed) => return Err(told(failed)),
        };
        self.ready(wanted, version).await?;
        self.deployed.versions.insert(wanted.name.clone(), version);
        Ok(())
    }

    /// The newest version, where it is what is wanted.
    async fn newest(&self, wanted: &Function) -> Result<Option<u64>, Error> {
        let versions = self.aws.versions(&wanted.name).await?;
        let newest = versions.iter().next_back();
        let newest = newest.filter(|(_, version)| self.has_code(version, wanted) && self.has_settings(version, wanted));
        Ok(newest.map(|(number, _)| *number))
    }

    /// Waits until a version can be called.
    async fn ready(&self, wanted: &Function, version: u64) -> Result<(), Error> {
        match self.aws.settled(&wanted.name, Some(version)).await? {
            Some((_, Progress::Broken(reason))) => Err(broken(&wanted.name, &reason)),
            Some(_) => Ok(()),
            None => Err(conflict(&format!("version {version} of `{}`", wanted.name))),
        }
    }

    /// Waits until the latest state is settled and is `right`; otherwise somebody else was there.
    async fn settle(&mut self, wanted: &Function, right: impl Fn(&Self, &Published) -> bool) -> Result<(), Error> {
        let meanwhile = || conflict(&format!("`{}`", wanted.name));
        let (found, progress) = self.aws.settled(&wanted.name, None).await?.ok_or_else(meanwhile)?;
        self.scope.owner.check("function", &found.name, &found.tags)?;
        if let Progress::Broken(reason) = progress {
            return Err(broken(&wanted.name, &reason));
        }
        if !right(self, &found.latest) {
            return Err(meanwhile());
        }
        let FunctionFound { name, revision, .. } = found;
        self.revisions.insert(name, revision);
        Ok(())
    }

    /// The state that a write changes.
    fn revision(&self, wanted: &Function) -> Option<String> {
        self.revisions.get(&wanted.name).filter(|revision| !revision.is_empty()).cloned()
    }

    fn has_code(&self, found: &Published, wanted: &Function) -> bool {
        found.sha256 == self.shipped.desired.code.sha256 && found.configuration.arch == wanted.configuration.arch
    }

    fn has_settings(&self, found: &Published, wanted: &Function) -> bool {
        // The processor changes with the code.
        let found_settings = Configuration { arch: wanted.configuration.arch, ..found.configuration.clone() };
        found_settings == wanted.configuration && found.role == wanted.role.arn(&self.shipped.actual.identity)
    }
}

impl Aws<'_> {
    /// How many calls may run at once; `None` for no limit.
    pub async fn reserve(&self, function: &str, calls: Option<u32>) -> Result<(), Error> {
        let Some(calls) = calls else {
            let freed = self.ask(async || {
                let delete = self.lambda.delete_function_concurrency().function_name(function);
                let deleted = delete.send().await;
                deleted
                    .map(|_| ())
                    .map_err(|error| still_changing(failed("take the limit of calls off", LAMBDA, error)))
            });
            return freed.await.map_err(told);
        };
        let calls = signed(calls, "calls at once")?;
        let reserved = self.ask(async || {
            let put = self.lambda.put_function_concurrency().function_name(function);
            let put = put.reserved_concurrent_executions(calls).send().await;
            put.map(|_| ()).map_err(|error| still_changing(failed("limit the calls at once", LAMBDA, error)))
        });
        reserved.await.map_err(told)
    }

    /// How many environments are kept ready behind an alias; `None` for none.
    pub async fn provision(&self, function: &str, alias: &str, environments: Option<u32>) -> Result<(), Error> {
        let Some(environments) = environments else {
            let freed = self.ask(async || {
                let delete = self.lambda.delete_provisioned_concurrency_config().function_name(function);
                let deleted = delete.qualifier(alias).send().await;
                deleted.map(|_| ()).map_err(|error| still_changing(failed("keep no environments ready", LAMBDA, error)))
            });
            return freed.await.map_err(told);
        };
        let count = signed(environments, "environments kept ready")?;
        let kept = self.ask(async || {
            let put = self.lambda.put_provisioned_concurrency_config().function_name(function).qualifier(alias);
            let put = put.provisioned_concurrent_executions(count).send().await;
            put.map(|_| ()).map_err(|error| still_changing(failed("keep environments ready", LAMBDA, error)))
        });
        kept.await.map_err(told)
    }
}

/// The settings in Lambda's types.
struct Settings {
    handler: String,
    runtime: Runtime,
    arch: Architecture,
    memory: i32,
    timeout: i32,
    ephemeral: EphemeralStorage,
    environment: Environment,
    network: Option<LambdaNetwork>,
    kms_key: Option<String>,
    dead_letter: Option<DeadLetterConfig>,
}

impl Settings {
    fn of(wanted: &Configuration) -> Result<Settings, Error> {
        let ephemeral = EphemeralStorage::builder().size(signed(wanted.ephemeral, "MB of /tmp")?).build();
        let variables = wanted.environment.clone().into_iter().collect();
        let network = wanted.network.as_ref().map(|network| {
            let made = LambdaNetwork::builder().set_subnet_ids(Some(network.subnets.clone()));
            made.set_security_group_ids(Some(network.security_groups.clone())).build()
        });
        let letters = |arn: &String| DeadLetterConfig::builder().target_arn(arn).build();
        Ok(Settings {
            handler: wanted.handler.clone(),
            runtime: Runtime::from(wanted.runtime.as_str()),
            arch: arch(wanted.arch),
            memory: signed(wanted.memory, "MB of memory")?,
            timeout: signed(wanted.timeout, "seconds")?,
            ephemeral: ephemeral.map_err(|error| Error::request(error.to_string(), "report this"))?,
            environment: Environment::builder().set_variables(Some(variables)).build(),
            network,
            kms_key: wanted.kms_key.clone(),
            dead_letter: wanted.dead_letter.as_ref().map(letters),
        })
    }
}

fn arch(arch: Arch) -> Architecture {
    match arch {
        Arch::X86_64 => Architecture::X8664,
        Arch::Arm64 => Architecture::Arm64,
    }
}

fn no_network() -> LambdaNetwork {
    let none = || Some(Vec::new());
    LambdaNetwork::builder().set_subnet_ids(none()).set_security_group_ids(none()).build()
}

fn no_letters() -> DeadLetterConfig {
    DeadLetterConfig::builder().target_arn("").build()
}

fn signed(number: u32, what: &str) -> Result<i32, Error> {
    let wrong = |_| Error::request(format!("{number} {what} are more than {LAMBDA} takes"), "say less");
    i32::try_from(number).map_err(wrong)
}

/// A role that was made just now is not known everywhere at once.
fn new_role(failed: Failed) -> Failed {
    match failed.error.message.contains("cannot be assumed") {
        true => Failed { again: Again::Long, ..failed },
        false => failed,
    }
}

/// An update that is under way is waited for.
pub(super) fn still_changing(failed: Failed) -> Failed {
    match failed.code == "ResourceConflictException" {
        true => Failed { again: Again::Long, ..failed },
        false => failed,
    }
}

/// Where another state was there than the one to change, what is there decides: the answer to an earlier attempt may have been lost.
fn looked_up<T>(written: Result<T, Failed>) -> Result<(), Error> {
    match written {
        Ok(_) => Ok(()),
        Err(failed) if failed.status == 412 => Ok(()),
        Err(failed) => Err(told(failed)),
    }
}

fn broken(name: &str, reason: &str) -> Error {
    Error::outside(
        format!("{LAMBDA} cannot get `{name}` ready: {reason}"),
        "correct what it names and say it again; callers still get what was live before",
    )
}
