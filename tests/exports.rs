//! What `mulc deploy` gives to others: CloudFormation held against cfn-lint and made in moto, where it gives what a deployment
//! gives; SAM held against cfn-lint, Terraform against the names its provider documents; and the rights of whoever deploys, held
//! against the calls that a deployment makes.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests may panic too

use mu_tests::cases::lay;
use mu_tests::moto::{Moto, with_aws};
use mu_tests::tools::{self, said};
use mu_tests::{files_below, made, python, root};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const MAIN: &str = "fn double(x: f32) -> f32 {
    x * 2.0
}

fn half(x: f32) -> f32 {
    x / 2.0
}

deploy double {
    target        lambda
    region        \"us-east-1\"
    memory        128 MB
    environment   MODE \"quick\"
    environment   TEAM \"vision\"
    url           on
    auth          public
    concurrency   50
    log_retention 14 day
}

deploy half {
    target    lambda
    region    \"us-east-1\"
    memory    256 MB
    timeout   20 s
    ephemeral 1024 MB
    url       on
}
";

/// `dev` says nothing, `test` what moto knows of, `prod` everything.
const SETTINGS: &str = "[project]
name = \"shop\"

[env.dev]

[env.test]
role = \"arn:aws:iam::123456789012:role/exists\"
subnets = [\"subnet-0a1b2c3d\"]
security_groups = [\"sg-0a1b2c3d\"]
log_retention = 365
environment = { MODE = \"careful\" }
tags = { team = \"vision\" }

[env.prod]
account = \"123456789012\"
boundary = \"arn:aws:iam::123456789012:policy/boundary\"
subnets = [\"subnet-0a1b2c3d\"]
security_groups = [\"sg-0a1b2c3d\"]
kms_key = \"arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555\"
dead_letter = \"arn:aws:sqs:us-east-1:123456789012:failed\"
concurrency = 60
provisioned = 2
canary = 0.1
environment = { MODE = \"careful ${path} %{if}\" }
tags = { \"cost centre\" = \"a/b\" }
";

fn project(name: &str) -> PathBuf {
    let folder = made().join("exports").join(name);
    lay(&folder, &[("mu.toml".into(), SETTINGS.into()), ("src/main.mu".into(), MAIN.into())]);
    folder
}

/// What `mulc` printed, in JSON or a path.
fn mulc(project: &Path, arguments: &[&str]) -> String {
    let output = tools::mulc(project, arguments);
    assert!(output.status.success(), "{}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// The file of an export and what it holds.
fn export(project: &Path, env: &str, tool: &str) -> (PathBuf, Value) {
    let out = format!("out/{env}/{tool}");
    let path = project.join(mulc(project, &["deploy", "--env", env, "--export", tool, "--out", &out]).trim_end());
    let text = fs::read_to_string(&path).unwrap();
    (path, serde_json::from_str(&text).unwrap())
}

fn fields(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap_or_else(|| panic!("{value} is no object"))
}

/// The resources of a template that are of a type.
fn of_type<'v>(template: &'v Value, kind: &str) -> Vec<(&'v String, &'v Value)> {
    fields(&template["Resources"]).iter().filter(|(_, made)| made["Type"] == kind).collect()
}

#[test]
fn cloudformation_and_sam_pass_cfn_lint() {
    let project = project("linted");
    for env in ["dev", "test", "prod"] {
        for tool in ["cloudformation", "sam"] {
            let (path, _) = export(&project, env, tool);
            let lint = Command::new(python::bin().join("cfn-lint"))
                .args(["--format", "json", "--regions", "us-east-1", "--"])
                .arg(&path)
                .output()
                .unwrap();
            assert!(lint.status.success(), "{env} {tool}: {}", said(&lint));
        }
    }
    // The check can fail.
    let (path, template) = export(&project, "dev", "cloudformation");
    let wrong = template.to_string().replace("\"MemorySize\":128", "\"MemorySize\":50");
    assert_ne!(wrong, template.to_string());
    fs::write(&path, wrong).unwrap();
    let lint = Command::new(python::bin().join("cfn-lint")).arg(&path).output().unwrap();
    assert!(!lint.status.success(), "a wrong template passes");
}

/// What an account of its own holds after a command was run on it.
fn account(act: impl FnOnce(&Moto)) -> Value {
    let moto = Moto::start();
    moto.script("exports.py", &["role", "exists"]);
    act(&moto);
    serde_json::from_str(&moto.script("exports.py", &["holds"])).unwrap()
}

#[test]
fn the_stack_of_an_export_holds_what_a_deployment_makes() {
    let project = project("stacked");
    for env in ["dev", "test"] {
        let (path, template) = export(&project, env, "cloudformation");
        let zip = path.with_file_name("shop.zip");
        let stack = account(|moto| {
            moto.script("exports.py", &["stack", path.to_str().unwrap(), "shop", zip.to_str().unwrap()]);
        });
        let ours = account(|moto| {
            let mut deploy = Command::new(tools::folder().join("mulc"));
            let deploy = with_aws(&mut deploy, moto.port).args(["deploy", "--env", env, "--yes"]);
            let output = deploy.current_dir(&project).output().unwrap();
            assert!(output.status.success(), "{}", said(&output));
        });
        assert_eq!(stack["roles"], ours["roles"], "{env}");
        assert_eq!(stack["logs"], ours["logs"], "{env}");
        let names = |there: &Value| fields(&there["functions"]).keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&stack), names(&ours), "{env}");
        assert_eq!(names(&ours), [format!("{env}-shop-double"), format!("{env}-shop-half")]);
        for (name, deployed) in fields(&ours["functions"]) {
            let stacked = &stack["functions"][name];
            for same in ["Handler", "Runtime", "Timeout", "MemorySize", "Environment", "Role", "CodeSha256"] {
                assert_eq!(stacked["configuration"][same], deployed["configuration"][same], "{env} {name} {same}");
            }
            for same in ["network", "reserved", "versions"] {
                assert_eq!(stacked[same], deployed[same], "{env} {name} {same}");
            }
            said_alike(&template, name, deployed);
        }
    }
}

/// What moto leaves out of the functions of stacks is held against the template itself.
fn said_alike(template: &Value, name: &str, deployed: &Value) {
    let functions = of_type(template, "AWS::Lambda::Function");
    let (id, function) = functions.iter().find(|(_, made)| made["Properties"]["FunctionName"] == name).unwrap();
    let (said, have) = (&function["Properties"], &deployed["configuration"]);
    for same in ["Architectures", "EphemeralStorage"] {
        assert_eq!(said[same], have[same], "{name} {same}");
    }
    let tags = said["Tags"].as_array().unwrap().iter();
    let tags: Map<String, Value> =
        tags.map(|tag| (tag["Key"].as_str().unwrap().to_owned(), tag["Value"].clone())).collect();
    assert_eq!(&Value::Object(tags), &deployed["tags"], "{name}");
    let aliases = of_type(template, "AWS::Lambda::Alias").into_iter().map(|(_, made)| &made["Properties"]);
    let aliases: Vec<&Value> = aliases.filter(|alias| alias["FunctionName"]["Ref"] == **id).collect();
    assert_eq!(aliases.len(), 1, "{name}");
    assert_eq!(fields(&deployed["aliases"]).keys().collect::<Vec<_>>(), [aliases[0]["Name"].as_str().unwrap()]);
    let version = aliases[0]["FunctionVersion"]["Fn::GetAtt"][0].as_str().unwrap();
    assert_eq!(template["Resources"][version]["Properties"]["FunctionName"]["Ref"], **id, "{name}");
    let urls = of_type(template, "AWS::Lambda::Url").into_iter().map(|(_, made)| &made["Properties"]);
    let auth: Vec<&Value> =
        urls.filter(|url| url["TargetFunctionArn"]["Ref"] == **id).map(|url| &url["AuthType"]).collect();
    assert_eq!(json!(auth), json!([deployed["auth"]]), "{name}");
}

#[test]
fn a_version_is_new_where_what_it_keeps_is() {
    let project = project("versions");
    let versions = || {
        let (_, template) = export(&project, "dev", "cloudformation");
        of_type(&template, "AWS::Lambda::Version").into_iter().map(|(id, _)| id.clone()).collect::<Vec<_>>()
    };
    let before = versions();
    assert_eq!(versions(), before);
    let main = fs::read_to_string(project.join("src/main.mu")).unwrap();
    fs::write(project.join("src/main.mu"), main.replace("timeout   20 s", "timeout   21 s")).unwrap();
    let after = versions();
    assert_eq!(after[0], before[0], "what did not change keeps its version");
    assert_ne!(after[1], before[1]);
}

#[test]
fn terraform_is_given_the_arguments_that_its_provider_documents() {
    let known: BTreeMap<String, toml::Table> =
        toml::from_str(&fs::read_to_string(root().join("tests/support/terraform.toml")).unwrap()).unwrap();
    let names = |table: &toml::Table, key: &str| -> BTreeSet<String> {
        table[key].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    let project = project("terraform");
    let mut seen = BTreeSet::new();
    for env in ["dev", "test", "prod"] {
        let (path, whole) = export(&project, env, "terraform");
        let text = fs::read_to_string(path).unwrap();
        for (kind, resources) in fields(&whole["resource"]) {
            let documented = known.get(kind).unwrap_or_else(|| panic!("{kind} is not documented"));
            seen.insert(kind.clone());
            for (id, resource) in fields(resources) {
                let given: BTreeSet<String> =
                    fields(resource).keys().filter(|&name| name != "depends_on").cloned().collect();
                let required = names(documented, "required");
                assert!(given.is_superset(&required), "{kind}.{id} lacks of {required:?}");
                let all: BTreeSet<String> = required.union(&names(documented, "optional")).cloned().collect();
                assert!(given.is_subset(&all), "{kind}.{id}: {:?}", given.difference(&all));
                for (block, inner) in documented.get("blocks").and_then(|b| b.as_table()).into_iter().flatten() {
                    let inner: BTreeSet<&str> = inner.as_array().unwrap().iter().map(|n| n.as_str().unwrap()).collect();
                    let given = resource[block].as_array().into_iter().flatten().flat_map(|one| fields(one).keys());
                    given.for_each(|name| assert!(inner.contains(name.as_str()), "{kind}.{id}.{block}.{name}"));
                }
            }
        }
        // What is referred to is there; `$${` is no reference.
        for reference in text.replace("$${", "").split("${aws_").skip(1) {
            let mut parts = reference.split(['.', '}']);
            let (kind, id) = (format!("aws_{}", parts.next().unwrap()), parts.next().unwrap());
            assert!(!whole["resource"][&kind][id].is_null(), "{kind}.{id} is not there");
        }
    }
    let unused: Vec<&String> = known.keys().filter(|kind| !seen.contains(*kind) && *kind != "aws_s3_object").collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn terraform_takes_texts_as_they_stand() {
    let project = project("texts");
    let (_, whole) = export(&project, "prod", "terraform");
    let variables = &whole["resource"]["aws_lambda_function"]["Double"]["environment"][0]["variables"];
    assert_eq!(variables["MODE"], "careful $${path} %%{if}");
}

/// Each call of a service in the sources of a deployment, as the right that it needs.
fn calls() -> BTreeSet<String> {
    let sources = files_below(&root().join("compiler/cloud/src/deploy")).into_iter();
    let text: String = sources.map(|path| fs::read_to_string(path).unwrap()).collect();
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let mut found = BTreeSet::new();
    for service in ["lambda", "iam", "logs"] {
        for part in text.split(&format!(".{service}.")).skip(1) {
            let (method, rest) = part.split_at(part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap());
            if rest.starts_with("()") {
                let words = method.split('_').map(|word| word[..1].to_uppercase() + &word[1..]);
                found.insert(format!("{service}:{}", words.collect::<String>()));
            }
        }
    }
    assert!(found.len() > 20, "{found:?}");
    found
}

#[test]
fn the_rights_that_are_printed_are_those_of_the_calls_that_are_made() {
    let project = project("rights");
    let policy: Value = serde_json::from_str(&mulc(&project, &["deploy", "--env", "dev", "--policy"])).unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    let actions = |statement: &Value| -> Vec<String> {
        statement["Action"].as_array().unwrap().iter().map(|action| action.as_str().unwrap().to_owned()).collect()
    };
    let allowed: BTreeSet<String> = statements.iter().flat_map(actions).collect();
    // What AWS asks for beside the call itself: tags that are given or read with something, a role that is handed on.
    let beside = ["iam:PassRole", "iam:TagRole", "lambda:ListTags", "lambda:TagResource", "logs:TagResource"];
    let needed: BTreeSet<String> = calls().into_iter().chain(beside.map(str::to_owned)).collect();
    assert_eq!(allowed, needed, "left: allowed, right: needed");
    // Nothing of it reaches beyond the project, but for what can only be listed whole.
    for statement in statements {
        for resource in statement["Resource"].as_array().unwrap().iter().map(|resource| resource.as_str().unwrap()) {
            let lists =
                actions(statement).iter().all(|action| action.contains(":List") || action.contains(":Describe"));
            assert!(resource.contains("dev-shop-") || lists, "{statement}");
        }
    }
}

#[test]
fn rights_are_given_only_under_the_boundary() {
    let project = project("bounded");
    let policy: Value = serde_json::from_str(&mulc(&project, &["deploy", "--env", "prod", "--policy"])).unwrap();
    let giving = policy["Statement"].as_array().unwrap().iter().filter(|statement| {
        statement["Action"]
            .as_array()
            .unwrap()
            .iter()
            .any(|action| action == "iam:PutRolePolicy" || action == "iam:CreateRole")
    });
    let boundary = "arn:aws:iam::123456789012:policy/boundary";
    let mut count = 0;
    for statement in giving {
        assert_eq!(statement["Condition"]["StringEquals"]["iam:PermissionsBoundary"], json!([boundary]));
        count += 1;
    }
    assert_eq!(count, 1);
    assert!(!policy.to_string().contains("DeleteRolePermissionsBoundary"), "a boundary could be taken off");
}
