//! A deployment as a template of CloudFormation.

use super::{Fields, ids};
use crate::desired::{Auth, Code, CodePlace, Configuration, Desired, Function, Tags, Url};
use crate::role::{Policy, Role};
use crate::scope::Owner;
use crate::version::VersionNote;
use mu_format::bundle::sha256;
use serde_json::{Map, Value, json};

/// The bucket that the zip is looked for in, where it is known.
pub(super) fn bucket(desired: &Desired) -> Option<&str> {
    match &desired.code.place {
        CodePlace::Direct => None,
        CodePlace::S3(store) => Some(&store.bucket),
    }
}

/// Where the zip lies in the bucket.
pub(super) fn key(desired: &Desired) -> String {
    let Desired { project, environment, code, .. } = desired;
    match &code.place {
        CodePlace::Direct => format!("mulambda/{project}/{environment}/blobs/sha256/{}", code.sha256),
        CodePlace::S3(store) => store.key(&code.sha256),
    }
}

pub(super) fn template(desired: &Desired) -> Value {
    let mut resources = Map::new();
    let mut outputs = Map::new();
    for (function, id) in desired.functions.iter().zip(ids(desired)) {
        resources.extend(around(function, &id, desired));
        resources.extend(code(function, &id, &desired.code));
        outputs.extend(shown(function, &id));
    }
    let code_bucket = Fields::default()
        .with("Type", "String")
        .with("Description", "The bucket that holds the zip")
        .maybe("Default", bucket(desired));
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": description(desired),
        "Parameters": {
            "CodeBucket": Value::from(code_bucket),
            "CodeKey": { "Type": "String", "Description": "Where in it the zip lies", "Default": key(desired) },
        },
        "Resources": resources,
        "Outputs": outputs,
    })
}

pub(super) fn description(desired: &Desired) -> String {
    format!("{} ({}), written by mulc from the program: change that", desired.project, desired.environment)
}

/// What stands beside a function: its role, where that is our own, and its logs.
pub(super) fn around(function: &Function, id: &str, desired: &Desired) -> Map<String, Value> {
    let mut resources = Map::new();
    let own = tags(&Owner::of(desired).tags());
    if let Role::Own { name, policy, boundary } = &function.role {
        let properties = Fields::default()
            .with("RoleName", name.as_str())
            .with("AssumeRolePolicyDocument", Role::trust())
            .with("Policies", json!([{ "PolicyName": Role::POLICY, "PolicyDocument": document(policy) }]))
            .maybe("PermissionsBoundary", boundary.as_deref())
            .with("Tags", own.clone());
        resources.insert(format!("{id}Role"), resource("AWS::IAM::Role", properties));
    }
    let logs = Fields::default()
        .with("LogGroupName", function.logs.name.as_str())
        .maybe("RetentionInDays", function.logs.retention_days)
        .with("Tags", own);
    resources.insert(format!("{id}Logs"), kept(resource("AWS::Logs::LogGroup", logs), "Delete"));
    resources
}

/// The function, its version and its alias.
fn code(function: &Function, id: &str, code: &Code) -> Map<String, Value> {
    let Function { configuration, alias, .. } = function;
    let properties = configured(function, id)
        .with("Code", json!({ "S3Bucket": { "Ref": "CodeBucket" }, "S3Key": { "Ref": "CodeKey" } }))
        .maybe("DeadLetterConfig", configuration.dead_letter.as_ref().map(|arn| json!({ "TargetArn": arn })))
        .with("Tags", tags(&function.tags));
    let mut made = resource("AWS::Lambda::Function", properties);
    after(&mut made, &format!("{id}Logs"));
    // CloudFormation publishes where the name is new, and it is where what a version keeps is.
    let version = format!("{id}Version{}", fingerprint(function, code));
    let note = VersionNote { bundle: code.sha256.clone(), before: None };
    let published = Fields::default().with("FunctionName", json!({ "Ref": id })).with("Description", note.to_string());
    let live = Fields::default()
        .with("Name", alias.name.as_str())
        .with("FunctionName", json!({ "Ref": id }))
        .with("FunctionVersion", json!({ "Fn::GetAtt": [version, "Version"] }))
        .maybe(
            "ProvisionedConcurrencyConfig",
            function.provisioned.map(|count| json!({ "ProvisionedConcurrentExecutions": count })),
        );
    let mut resources = Map::from_iter([
        (id.to_owned(), made),
        // A rollback goes back to it.
        (version.clone(), kept(resource("AWS::Lambda::Version", published), "Retain")),
        (format!("{id}Alias"), resource("AWS::Lambda::Alias", live)),
    ]);
    if let Some(url) = &function.url {
        resources.extend(address(function, id, url));
    }
    resources
}

