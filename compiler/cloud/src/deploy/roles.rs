//! The roles of our own: made with exactly the rights that a function needs, and kept at them.

use super::apply::Work;
use super::{Aws, IAM, conflict, if_there, told};
use crate::error::{Error, failed};
use aws_sdk_iam::types::Tag;
use mu_deploy::{Found, Policy, Role, Tags};

impl Work<'_> {
    pub async fn make_role(&mut self, name: &str) -> Result<(), Error> {
        let (policy, boundary) = self.rights(name)?;
        let tags = tags(&self.scope.owner.tags())?;
        let trust = Role::trust().to_string();
        let made = self.aws.ask(async || {
            let create = self.aws.iam.create_role().role_name(name).assume_role_policy_document(&trust);
            let create = create.set_tags(Some(tags.clone())).set_permissions_boundary(boundary.cloned());
            create.send().await.map_err(|error| failed("make a role", IAM, error))
        });
        match made.await {
            Ok(_) => {}
            // The answer to an earlier attempt was lost, or somebody was first.
            Err(failed) if failed.code == "EntityAlreadyExists" => {
                match self.aws.role(name, &self.scope.owner).await? {
                    Found::There(role) => self.scope.owner.check("role", name, &role.tags)?,
                    _ => return Err(conflict(&format!("the role `{name}`"))),
                }
            }
            Err(failed) => return Err(told(failed)),
        }
        self.aws.put_policy(name, &self.document(policy)).await
    }

    /// What differs of trust, boundary and rights.
    pub async fn change_role(&mut self, name: &str) -> Result<(), Error> {
        let (policy, boundary) = self.rights(name)?;
        let Some(Found::There(found)) = self.shipped.actual.roles.get(name) else {
            return Err(conflict(&format!("the role `{name}`")));
        };
        if found.trust != Role::trust() {
            let trust = Role::trust().to_string();
            let changed = self.aws.ask(async || {
                let update = self.aws.iam.update_assume_role_policy().role_name(name).policy_document(&trust);
                update.send().await.map_err(|error| failed("let Lambda take the role", IAM, error))
            });
            changed.await.map_err(told)?;
        }
        if found.boundary.as_ref() != boundary {
            self.aws.bound(name, boundary.map(String::as_str)).await?;
        }
        let wanted = policy.document(&self.shipped.actual.identity, &self.shipped.desired.region);
        match found.policy.as_ref() == Some(&wanted) {
            true => Ok(()),
            false => self.aws.put_policy(name, &wanted.to_string()).await,
        }
    }

    /// What the role of our own of this name is to be.
    fn rights(&self, name: &str) -> Result<(&Policy, Option<&String>), Error> {
        let roles = self.shipped.desired.functions.iter().map(|function| &function.role);
        let mut own = roles.filter_map(|role| match role {
            Role::Own { name: own, policy, boundary } if own == name => Some((policy, boundary.as_ref())),
            _ => None,
        });
        own.next()
            .ok_or_else(|| Error::request(format!("the plan names the role `{name}`, which is not ours"), "plan again"))
    }

    fn document(&self, policy: &Policy) -> String {
        policy.document(&self.shipped.actual.identity, &self.shipped.desired.region).to_string()
    }
}

impl Aws<'_> {
    async fn put_policy(&self, name: &str, document: &str) -> Result<(), Error> {
        let put = self.ask(async || {
            let put = self.iam.put_role_policy().role_name(name).policy_name(Role::POLICY).policy_document(document);
            put.send().await.map(|_| ()).map_err(|error| failed("give a role its rights", IAM, error))
        });
        put.await.map_err(told)
    }

    async fn bound(&self, name: &str, boundary: Option<&str>) -> Result<(), Error> {
        let Some(boundary) = boundary else {
            let freed = self.ask(async || {
                let delete = self.iam.delete_role_permissions_boundary().role_name(name).send().await;
                delete.map_err(|error| failed("take a boundary off a role", IAM, error))
            });
            return if_there(freed.await).map(|_| ());
        };
        let bound = self.ask(async || {
            let put = self.iam.put_role_permissions_boundary().role_name(name).permissions_boundary(boundary);
            put.send().await.map(|_| ()).map_err(|error| failed("bound a role", IAM, error))
        });
        bound.await.map_err(told)
    }
}

fn tags(tags: &Tags) -> Result<Vec<Tag>, Error> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    let tags = tags.iter().map(tag).collect::<Result<_, _>>();
    tags.map_err(|error| Error::request(error.to_string(), "report this"))
}
