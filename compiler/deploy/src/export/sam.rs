//! A deployment as a template of AWS SAM, which packs the zip up itself, publishes versions and moves the alias.

use super::cloudformation::{around, configured, description};
use super::ids;
use crate::desired::{Auth, Desired, Function};
use serde_json::{Map, Value, json};

pub(super) fn template(desired: &Desired, zip: &str) -> Value {
    let mut resources = Map::new();
    let mut outputs = Map::new();
    for (function, id) in desired.functions.iter().zip(ids(desired)) {
        resources.extend(around(function, &id, desired));
        resources.insert(id.clone(), made(function, &id, desired, zip));
        // SAM names the alias by the function's name here and its own.
        let alias = json!({ "Ref": format!("{id}.Alias") });
        let description = format!("What callers of {} name", function.entry);
        outputs.insert(format!("{id}Alias"), json!({ "Description": description, "Value": alias }));
        if function.url.is_some() {
            let url = json!({ "Fn::GetAtt": [format!("{id}Url"), "FunctionUrl"] });
            outputs.insert(format!("{id}Url"), json!({ "Description": "Its address", "Value": url }));
        }
    }
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Description": description(desired),
        "Resources": resources,
        "Outputs": outputs,
    })
}

fn made(function: &Function, id: &str, desired: &Desired, zip: &str) -> Value {
    let dead_letter = function.configuration.dead_letter.as_ref().map(|arn| {
        let kind = if arn.split(':').nth(2) == Some("sns") { "SNS" } else { "SQS" };
        json!({ "Type": kind, "TargetArn": arn })
    });
    let url = function
        .url
        .as_ref()
        .map(|url| json!({ "AuthType": if url.auth == Auth::Public { "NONE" } else { "AWS_IAM" } }));
    let properties = configured(function, id)
        .with("CodeUri", zip)
        .with("AutoPublishAlias", function.alias.name.as_str())
        // A version for a change of anything that it keeps, as `mulc deploy` publishes them.
        .with("AutoPublishAliasAllProperties", true)
        .with("AutoPublishCodeSha256", desired.code.sha256.as_str())
        .with("VersionDescription", format!("mulambda bundle={}", desired.code.sha256))
        .maybe("DeadLetterQueue", dead_letter)
        .maybe(
            "ProvisionedConcurrencyConfig",
            function.provisioned.map(|count| json!({ "ProvisionedConcurrentExecutions": count })),
        )
        .maybe("FunctionUrlConfig", url)
        .with("Tags", json!(function.tags));
    json!({
        "Type": "AWS::Serverless::Function",
        "DependsOn": format!("{id}Logs"),
        "Properties": Value::from(properties),
    })
}
