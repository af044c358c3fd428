//! Deployments on moto's Lambda, IAM and CloudWatch Logs, with boto3 looking at the result: planned, carried out, said again,
//! taken back, removed; what is somebody else's stays, and what is missing or fails is told. Faults at each call in turn are
//! `compiler/cloud/tests/deploy`'s.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests may panic too

use base64::Engine;
use mu_tests::cases::lay;
use mu_tests::emulator::{Emulator, unpack};
use mu_tests::moto::{Moto, with_aws, without_aws};
use mu_tests::proxy::{Fault, Proxy, Request};
use mu_tests::python::sha256;
use mu_tests::tools::{self, done, failed, said};
use mu_tests::{files_below, made, root};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

/// The AWS of all tests of this file: each has a project of its own.
static AWS: LazyLock<Moto> = LazyLock::new(Moto::start);

/// The digit example under another name, with more in its `mu.toml`.
fn project(name: &str, settings: &str) -> PathBuf {
    let folder = made().join("deploy").join(name);
    let example = root().join("examples/digits");
    let relative = |path: &Path| path.strip_prefix(&example).unwrap().to_str().unwrap().to_owned();
    let mut files: Vec<(String, Vec<u8>)> =
        files_below(&example).iter().map(|path| (relative(path), fs::read(path).unwrap())).collect();
    files.retain(|(path, _)| path != "mu.toml" && !path.starts_with("cases") && !path.starts_with("choices"));
    files.push(("mu.toml".into(), format!("[project]\nname = \"{name}\"\n{settings}").into_bytes()));
    lay(&folder, &files);
    folder
}

/// Changes the program.
fn edit(project: &Path, from: &str, to: &str) {
    let path = project.join("src/main.mu");
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches(from).count(), 1, "{from}");
    fs::write(path, text.replace(from, to)).unwrap();
}

fn command(project: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(tools::folder().join("mulc"));
    with_aws(&mut command, AWS.port).args(arguments).current_dir(project).stdin(Stdio::null());
    command
}

fn mulc(project: &Path, arguments: &[&str]) -> Output {
    command(project, arguments).output().unwrap()
}

/// What boto3 sees.
fn state() -> Value {
    serde_json::from_str(&AWS.script("deploy.py", &["state"])).unwrap()
}

/// What boto3 sees of things that are called so.
fn named(name: &str) -> Value {
    let all = state();
    let of = |kind: &str| -> Value {
        let all = all[kind].as_object().unwrap().iter().filter(|(key, _)| key.contains(name));
        Value::Object(all.map(|(key, value)| (key.clone(), value.clone())).collect())
    };
    json!({ "functions": of("functions"), "roles": of("roles"), "logs": of("logs") })
}

