//! A deployment as a configuration of Terraform, in its JSON syntax.

use super::{Fields, ids};
use crate::desired::{Auth, CodePlace, Configuration, Desired, Function, Tags};
use crate::role::Role;
use crate::scope::Owner;
use serde_json::{Map, Value, json};

/// Since it, a call through a public address can be allowed.
const PROVIDER: &str = ">= 6.29.0";

pub(super) fn configuration(desired: &Desired, zip: &str) -> Value {
    let mut made = Maker { desired, zip, resources: Map::new() };
    if let CodePlace::S3(store) = &desired.code.place {
        let object = Fields::default()
            .with("bucket", literal(&store.bucket))
            .with("key", literal(&store.key(&desired.code.sha256)))
            .with("source", beside(zip));
        made.add("aws_s3_object", "code", object);
    }
    let mut outputs = Map::new();
    for (function, id) in desired.functions.iter().zip(ids(desired)) {
        let id = &id;
        made.role(function, id);
        made.logs(function, id);
        made.function(function, id);
        made.alias(function, id);
        made.address(function, id);
        outputs.insert(format!("{id}Alias"), json!({ "value": format!("${{aws_lambda_alias.{id}.arn}}") }));
        if function.url.is_some() {
            let url = format!("${{aws_lambda_function_url.{id}.function_url}}");
            outputs.insert(format!("{id}Url"), json!({ "value": url }));
        }
    }
    let provider = Fields::default()
        .with("region", literal(&desired.region))
        .maybe("allowed_account_ids", desired.account.as_ref().map(|account| json!([account])));
    json!({
        "//": super::cloudformation::description(desired),
        "terraform": { "required_providers": { "aws": { "source": "hashicorp/aws", "version": PROVIDER } } },
        "provider": { "aws": Value::from(provider) },
        "data": { "aws_caller_identity": { "current": {} }, "aws_partition": { "current": {} } },
        "resource": made.resources,
        "output": outputs,
    })
}

struct Maker<'a> {
    desired: &'a Desired,
    zip: &'a str,
    /// By kind and name.
    resources: Map<String, Value>,
}