/// What CloudFormation and SAM say alike of a function.
pub(super) fn configured(function: &Function, id: &str) -> Fields {
    let Configuration { handler, runtime, arch, memory, timeout, ephemeral, environment, network, kms_key, .. } =
        &function.configuration;
    let role = match &function.role {
        Role::Existing { arn } => json!(arn),
        Role::Own { .. } => json!({ "Fn::GetAtt": [format!("{id}Role"), "Arn"] }),
    };
    let network = network
        .as_ref()
        .map(|network| json!({ "SubnetIds": network.subnets, "SecurityGroupIds": network.security_groups }));
    Fields::default()
        .with("FunctionName", function.name.as_str())
        .with("Handler", handler.as_str())
        .with("Runtime", runtime.as_str())
        .with("Architectures", json!([arch.name()]))
        .with("MemorySize", *memory)
        .with("Timeout", *timeout)
        .with("EphemeralStorage", json!({ "Size": ephemeral }))
        .with("Role", role)
        .maybe("Environment", (!environment.is_empty()).then(|| json!({ "Variables": environment })))
        .maybe("VpcConfig", network)
        .maybe("KmsKeyArn", kms_key.as_deref())
        .maybe("ReservedConcurrentExecutions", function.reserved)
}

fn address(function: &Function, id: &str, url: &Url) -> Map<String, Value> {
    let public = url.auth == Auth::Public;
    let properties = Fields::default()
        .with("TargetFunctionArn", json!({ "Ref": id }))
        .with("Qualifier", function.alias.name.as_str())
        .with("AuthType", if public { "NONE" } else { "AWS_IAM" });
    let mut made = resource("AWS::Lambda::Url", properties);
    after(&mut made, &format!("{id}Alias"));
    let mut resources = Map::from_iter([(format!("{id}Url"), made)]);
    if public {
        let open = |action: &str, only: &str, value: Value| {
            let properties = Fields::default()
                .with("FunctionName", json!({ "Ref": format!("{id}Alias") }))
                .with("Principal", "*")
                .with("Action", action)
                .with(only, value);
            resource("AWS::Lambda::Permission", properties)
        };
        let url = open("lambda:InvokeFunctionUrl", "FunctionUrlAuthType", json!("NONE"));
        let call = open("lambda:InvokeFunction", "InvokedViaFunctionUrl", json!(true));
        resources.extend([(format!("{id}OpenUrl"), url), (format!("{id}OpenCall"), call)]);
    }
    resources
}

fn shown(function: &Function, id: &str) -> Map<String, Value> {
    let alias = json!({ "Description": format!("What callers of {} name", function.entry), "Value": { "Ref": format!("{id}Alias") } });
    let mut outputs = Map::from_iter([(format!("{id}Alias"), alias)]);
    if function.url.is_some() {
        let url = json!({ "Fn::GetAtt": [format!("{id}Url"), "FunctionUrl"] });
        outputs.insert(format!("{id}Url"), json!({ "Description": "Its address", "Value": url }));
    }
    outputs
}

/// Eight digits over what a version keeps.
fn fingerprint(function: &Function, code: &Code) -> String {
    let mut text =
        sha256(format!("{} {:?} {:?}", code.sha256, function.configuration, function.role.name()).as_bytes());
    text.truncate(8);
    text
}

fn resource(kind: &str, properties: Fields) -> Value {
    json!({ "Type": kind, "Properties": Value::from(properties) })
}

/// What becomes of a resource that the template no longer has.
fn kept(mut resource: Value, policy: &str) -> Value {
    for rule in ["DeletionPolicy", "UpdateReplacePolicy"] {
        resource[rule] = json!(policy);
    }
    resource
}

fn after(resource: &mut Value, other: &str) {
    resource["DependsOn"] = json!(other);
}

fn tags(tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}

/// A policy whose resources are filled in by CloudFormation.
fn document(policy: &Policy) -> Value {
    let mut document = policy.with(str::to_owned);
    let statements = document["Statement"].as_array_mut().into_iter().flatten();
    for resource in statements.flat_map(|statement| statement["Resource"].as_array_mut().into_iter().flatten()) {
        if resource.as_str().is_some_and(|text| text.contains("${")) {
            *resource = json!({ "Fn::Sub": resource.take() });
        }
    }
    document
}