#[test]
fn the_example_is_deployed_answers_changes_goes_back_and_is_removed() {
    let project = project("whole", "");
    AWS.script("deploy.py", &["others", "whole-other"]);
    let before = named("whole-");
    let plan = done(mulc(&project, &["deploy", "--dry-run"]));
    for part in
        ["+ whole-read_digit (new)", "memory", "512 MB", "USD per 1M requests", "cold start", "make the function"]
    {
        assert!(plan.contains(part), "{part}:\n{plan}");
    }
    assert_eq!(named("whole-"), before, "a dry run does something");
    // Nobody can be asked, so nothing is done.
    failed(&mulc(&project, &["deploy"]), 1, "nothing was done");
    assert_eq!(named("whole-"), before);

    let said = done(mulc(&project, &["deploy", "--yes"]));
    assert!(said.contains("whole-read_digit:live version 1 is live"), "{said}");
    let first = named("whole-");
    let function = &first["functions"]["whole-read_digit"];
    assert_eq!((&function["MemorySize"], &function["Timeout"]), (&json!(512), &json!(5)), "{function}");
    assert_eq!((&function["Runtime"], &function["Handler"]), (&json!("provided.al2023"), &json!("read_digit")));
    assert_eq!(function["Aliases"], json!({ "live": ["1", {}] }));
    assert_eq!(function["Tags"], json!({ "mulambda:project": "whole", "mulambda:environment": "default" }));
    let role = &first["roles"]["whole-read_digit"];
    assert!(function["Role"].as_str().unwrap().ends_with(":role/whole-read_digit"));
    let rights = role["Policies"]["mulambda"]["Statement"].as_array().unwrap();
    assert_eq!(rights.len(), 1, "{role}");
    assert_eq!(rights[0]["Action"], json!(["logs:CreateLogStream", "logs:PutLogEvents"]));
    assert_eq!(first["logs"]["/aws/lambda/whole-read_digit"]["Days"], 30);

    // The zip that Lambda has is the one that `build` makes, and its runtime answers.
    let zip = PathBuf::from(AWS.script("deploy.py", &["zip", "whole-read_digit", "1"]).trim());
    done(mulc(&project, &["build", "--target", "lambda", "--out", "built.zip"]));
    assert_eq!(sha256(&fs::read(&zip).unwrap()), sha256(&fs::read(project.join("built.zip")).unwrap()));

    let task = made().join("deploy/task");
    unpack(&zip, &task);
    let emulator = Emulator::start();
    let _runtime = emulator.run(&task, Stdio::null());
    let picture = fs::read(root().join("examples/digits/pictures/seven.png")).unwrap();
    let event = json!({ "image": base64::engine::general_purpose::STANDARD.encode(picture) });
    assert_eq!(emulator.invoke(&event.to_string()), (200, json!("7")));

    // Again: nothing to do, and no write.
    let proxy = Proxy::start(AWS.port);
    let again = with_aws(&mut command(&project, &["deploy", "--yes"]), proxy.port).output().unwrap();
    assert!(done(again).contains("nothing to do"));
    let writes: Vec<Request> = proxy.seen().into_iter().filter(writes).collect();
    assert!(writes.is_empty() && !proxy.seen().is_empty(), "{writes:?}");
    assert_eq!(named("whole-"), first);

    // Another requirement: one new version, and the alias moved.
    edit(&project, "top1 on mnist_holdout >= 96% with confidence 95%", "top1 on mnist_holdout >= 98%");
    let said = done(mulc(&project, &["deploy", "--yes"]));
    assert!(said.contains("~ whole-read_digit (changes)") && said.contains("version 2 is live"), "{said}");
    let second = named("whole-");
    let versions = second["functions"]["whole-read_digit"]["Versions"].as_object().unwrap();
    assert_eq!(versions.keys().collect::<Vec<_>>(), ["1", "2"]);
    assert_ne!(versions["1"], versions["2"]);
    assert_eq!(second["functions"]["whole-read_digit"]["Aliases"]["live"][0], "2");

    let status: Value = serde_json::from_str(&done(mulc(&project, &["status", "--json"]))).unwrap();
    assert_eq!((&status[0]["version"], &status[0]["before"]), (&json!(2), &json!(1)), "{status}");
    assert!(done(mulc(&project, &["rollback"])).contains("version 1 is live"));
    assert_eq!(named("whole-")["functions"]["whole-read_digit"]["Aliases"]["live"][0], "1");
    failed(&mulc(&project, &["rollback"]), 1, "nothing was live before version 1");
    // Forwards again, without a new version.
    assert!(done(mulc(&project, &["deploy", "--yes"])).contains("version 2 is live"));
    assert_eq!(named("whole-"), second);

    assert!(done(mulc(&project, &["destroy", "--yes"])).contains("the function whole-read_digit"));
    assert_eq!(named("whole-"), before, "something of ours is left, or something else is gone");
    assert!(done(mulc(&project, &["destroy", "--yes"])).contains("nothing to remove"));
    assert!(done(mulc(&project, &["status"])).contains("nothing of `whole`"));
}

/// Whether a request changes something.
fn writes(request: &Request) -> bool {
    let body = String::from_utf8_lossy(&request.body).into_owned();
    let target = request.header("x-amz-target").unwrap_or_default();
    let reads = request.method == "GET"
        || ["Action=Get", "Action=List"].iter().any(|action| body.contains(action))
        || ["Describe", "List"].iter().any(|operation| target.contains(&format!(".{operation}")));
    !reads
}

