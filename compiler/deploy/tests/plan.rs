//! Plans as people and programs read them: what is new, what changes, what stays, and which steps lead there.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests may panic too

use mu_deploy::{
    Actual, Alias, AliasFound, Arch, Auth, Code, CodePlace, Configuration, Desired, Forecast, Found, Function,
    FunctionFound, Identity, LogGroup, LogGroupFound, Network, Owner, Policy, Published, RUNTIME, Role, RoleFound,
    Statement, Step, Store, Url, log_group, plan,
};
use serde_json::Value;
use std::collections::BTreeMap;

fn owner() -> Owner {
    Owner { project: "digits".into(), environment: "prod".into() }
}

fn identity() -> Identity {
    Identity { account: "123456789012".into(), partition: "aws".into(), arn: "arn:aws:iam::123456789012:user/x".into() }
}

fn policy() -> Policy {
    let resource = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:x:*".to_owned();
    let actions = vec!["logs:CreateLogStream".to_owned(), "logs:PutLogEvents".to_owned()];
    Policy {
        statements: vec![Statement {
            id: "WriteLogs".into(),
            actions,
            resources: vec![resource],
            condition: Value::Null,
        }],
    }
}

fn desired() -> Desired {
    let name = "digits-read".to_owned();
    let function = Function {
        entry: "read".into(),
        configuration: Configuration {
            handler: "read".into(),
            runtime: RUNTIME.into(),
            arch: Arch::X86_64,
            memory: 512,
            timeout: 5,
            ephemeral: 512,
            environment: BTreeMap::new(),
            network: None,
            kms_key: None,
            dead_letter: None,
        },
        role: Role::Own { name: name.clone(), policy: policy(), boundary: None },
        reserved: None,
        provisioned: None,
        logs: LogGroup { name: log_group(&name), retention_days: Some(30) },
        alias: Alias { name: "live".into(), canary: None },
        url: None,
        tags: owner().tags(),
        forecast: Forecast {
            cost: vec![("requests".into(), 2e-7), ("duration".into(), 1.5e-7)],
            cold_start: Some(0.0214),
            notes: Vec::new(),
        },
        name,
    };
    Desired {
        project: "digits".into(),
        environment: "prod".into(),
        region: "eu-central-1".into(),
        account: None,
        prefix: "digits-".into(),
        code: Code {
            sha256: "0123456789abcdef".into(),
            size: 2_900_000,
            unpacked: 7_000_000,
            place: CodePlace::Direct,
        },
        functions: vec![function],
    }
}

fn nothing() -> Actual {
    Actual {
        identity: identity(),
        functions: BTreeMap::new(),
        roles: BTreeMap::new(),
        logs: BTreeMap::new(),
        objects: Vec::new(),
    }
}

/// All of it as it should be, as version 3.
fn deployed(desired: &Desired) -> Actual {
    let function = &desired.functions[0];
    let version = Published {
        sha256: desired.code.sha256.clone(),
        configuration: function.configuration.clone(),
        role: function.role.arn(&identity()),
        description: String::new(),
        modified: String::new(),
    };
    let found = FunctionFound {
        name: function.name.clone(),
        arn: String::new(),
        tags: function.tags.clone(),
        latest: version.clone(),
        broken: None,
        revision: "r".into(),
        reserved: None,
        alias: Some(AliasFound { name: "live".into(), version: Some(3), canary: None, revision: "a".into() }),
        versions: BTreeMap::from([(3, version)]),
        url: None,
        provisioned: None,
    };
    let role = RoleFound {
        tags: owner().tags(),
        trust: Role::trust(),
        policy: Some(policy().document(&identity(), "eu-central-1")),
        boundary: None,
    };
    let logs = LogGroupFound { tags: owner().tags(), retention_days: Some(30) };
    Actual {
        functions: BTreeMap::from([(function.name.clone(), found)]),
        roles: BTreeMap::from([(function.name.clone(), Found::There(role))]),
        logs: BTreeMap::from([(function.logs.name.clone(), logs)]),
        ..nothing()
    }
}

#[test]
fn a_plan_from_nothing_names_all_that_is_made() {
    let text = plan(&desired(), &nothing()).unwrap().to_string();
    let wanted = "\
digits (prod) on AWS Lambda in eu-central-1, account 123456789012

+ digits-read (new)
    code                      sha256 0123456789ab
    handler                   read
    runtime                   provided.al2023, x86_64
    memory                    512 MB
    timeout                   5 s
    /tmp                      512 MB
    role                      arn:aws:iam::123456789012:role/digits-read
    rights                    logs:CreateLogStream, logs:PutLogEvents
    logs                      /aws/lambda/digits-read
    logs kept                 30 days
    alias                     live
    tag mulambda:environment  prod
    tag mulambda:project      digits
    predicted                 0.350 USD per 1M requests: 0.200 requests, 0.150 duration
    predicted                 cold start 21.4 ms

steps
   1. make the role digits-read
   2. make the log group /aws/lambda/digits-read
   3. keep the logs of /aws/lambda/digits-read for 30 days
   4. make the function digits-read from the zip of 2.9 MB
   5. publish a version of digits-read
   6. move digits-read:live to the new version
";
    assert_eq!(text, wanted, "{text}");
}

