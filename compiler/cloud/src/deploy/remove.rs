//! Takes away what a deployment made.

use super::{Aws, Event, IAM, LAMBDA, LOGS, S3, if_there};
use crate::error::{Error, failed};
use crate::session::Session;
use mu_deploy::{Removal, Remove, Role};

impl Session {
    /// Carries out a removal. What is gone already is no error.
    pub fn remove(&self, removal: &Removal, progress: &dyn Fn(Event<'_>)) -> Result<(), Error> {
        let aws = Aws::new(self);
        self.wait(async {
            for step in &removal.steps {
                progress(Event::Remove(step));
                match step {
                    Remove::Function { function } => aws.remove_function(function).await?,
                    Remove::Role { role } => aws.remove_role(role).await?,
                    Remove::Logs { group } => aws.remove_logs(group).await?,
                    Remove::Object { bucket, key } => aws.remove_object(bucket, key).await?,
                }
            }
            Ok(())
        })
    }
}

impl Aws<'_> {
    async fn remove_function(&self, name: &str) -> Result<(), Error> {
        let gone = self.ask(async || {
            let deleted = self.lambda.delete_function().function_name(name).send().await;
            deleted.map_err(|error| failed("remove the function", LAMBDA, error))
        });
        if_there(gone.await).map(|_| ())
    }

    async fn remove_role(&self, name: &str) -> Result<(), Error> {
        let policy = self.ask(async || {
            let deleted = self.iam.delete_role_policy().role_name(name).policy_name(Role::POLICY).send().await;
            deleted.map_err(|error| failed("take a role's rights", IAM, error))
        });
        if_there(policy.await)?;
        let gone = self.ask(async || {
            let deleted = self.iam.delete_role().role_name(name).send().await;
            deleted.map_err(|error| failed("remove a role", IAM, error))
        });
        if_there(gone.await).map(|_| ())
    }

    async fn remove_logs(&self, group: &str) -> Result<(), Error> {
        let gone = self.ask(async || {
            let deleted = self.logs.delete_log_group().log_group_name(group).send().await;
            deleted.map_err(|error| failed("remove a group of logs", LOGS, error))
        });
        if_there(gone.await).map(|_| ())
    }

    async fn remove_object(&self, bucket: &str, key: &str) -> Result<(), Error> {
        let gone = self.ask(async || {
            let deleted = self.s3.delete_object().bucket(bucket).key(key).send().await;
            deleted.map_err(|error| failed("remove a zip", S3, error))
        });
        if_there(gone.await).map(|_| ())
    }
}