#[test]
fn two_environments_of_a_project_stand_side_by_side() {
    let envs = "[env.dev]\nlog_retention = 1\n[env.prod]\nprefix = \"p-\"\ntags = { team = \"vision\" }\n";
    let project = project("sides", envs);
    failed(&mulc(&project, &["deploy", "--yes"]), 1, "which environment?");
    failed(&mulc(&project, &["status", "--env", "test"]), 1, "no environment `test`");
    done(mulc(&project, &["deploy", "--yes", "--env", "dev"]));
    done(mulc(&project, &["deploy", "--yes", "--env", "prod"]));
    let both = named("sides-");
    let names: Vec<&String> = both["functions"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["dev-sides-read_digit", "p-sides-read_digit"]);
    assert_eq!(both["functions"]["p-sides-read_digit"]["Tags"]["team"], "vision");
    assert_eq!(both["logs"]["/aws/lambda/dev-sides-read_digit"]["Days"], 1);
    for env in ["dev", "prod"] {
        assert!(done(mulc(&project, &["deploy", "--yes", "--env", env])).contains("nothing to do"));
    }
    done(mulc(&project, &["destroy", "--yes", "--env", "dev"]));
    let left = named("sides-");
    assert_eq!(left["functions"]["p-sides-read_digit"], both["functions"]["p-sides-read_digit"]);
    let count = |kind: &str| left[kind].as_object().unwrap().len();
    assert_eq!((count("functions"), count("roles"), count("logs")), (1, 1, 1), "{left}");
}

#[test]
fn a_name_that_is_taken_is_refused_and_what_has_it_stays() {
    let project = project("taken", "");
    AWS.script("deploy.py", &["others", "taken-read_digit"]);
    let before = named("taken-");
    failed(&mulc(&project, &["deploy", "--yes"]), 1, "there is a function `taken-read_digit` already");
    assert!(done(mulc(&project, &["destroy", "--yes"])).contains("nothing to remove"));
    assert_eq!(named("taken-"), before);
}

#[test]
fn an_alias_that_somebody_moved_is_planned_from_where_it_is() {
    let project = project("moved", "");
    done(mulc(&project, &["deploy", "--yes"]));
    edit(&project, "timeout  5 s", "timeout  6 s");
    done(mulc(&project, &["deploy", "--yes"]));
    AWS.script("deploy.py", &["move", "moved-read_digit", "1"]);
    let plan = done(mulc(&project, &["deploy", "--dry-run"]));
    assert!(plan.contains("move moved-read_digit:live to version 2") && plan.contains("5 s -> 6 s"), "{plan}");
    done(mulc(&project, &["deploy", "--yes"]));
    assert_eq!(named("moved-")["functions"]["moved-read_digit"]["Aliases"]["live"][0], "2");
}

#[test]
fn what_is_missing_is_told_before_anything_is_sent() {
    let project =
        project("missing", "[env.there]\naccount = \"999999999999\"\nprefix = \"\"\n[env.here]\nprefix = \"\"\n");
    let before = state();
    failed(&mulc(&project, &["deploy", "--yes", "--env", "there"]), 1, "999999999999");
    edit(&project, "    memory   512 MB", "    memory   512 MB\n    role \"arn:aws:iam::123456789012:role/gone\"");
    failed(&mulc(&project, &["deploy", "--yes", "--env", "here"]), 1, "role/gone` does not exist");
    let run = |settings: &[(&str, &str)]| {
        let mut command = Command::new(tools::folder().join("mulc"));
        command.args(["deploy", "--yes", "--env", "here"]).current_dir(&project).stdin(Stdio::null());
        without_aws(&mut command).envs(settings.iter().copied()).output().unwrap()
    };
    let key = [("AWS_ACCESS_KEY_ID", "testing"), ("AWS_SECRET_ACCESS_KEY", "secret-that-is-not-shown")];
    failed(&run(&[]), 3, "there are no AWS credentials");
    let nobody = [key[0], key[1], ("AWS_ENDPOINT_URL", "http://127.0.0.1:1")];
    failed(&run(&nobody), 3, "cannot reach AWS STS");
    edit(&project, "    region   \"eu-central-1\"\n", "");
    failed(&run(&key), 3, "no AWS region is set");
    assert_eq!(state()["functions"].get("missing-read_digit"), before["functions"].get("missing-read_digit"));
}

