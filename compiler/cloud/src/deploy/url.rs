//! An alias' address of HTTP, and who may call it.

use super::functions::still_changing;
use super::{Aws, LAMBDA, if_there, told};
use crate::error::{Error, failed};
use aws_sdk_lambda::types::FunctionUrlAuthType;
use mu_deploy::{Auth, Url};

impl Aws<'_> {
    /// Makes or changes an address, or takes it away; gives it.
    pub async fn address(&self, name: &str, alias: &str, auth: Option<Auth>) -> Result<Option<String>, Error> {
        // Nobody is let in before the address is as it should be, and everybody is put out before it goes.
        if auth != Some(Auth::Public) {
            self.close(name, alias).await?;
        }
        let Some(auth) = auth else {
            let gone = self.ask(async || {
                let delete = self.lambda.delete_function_url_config().function_name(name).qualifier(alias);
                delete.send().await.map_err(|error| still_changing(failed("take the address off", LAMBDA, error)))
            });
            if_there(gone.await)?;
            return Ok(None);
        };
        let kind = if auth == Auth::Public { FunctionUrlAuthType::None } else { FunctionUrlAuthType::AwsIam };
        let made = self.ask(async || {
            let create = self.lambda.create_function_url_config().function_name(name).qualifier(alias);
            let made = create.auth_type(kind.clone()).send().await;
            made.map(|made| made.function_url().to_owned()).map_err(|error| failed("make an address", LAMBDA, error))
        });
        let address = match made.await {
            Ok(address) => address,
            // There is one.
            Err(failed) if failed.code == "ResourceConflictException" => {
                let changed = self.ask(async || {
                    let update = self.lambda.update_function_url_config().function_name(name).qualifier(alias);
                    let changed = update.auth_type(kind.clone()).send().await;
                    let address = changed.map(|changed| changed.function_url().to_owned());
                    address.map_err(|error| still_changing(crate::error::failed("change an address", LAMBDA, error)))
                });
                changed.await.map_err(told)?
            }
            Err(failed) => return Err(told(failed)),
        };
        if auth == Auth::Public {
            self.open(name, alias).await?;
        }
        Ok(Some(address))
    }

    /// Lets everybody in: to use the address, and to call the function through it.
    async fn open(&self, name: &str, alias: &str) -> Result<(), Error> {
        let there = self.opened(name, alias).await?;
        for id in Url::OPENED.iter().filter(|id| !there.iter().any(|there| there == *id)) {
            let opened = self.ask(async || {
                let add = self.lambda.add_permission().function_name(name).qualifier(alias);
                let add = add.statement_id(*id).principal("*");
                let add = match id.ends_with("url") {
                    true => add.action("lambda:InvokeFunctionUrl").function_url_auth_type(FunctionUrlAuthType::None),
                    false => add.action("lambda:InvokeFunction").invoked_via_function_url(true),
                };
                add.send().await.map_err(|error| failed("let everybody in", LAMBDA, error))
            });
            match opened.await {
                Ok(_) => {}
                // The answer to an earlier attempt was lost: it is there.
                Err(failed) if failed.code == "ResourceConflictException" => {}
                Err(failed) => return Err(told(failed)),
            }
        }
        Ok(())
    }

    async fn close(&self, name: &str, alias: &str) -> Result<(), Error> {
        for id in self.opened(name, alias).await? {
            let closed = self.ask(async || {
                let remove = self.lambda.remove_permission().function_name(name).qualifier(alias).statement_id(&id);
                remove.send().await.map_err(|error| failed("let nobody in", LAMBDA, error))
            });
            if_there(closed.await)?;
        }
        Ok(())
    }
}