#[test]
fn a_plan_of_what_is_there_already_is_empty() {
    let desired = desired();
    let plan = plan(&desired, &deployed(&desired)).unwrap();
    assert!(plan.steps.is_empty());
    assert!(plan.to_string().contains("= digits-read (stays as it is)"), "{plan}");
    assert!(plan.to_string().ends_with("\nnothing to do\n"), "{plan}");
}

#[test]
fn a_plan_of_a_change_names_what_was_and_what_will_be() {
    let before = deployed(&desired());
    let mut desired = desired();
    let function = &mut desired.functions[0];
    function.configuration.memory = 1024;
    function.configuration.environment.insert("MODE".into(), "new".into());
    function.configuration.network =
        Some(Network { subnets: vec!["subnet-1".into()], security_groups: vec!["sg-1".into()] });
    function.alias.canary = Some(0.125);
    function.url = Some(Url { auth: Auth::Public });
    desired.code.place = CodePlace::S3(Store { bucket: "zips".into(), prefix: "mulambda/digits/prod".into() });
    desired.code.sha256 = "fedcba9876543210".into();
    let plan = plan(&desired, &before).unwrap();
    let text = plan.to_string();
    for line in [
        "~ digits-read (changes)",
        "    code             sha256 0123456789ab -> sha256 fedcba987654",
        "    memory           512 MB -> 1024 MB",
        "    subnets          subnet-1",
        "    variable MODE    new",
        "    canary           12.5%",
        "    address          for everybody",
        "note: `digits-read` has an address that everybody may call, at your cost (`auth public`)",
        "   1. store the zip of 2.9 MB as s3://zips/mulambda/digits/prod/blobs/sha256/fedcba9876543210",
        "   5. send 12.5% of the calls of digits-read:live to the new version",
        "   6. give digits-read an address for everybody",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    assert!(!text.contains("timeout"), "what stays is not named:\n{text}");
    // A zip that lies there is not sent again.
    let there = Actual { objects: vec!["mulambda/digits/prod/blobs/sha256/fedcba9876543210".into()], ..before };
    let again = mu_deploy::plan(&desired, &there).unwrap();
    assert!(!again.steps.iter().any(|step| matches!(step, Step::StoreCode { .. })), "{again}");
}

#[test]
fn a_plan_is_json_with_a_word_for_each_step() {
    let made = serde_json::to_value(plan(&desired(), &nothing()).unwrap()).unwrap();
    assert_eq!(made["functions"][0]["kind"], "new");
    assert_eq!(made["functions"][0]["forecast"]["cold_start"], 0.0214);
    let words: Vec<&str> = made["steps"].as_array().unwrap().iter().map(|step| step["do"].as_str().unwrap()).collect();
    assert_eq!(words, ["make_role", "make_logs", "keep_logs", "make_function", "publish", "switch"]);
}

#[test]
fn what_lambda_gave_up_is_said_again() {
    let was = desired();
    let mut wanted = was.clone();
    wanted.functions[0].configuration.memory = 1024;
    let mut actual = deployed(&was);
    let found = actual.functions.get_mut("digits-read").unwrap();
    // The change arrived, and Lambda could not carry it out.
    found.latest.configuration.memory = 1024;
    found.broken = Some("the subnet is full".into());
    let steps = plan(&wanted, &actual).unwrap().steps;
    assert!(steps.iter().any(|step| matches!(step, Step::Configure { .. })), "{steps:?}");
}

#[test]
fn another_function_of_ours_is_named_and_a_foreign_one_is_not() {
    let desired = desired();
    let mut actual = deployed(&desired);
    let ours = FunctionFound { name: "digits-old".into(), ..actual.functions["digits-read"].clone() };
    let foreign = FunctionFound { name: "digits-else".into(), tags: BTreeMap::new(), ..ours.clone() };
    actual.functions.extend([(ours.name.clone(), ours), (foreign.name.clone(), foreign)]);
    let text = plan(&desired, &actual).unwrap().to_string();
    assert!(text.contains("`mulc destroy --function digits-old` removes it"), "{text}");
    assert!(!text.contains("digits-else"), "{text}");
}