#[test]
fn what_aws_says_is_told_and_a_network_that_dies_in_the_upload_is_no_loss() {
    let project = project("dying", "");
    let proxy = Proxy::start(AWS.port);
    let deploy = || with_aws(&mut command(&project, &["deploy", "--yes"]), proxy.port).output().unwrap();
    let say = |status: &str, code: &str| {
        let body = format!("{{\"__type\":\"{code}\",\"message\":\"{code} it is\"}}");
        let head = format!("HTTP/1.1 {status}\r\nx-amzn-errortype: {code}\r\ncontent-length: {}\r\n", body.len());
        Fault::Say(format!("{head}connection: close\r\n\r\n{body}").into_bytes())
    };
    let uploads = |request: &Request| request.method == "POST" && request.path.ends_with("/functions");
    for (status, code, part) in [
        ("403 Forbidden", "ExpiredTokenException", "session has expired"),
        ("403 Forbidden", "UnrecognizedClientException", "does not know the AWS access key"),
        ("403 Forbidden", "AccessDeniedException", "--policy"),
        ("400 Bad Request", "CodeStorageExceededException", "delete old versions"),
        ("400 Bad Request", "InvalidParameterValueException", "InvalidParameterValueException it is"),
        ("413 Too Large", "RequestEntityTooLargeException", "bucket"),
    ] {
        let answer = say(status, code);
        proxy.fail(move |request| if uploads(request) { answer.clone() } else { Fault::None });
        failed(&deploy(), 3, part);
    }
    proxy.fail(move |request| if uploads(request) { Fault::Drop } else { Fault::None });
    let cut = deploy();
    assert_eq!(cut.status.code(), Some(3), "{}", said(&cut));
    assert!(named("dying-")["functions"].as_object().unwrap().is_empty());
    // Once it is back, the rest is done, and what was made before is not made again.
    let mut lost = false;
    proxy.fail(move |request| {
        let first = uploads(request) && !std::mem::replace(&mut lost, true);
        if first { Fault::Lose } else { Fault::None }
    });
    done(deploy());
    let made = named("dying-");
    assert_eq!(made["functions"]["dying-read_digit"]["Versions"].as_object().unwrap().len(), 1, "{made}");
    let roles =
        proxy.seen().into_iter().filter(|request| String::from_utf8_lossy(&request.body).contains("CreateRole"));
    assert_eq!(roles.count(), 0);
}

#[test]
fn a_trial_an_address_and_limits_are_deployed_and_taken_away_again() {
    let project = project("trial", "");
    edit(
        &project,
        "    memory   512 MB",
        "    memory   512 MB\n    url on\n    auth public\n    concurrency 5\n    canary 25%",
    );
    let said = done(mulc(&project, &["deploy", "--yes"]));
    assert!(said.contains("everybody may call") && said.contains("answers at https://"), "{said}");
    edit(&project, "timeout  5 s", "timeout  6 s");
    let said = done(mulc(&project, &["deploy", "--yes"]));
    assert!(said.contains("send 25% of the calls of trial-read_digit:live to the new version"), "{said}");
    let now = || named("trial-")["functions"]["trial-read_digit"].clone();
    assert_eq!(now()["Aliases"]["live"], json!(["1", { "2": 0.25 }]));
    assert_eq!(now()["Address"], "NONE");
    assert!(done(mulc(&project, &["status"])).contains("2: 25%"));
    edit(&project, "    canary 25%\n", "");
    edit(&project, "    url on\n    auth public\n", "");
    let said = done(mulc(&project, &["deploy", "--yes"]));
    assert!(said.contains("take the address off"), "{said}");
    assert_eq!((&now()["Aliases"]["live"], &now()["Address"]), (&json!(["2", {}]), &Value::Null));
    assert!(done(mulc(&project, &["deploy", "--yes"])).contains("nothing to do"));
}
