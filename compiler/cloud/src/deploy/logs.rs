//! Groups of logs: made before the function, so that it needs no right to make them.

use super::{Aws, LOGS, told};
use crate::error::{Error, failed};
use mu_deploy::Tags;

impl Aws<'_> {
    pub async fn make_logs(&self, group: &str, tags: &Tags) -> Result<(), Error> {
        let made = self.ask(async || {
            let create = self.logs.create_log_group().log_group_name(group);
            let create = create.set_tags(Some(tags.clone().into_iter().collect()));
            create.send().await.map_err(|error| failed("make a group of logs", LOGS, error))
        });
        match made.await {
            Ok(_) => Ok(()),
            Err(failed) if failed.code == "ResourceAlreadyExistsException" => Ok(()),
            Err(failed) => Err(told(failed)),
        }
    }

    /// For how many days; `None` for ever.
    pub async fn keep_logs(&self, group: &str, days: Option<u32>) -> Result<(), Error> {
        let Some(days) = days else {
            let kept = self.ask(async || {
                let delete = self.logs.delete_retention_policy().log_group_name(group).send().await;
                delete.map(|_| ()).map_err(|error| failed("keep the logs for ever", LOGS, error))
            });
            return kept.await.map_err(told);
        };
        let wrong = |_| Error::request(format!("logs cannot be kept for {days} days"), "say fewer");
        let days = i32::try_from(days).map_err(wrong)?;
        let kept = self.ask(async || {
            let put = self.logs.put_retention_policy().log_group_name(group).retention_in_days(days).send().await;
            put.map(|_| ()).map_err(|error| failed("say how long logs are kept", LOGS, error))
        });
        kept.await.map_err(told)
    }
}