impl Maker<'_> {
    fn add(&mut self, kind: &str, id: &str, fields: Fields) {
        let of_kind = self.resources.entry(kind).or_insert_with(|| json!({}));
        of_kind[id] = fields.into();
    }

    fn role(&mut self, function: &Function, id: &str) {
        let Role::Own { name, policy, boundary } = &function.role else { return };
        let role = Fields::default()
            .with("name", literal(name))
            .with("assume_role_policy", literal(&Role::trust().to_string()))
            .maybe("permissions_boundary", boundary.as_deref().map(literal))
            .with("tags", tags(&Owner::of(self.desired).tags()));
        self.add("aws_iam_role", id, role);
        let document = policy.with(|resource| {
            resource
                .replace("${AWS::Partition}", "${data.aws_partition.current.partition}")
                .replace("${AWS::Region}", &self.desired.region)
                .replace("${AWS::AccountId}", "${data.aws_caller_identity.current.account_id}")
        });
        let rights = Fields::default()
            .with("name", Role::POLICY)
            .with("role", format!("${{aws_iam_role.{id}.name}}"))
            .with("policy", document.to_string());
        self.add("aws_iam_role_policy", id, rights);
    }

    fn logs(&mut self, function: &Function, id: &str) {
        let logs = Fields::default()
            .with("name", literal(&function.logs.name))
            .maybe("retention_in_days", function.logs.retention_days)
            .with("tags", tags(&Owner::of(self.desired).tags()));
        self.add("aws_cloudwatch_log_group", id, logs);
    }

    fn function(&mut self, function: &Function, id: &str) {
        let Configuration { handler, runtime, arch, memory, timeout, ephemeral, environment, network, .. } =
            &function.configuration;
        let role = match &function.role {
            Role::Existing { arn } => literal(arn),
            Role::Own { .. } => format!("${{aws_iam_role.{id}.arn}}"),
        };
        let mut after = vec![format!("aws_cloudwatch_log_group.{id}")];
        if matches!(function.role, Role::Own { .. }) {
            after.push(format!("aws_iam_role_policy.{id}"));
        }
        let variables = environment.iter().map(|(name, value)| (name.clone(), Value::from(literal(value))));
        let variables = Map::from_iter(variables);
        let network = network
            .as_ref()
            .map(|network| json!([{ "subnet_ids": network.subnets, "security_group_ids": network.security_groups }]));
        let made = Fields::default()
            .with("function_name", literal(&function.name))
            .with("handler", handler.as_str())
            .with("runtime", runtime.as_str())
            .with("architectures", json!([arch.name()]))
            .with("memory_size", *memory)
            .with("timeout", *timeout)
            .with("ephemeral_storage", json!([{ "size": ephemeral }]))
            .with("role", role)
            .with("publish", true)
            .maybe("environment", (!variables.is_empty()).then(|| json!([{ "variables": variables }])))
            .maybe("vpc_config", network)
            .maybe("kms_key_arn", function.configuration.kms_key.as_deref().map(literal))
            .maybe(
                "dead_letter_config",
                function.configuration.dead_letter.as_deref().map(|arn| json!([{ "target_arn": literal(arn) }])),
            )
            .maybe("reserved_concurrent_executions", function.reserved)
            .with("tags", tags(&function.tags))
            .with("depends_on", json!(after));
        let made = match &self.desired.code.place {
            CodePlace::Direct => made
                .with("filename", beside(self.zip))
                .with("source_code_hash", format!("${{filebase64sha256(\"{}\")}}", beside(self.zip))),
            // The key is the hash: other code lies at another key.
            CodePlace::S3(_) => {
                made.with("s3_bucket", "${aws_s3_object.code.bucket}").with("s3_key", "${aws_s3_object.code.key}")
            }
        };
        self.add("aws_lambda_function", id, made);
    }

    fn alias(&mut self, function: &Function, id: &str) {
        let alias = Fields::default()
            .with("name", literal(&function.alias.name))
            .with("function_name", format!("${{aws_lambda_function.{id}.function_name}}"))
            .with("function_version", format!("${{aws_lambda_function.{id}.version}}"));
        self.add("aws_lambda_alias", id, alias);
        if let Some(count) = function.provisioned {
            let ready = behind(id).with("provisioned_concurrent_executions", count);
            self.add("aws_lambda_provisioned_concurrency_config", id, ready);
        }
    }

    fn address(&mut self, function: &Function, id: &str) {
        let Some(url) = &function.url else { return };
        let public = url.auth == Auth::Public;
        let address = behind(id).with("authorization_type", if public { "NONE" } else { "AWS_IAM" });
        self.add("aws_lambda_function_url", id, address);
        if public {
            let open = |action: &str| behind(id).with("principal", "*").with("action", action);
            let url = open("lambda:InvokeFunctionUrl").with("function_url_auth_type", "NONE");
            let call = open("lambda:InvokeFunction").with("invoked_via_function_url", true);
            self.add("aws_lambda_permission", &format!("{id}Url"), url);
            self.add("aws_lambda_permission", &format!("{id}Call"), call);
        }
    }
}

/// What belongs to a function's alias.
fn behind(id: &str) -> Fields {
    Fields::default()
        .with("function_name", format!("${{aws_lambda_function.{id}.function_name}}"))
        .with("qualifier", format!("${{aws_lambda_alias.{id}.name}}"))
}

fn tags(tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| (literal(key), Value::from(literal(value)))).collect()
}

/// A text that Terraform takes as it stands: texts are templates there.
fn literal(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

/// A file that lies where the configuration does.
fn beside(file: &str) -> String {
    format!("${{path.module}}/{}", literal(file))
}
