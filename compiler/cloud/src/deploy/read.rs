//! Reads what there is: nothing here writes.

use super::found::{Progress, document, progress, published};
use super::{Aws, IAM, LAMBDA, LOGS, S3, STS, if_there, is_hidden, is_missing, told};
use crate::error::{Error, failed};
use crate::session::Session;
use aws_sdk_lambda::types::FunctionUrlAuthType;
use mu_deploy::{
    Actual, AliasFound, Auth, Found, FunctionFound, Identity, LogGroupFound, Owner, Published, Role, RoleFound, Scope,
    Store, Tags, Url, UrlFound,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Between looks at a function that is being changed, and how many of them: about five minutes.
const LOOK: Duration = Duration::from_millis(500);
const LOOKS: u32 = 600;

impl Session {
    /// What there is of a deployment.
    pub fn actual(&self, scope: &Scope) -> Result<Actual, Error> {
        let aws = Aws::new(self);
        self.wait(async {
            let identity = aws.identity().await?;
            scope.check(&identity)?;
            let mut functions = BTreeMap::new();
            for name in aws.names(scope).await? {
                if let Some(found) = aws.function(&name, scope).await?
                    && (scope.functions.contains(&name) || scope.owner.owns(&found.tags))
                {
                    functions.insert(name, found);
                }
            }
            let used = functions.values().filter(|found| scope.owner.owns(&found.tags));
            let used = used.filter_map(|found| found.latest.role.rsplit('/').next().map(str::to_owned));
            let names: BTreeSet<String> = scope.roles.iter().cloned().chain(used).collect();
            let mut roles = BTreeMap::new();
            for name in names {
                let found = aws.role(&name, &scope.owner).await?;
                roles.insert(name, found);
            }
            let objects = match &scope.store {
                Some(store) => aws.objects(store).await?,
                None => Vec::new(),
            };
            Ok(Actual { identity, functions, roles, logs: aws.log_groups(scope).await?, objects })
        })
    }
}

impl Aws<'_> {
    async fn identity(&self) -> Result<Identity, Error> {
        let asked = self.ask(async || {
            self.sts.get_caller_identity().send().await.map_err(|error| failed("ask who asks", STS, error))
        });
        let found = asked.await.map_err(told)?;
        let arn = found.arn().unwrap_or_default().to_owned();
        let partition = arn.split(':').nth(1).filter(|part| !part.is_empty()).unwrap_or("aws").to_owned();
        Ok(Identity { account: found.account().unwrap_or_default().to_owned(), partition, arn })
    }

    /// The wanted functions, and all whose names begin alike.
    async fn names(&self, scope: &Scope) -> Result<BTreeSet<String>, Error> {
        let mut names: BTreeSet<String> = scope.functions.iter().cloned().collect();
        let mut marker: Option<String> = None;
        loop {
            let page = self.ask(async || {
                let list = self.lambda.list_functions().set_marker(marker.clone());
                list.send().await.map_err(|error| failed("list the functions", LAMBDA, error))
            });
            let page = page.await.map_err(told)?;
            let alike = page.functions().iter().filter_map(|function| function.function_name());
            names.extend(alike.filter(|name| name.starts_with(&scope.prefix)).map(str::to_owned));
            let next = page.next_marker().filter(|next| !next.is_empty()).map(str::to_owned);
            if next.is_none() || next == marker {
                return Ok(names);
            }
            marker = next;
        }
    }

    /// A function, once no change of it is under way; of one that is not ours no more than whose it is.
    pub(super) async fn function(&self, name: &str, scope: &Scope) -> Result<Option<FunctionFound>, Error> {
        let Some((mut found, _)) = self.settled(name, None).await? else { return Ok(None) };
        if !scope.owner.owns(&found.tags) {
            return Ok(Some(found));
        }
        found.versions = self.versions(name).await?;
        found.alias = self.alias(name, &scope.alias).await?;
        if found.alias.is_some() {
            found.url = self.url(name, &scope.alias).await?;
            found.provisioned = self.provisioned(name, &scope.alias).await?;
        }
        Ok(Some(found))
    }

    /// The latest state of a function, or a version of it, once no change is under way.
    pub(super) async fn settled(
        &self,
        name: &str,
        version: Option<u64>,
    ) -> Result<Option<(FunctionFound, Progress)>, Error> {
        for _ in 0..LOOKS {
            let asked = self.ask(async || {
                let get = self.lambda.get_function().function_name(name);
                let get = get.set_qualifier(version.map(|version| version.to_string()));
                get.send().await.map_err(|error| failed("look at a function", LAMBDA, error))
            });
            let Some(found) = if_there(asked.await)? else { return Ok(None) };
            let Some(configuration) = found.configuration() else {
                return Err(Error::outside(format!("{LAMBDA} says nothing of `{name}`"), "say it again"));
            };
            let progress = progress(configuration);
            if matches!(progress, Progress::Changing) {
                self.patience.pause(LOOK).await;
                continue;
            }
            let broken = if let Progress::Broken(reason) = &progress { Some(reason.clone()) } else { None };
            let reserved = found.concurrency().and_then(|limit| limit.reserved_concurrent_executions());
            let function = FunctionFound {
                name: name.to_owned(),
                arn: configuration.function_arn().unwrap_or_default().to_owned(),
                tags: found.tags().cloned().unwrap_or_default().into_iter().collect(),
                latest: published(configuration),
                broken,
                revision: configuration.revision_id().unwrap_or_default().to_owned(),
                reserved: reserved.and_then(|calls| u32::try_from(calls).ok()),
                alias: None,
                versions: BTreeMap::new(),
                url: None,
                provisioned: None,
            };
            return Ok(Some((function, progress)));
        }
        Err(Error::outside(
            format!("{LAMBDA} does not get `{name}` ready"),
            "say it again later; what was done is kept",
        ))
    }

    /// All published versions.
    pub(super) async fn versions(&self, name: &str) -> Result<BTreeMap<u64, Published>, Error> {
        let mut versions = BTreeMap::new();
        let mut marker: Option<String> = None;
        loop {
            let page = self.ask(async || {
                let list = self.lambda.list_versions_by_function().function_name(name).set_marker(marker.clone());
                list.send().await.map_err(|error| failed("list the versions", LAMBDA, error))
            });
            let page = page.await.map_err(told)?;
            let numbered = page.versions().iter().filter_map(|found| Some((found.version()?.parse().ok()?, found)));
            versions.extend(numbered.map(|(number, found)| (number, published(found))));
            let next = page.next_marker().filter(|next| !next.is_empty()).map(str::to_owned);
            if next.is_none() || next == marker {
                return Ok(versions);
            }
            marker = next;
        }
    }

    pub(super) async fn alias(&self, name: &str, alias: &str) -> Result<Option<AliasFound>, Error> {
        let asked = self.ask(async || {
            let get = self.lambda.get_alias().function_name(name).name(alias);
            get.send().await.map_err(|error| failed("look at an alias", LAMBDA, error))
        });
        let Some(found) = if_there(asked.await)? else { return Ok(None) };
        let weights = found.routing_config().and_then(|routing| routing.additional_version_weights());
        let weights: BTreeMap<&String, &f64> = weights.into_iter().flatten().collect();
        let canary = weights.into_iter().find_map(|(version, share)| Some((version.parse().ok()?, *share)));
        Ok(Some(AliasFound {
            name: alias.to_owned(),
            version: found.function_version().and_then(|version| version.parse().ok()),
            canary: canary.filter(|(_, share)| *share > 0.0),
            revision: found.revision_id().unwrap_or_default().to_owned(),
        }))
    }

    async fn url(&self, name: &str, alias: &str) -> Result<Option<UrlFound>, Error> {
        let asked = self.ask(async || {
            let get = self.lambda.get_function_url_config().function_name(name).qualifier(alias);
            get.send().await.map_err(|error| failed("look at an address", LAMBDA, error))
        });
        let Some(found) = if_there(asked.await)? else { return Ok(None) };
        let auth = if *found.auth_type() == FunctionUrlAuthType::None { Auth::Public } else { Auth::Iam };
        let opened = self.opened(name, alias).await?;
        Ok(Some(UrlFound { address: found.function_url().to_owned(), auth, opened }))
    }

    /// The statements of our making in a function's policy, sorted.
    pub(super) async fn opened(&self, name: &str, alias: &str) -> Result<Vec<String>, Error> {
        let asked = self.ask(async || {
            let get = self.lambda.get_policy().function_name(name).qualifier(alias);
            get.send().await.map_err(|error| failed("look at who may call", LAMBDA, error))
        });
        let Some(found) = if_there(asked.await)? else { return Ok(Vec::new()) };
        let policy: Value = serde_json::from_str(found.policy().unwrap_or_default()).unwrap_or_default();
        let statements = policy["Statement"].as_array().into_iter().flatten();
        let ids: BTreeSet<&str> = statements.filter_map(|statement| statement["Sid"].as_str()).collect();
        Ok(Url::OPENED.iter().filter(|id| ids.contains(**id)).map(|id| (*id).to_owned()).collect())
    }

    async fn provisioned(&self, name: &str, alias: &str) -> Result<Option<u32>, Error> {
        let asked = self.ask(async || {
            let get = self.lambda.get_provisioned_concurrency_config().function_name(name).qualifier(alias);
            get.send().await.map_err(|error| failed("look at what is kept ready", LAMBDA, error))
        });
        let found = if_there(asked.await)?;
        let count = found.and_then(|found| found.requested_provisioned_concurrent_executions());
        Ok(count.and_then(|count| u32::try_from(count).ok()))
    }

    /// A role; of one that is not ours no more than whose it is.
    pub(super) async fn role(&self, name: &str, owner: &Owner) -> Result<Found<RoleFound>, Error> {
        let asked = self.ask(async || {
            let get = self.iam.get_role().role_name(name);
            get.send().await.map_err(|error| failed("look at a role", IAM, error))
        });
        let found = match asked.await {
            Ok(found) => found,
            Err(failed) if is_missing(&failed) => return Ok(Found::Missing),
            Err(failed) if is_hidden(&failed) => return Ok(Found::Hidden),
            Err(failed) => return Err(told(failed)),
        };
        let Some(role) = found.role() else { return Ok(Found::Missing) };
        let tags: Tags = role.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect();
        let boundary = role.permissions_boundary().and_then(|boundary| boundary.permissions_boundary_arn());
        let policy = if owner.owns(&tags) { self.role_policy(name).await? } else { None };
        Ok(Found::There(RoleFound {
            trust: role.assume_role_policy_document().and_then(document).unwrap_or_default(),
            policy,
            boundary: boundary.map(str::to_owned),
            tags,
        }))
    }

    async fn role_policy(&self, name: &str) -> Result<Option<Value>, Error> {
        let asked = self.ask(async || {
            let get = self.iam.get_role_policy().role_name(name).policy_name(Role::POLICY);
            get.send().await.map_err(|error| failed("look at a role's rights", IAM, error))
        });
        Ok(if_there(asked.await)?.and_then(|found| document(found.policy_document())))
    }

    /// The groups of logs whose names begin as the functions' do.
    async fn log_groups(&self, scope: &Scope) -> Result<BTreeMap<String, LogGroupFound>, Error> {
        let mut groups = BTreeMap::new();
        let mut token: Option<String> = None;
        loop {
            let page = self.ask(async || {
                let list = self.logs.describe_log_groups().log_group_name_prefix(scope.log_prefix());
                let list = list.set_next_token(token.clone());
                list.send().await.map_err(|error| failed("list the groups of logs", LOGS, error))
            });
            let page = page.await.map_err(told)?;
            for group in page.log_groups() {
                let Some(name) = group.log_group_name() else { continue };
                let arn = group.log_group_arn().or(group.arn()).unwrap_or_default().trim_end_matches(":*");
                let tags = self.log_tags(arn).await?;
                let retention_days = group.retention_in_days().and_then(|days| u32::try_from(days).ok());
                groups.insert(name.to_owned(), LogGroupFound { tags, retention_days });
            }
            let next = page.next_token().map(str::to_owned);
            if next.is_none() || next == token {
                return Ok(groups);
            }
            token = next;
        }
    }

    async fn log_tags(&self, arn: &str) -> Result<Tags, Error> {
        let asked = self.ask(async || {
            let list = self.logs.list_tags_for_resource().resource_arn(arn);
            list.send().await.map_err(|error| failed("look whose logs they are", LOGS, error))
        });
        Ok(if_there(asked.await)?.and_then(|found| found.tags).unwrap_or_default().into_iter().collect())
    }

    /// What lies in the deployment's own store.
    async fn objects(&self, store: &Store) -> Result<Vec<String>, Error> {
        let mut objects = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let page = self.ask(async || {
                let list = self.s3.list_objects_v2().bucket(&store.bucket).prefix(format!("{}/", store.prefix));
                let list = list.set_continuation_token(token.clone());
                list.send().await.map_err(|error| failed("list what is stored", S3, error))
            });
            let page = page.await.map_err(told)?;
            objects.extend(page.contents().iter().filter_map(|object| object.key()).map(str::to_owned));
            let next = page.next_continuation_token().map(str::to_owned);
            if next.is_none() || next == token {
                return Ok(objects);
            }
            token = next;
        }
    }
}
