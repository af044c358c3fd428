//! An AWS in memory for tests: Lambda, IAM, S3, CloudWatch Logs and STS as far as deployments speak to them. It is stricter than
//! moto: revisions are held, changes take their time, an unchanged version is published again. It fails where it is told.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests may panic too

use super::forms;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::{AsyncSleep, SharedAsyncSleep, Sleep};
use aws_smithy_http_client::test_util::infallible_client_fn;
use aws_smithy_types::body::SdkBody;
use mu_cloud::Session;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub const ACCOUNT: &str = "123456789012";

/// What becomes of the calls, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// From this call on nothing arrives.
    CutBefore(usize),
    /// This call still arrives; its answer and all that comes later does not.
    CutAfter(usize),
    /// This one call does not arrive.
    MissOne(usize),
    /// The answer to this one call is lost.
    LoseOne(usize),
    /// Every call is told to come back later.
    Throttle,
}

/// What there is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    pub functions: BTreeMap<String, Function>,
    /// Name to trust, tags, policy, boundary.
    pub roles: BTreeMap<String, Value>,
    /// Name to tags and days.
    pub logs: BTreeMap<String, Value>,
    /// In the one bucket that there is.
    pub objects: BTreeMap<String, Vec<u8>>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Function {
    pub tags: Map<String, Value>,
    pub latest: Map<String, Value>,
    pub versions: BTreeMap<u64, Map<String, Value>>,
    pub aliases: BTreeMap<String, Value>,
    pub reserved: Option<Value>,
    pub provisioned: Option<Value>,
    pub url: Option<String>,
    pub policy: BTreeMap<String, Value>,
}

pub struct Fake {
    pub state: State,
    pub fault: Fault,
    /// Every call: `PUT functions/x/code`, `iam CreateRole`.
    pub calls: Vec<String>,
    pub slept: Duration,
    /// Looks until a change is settled.
    pending: u32,
    revision: u64,
    /// The first tries at a function with a new role fail.
    pub new_role: u32,
}

/// An answer: status, the error's name, body.
pub type Answer = (u16, String, String);

/// What a request asks for.
type Call = Box<dyn FnOnce(&mut Fake) -> Answer>;

/// The settings' way to sleep: it only counts.
#[derive(Clone)]
struct Counting(Arc<Mutex<Fake>>);

impl std::fmt::Debug for Counting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Counting")
    }
}

impl AsyncSleep for Counting {
    fn sleep(&self, time: Duration) -> Sleep {
        self.0.lock().unwrap().slept += time;
        Sleep::new(std::future::ready(()))
    }
}

/// A session with a fake AWS.
pub fn aws(state: State) -> (Session, Arc<Mutex<Fake>>) {
    let fake = Fake {
        state,
        fault: Fault::None,
        calls: Vec::new(),
        slept: Duration::ZERO,
        pending: 0,
        revision: 0,
        new_role: 0,
    };
    let fake = Arc::new(Mutex::new(fake));
    let of_client = fake.clone();
    let client = infallible_client_fn(move |request| {
        let (status, code, body) = of_client.lock().unwrap().answer(&request);
        let answer = http::Response::builder().status(status).header("x-amzn-errortype", code);
        let answer = answer.header("content-length", body.len());
        answer.body(SdkBody::from(body)).unwrap()
    });
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(client)
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("id", "secret", None, None, "test")))
        .retry_config(RetryConfig::disabled())
        .sleep_impl(SharedAsyncSleep::new(Counting(fake.clone())))
        .region(Region::new("eu-central-1"))
        .build();
    (Session::with(config).unwrap(), fake)
}

impl Fake {
    /// What the calls so far wrote.
    pub fn writes(&self) -> Vec<&String> {
        let reads = ["GET ", "iam Get", "logs Describe", "logs List", "s3 GET", "s3 HEAD", "sts "];
        self.calls.iter().filter(|call| !reads.iter().any(|read| call.starts_with(read))).collect()
    }

    fn answer(&mut self, request: &http::Request<SdkBody>) -> Answer {
        let number = self.calls.len();
        let host = request.uri().host().unwrap().to_owned();
        let body = request.body().bytes().unwrap_or_default().to_vec();
        let service = if host.contains(".s3.") { "s3" } else { host.split('.').next().unwrap() };
        let (name, call): (String, Call) = match service {
            "lambda" => {
                let path = request.uri().path().splitn(3, '/').nth(2).unwrap().to_owned();
                let qualifier = request.uri().query().and_then(|query| query.strip_prefix("Qualifier="));
                let qualifier = qualifier.map(|text| text.split('&').next().unwrap().to_owned());
                let method = request.method().as_str().to_owned();
                let body: Value = serde_json::from_slice(&body).unwrap_or_default();
                let name = format!("{method} {path}");
                (name, Box::new(move |fake| fake.lambda(&method, &path, qualifier.as_deref(), &body)))
            }
            "s3" => {
                let key = request.uri().path().trim_start_matches('/').to_owned();
                let method = request.method().as_str().to_owned();
                (format!("s3 {method} {key}"), Box::new(move |fake| fake.s3(&method, &key, body)))
            }
            "logs" => {
                let target = request.headers()["x-amz-target"].to_str().unwrap().to_owned();
                let operation = target.split('.').nth(1).unwrap().to_owned();
                let body: Value = serde_json::from_slice(&body).unwrap();
                (format!("logs {operation}"), Box::new(move |fake| fake.logs(&operation, &body)))
            }
            "iam" | "sts" => {
                let form = forms::read(&body);
                (format!("{service} {}", form["Action"]), Box::new(move |fake| fake.iam(&form)))
            }
            other => panic!("nobody is at {other}"),
        };
        self.calls.push(name);
        let lost = || (503, "ServiceUnavailable".to_owned(), "{}".to_owned());
        match self.fault {
            Fault::Throttle => (429, "TooManyRequestsException".to_owned(), "{}".to_owned()),
            Fault::CutBefore(from) if number >= from => lost(),
            Fault::CutAfter(from) if number > from => lost(),
            Fault::MissOne(one) if number == one => lost(),
            Fault::CutAfter(one) | Fault::LoseOne(one) if number == one => {
                call(self);
                lost()
            }
            _ => call(self),
        }
    }

    fn lambda(&mut self, method: &str, path: &str, qualifier: Option<&str>, body: &Value) -> Answer {
        let parts: Vec<&str> = path.trim_end_matches('/').split('/').collect();
        match (method, parts.as_slice()) {
            ("GET", ["functions"]) => {
                let all: Vec<Value> = self.state.functions.values().map(|f| Value::from(f.latest.clone())).collect();
                ok(json!({ "Functions": all }))
            }
            ("POST", ["functions"]) => self.create(body),
            ("POST", ["tags", arn]) => {
                let name = arn.rsplit("%3A").next().unwrap().to_owned();
                let tags = body["Tags"].as_object().unwrap().clone();
                self.touched(&name, |function| function.tags.extend(tags))
            }
            (_, ["functions", name, rest @ ..]) => {
                if !self.state.functions.contains_key(*name) {
                    return refused(404, "ResourceNotFoundException", "no such function");
                }
                self.of_function(method, name, rest, qualifier, body)
            }
            _ => panic!("{method} {path}"),
        }
    }

    fn of_function(&mut self, method: &str, name: &str, rest: &[&str], at: Option<&str>, body: &Value) -> Answer {
        let revision = self.state.functions[name].latest["RevisionId"].clone();
        let stale = body.get("RevisionId").is_some_and(|wanted| *wanted != revision);
        match (method, rest) {
            ("GET", []) => self.get(name, at),
            ("DELETE", []) => {
                self.state.functions.remove(name);
                (204, String::new(), String::new())
            }
            ("PUT", ["code" | "configuration"]) | ("POST", ["versions"]) if self.pending > 0 => {
                self.pending -= 1;
                refused(409, "ResourceConflictException", "an update is in progress")
            }
            ("PUT", ["code" | "configuration"]) | ("POST", ["versions"]) if stale => {
                refused(412, "PreconditionFailedException", "the RevisionId is another")
            }
            ("PUT", ["code"]) => {
                let (sum, arch) = (self.sum(body), body["Architectures"].clone());
                self.touched(name, |function| {
                    function.latest.insert("CodeSha256".into(), sum);
                    function.latest.insert("Architectures".into(), arch);
                })
            }
            ("PUT", ["configuration"]) => {
                let mut settings = body.as_object().unwrap().clone();
                settings.remove("RevisionId");
                self.touched(name, |function| function.latest.extend(settings))
            }
            ("GET", ["versions"]) => {
                let all: Vec<Value> =
                    self.state.functions[name].versions.values().map(|v| Value::from(v.clone())).collect();
                ok(json!({ "Versions": all }))
            }
            ("POST", ["versions"]) => self.publish(name, body),
            (_, ["aliases", ..]) => self.alias(method, name, &rest[1..], body),
            (_, ["url"]) => self.url(method, name, body),
            (_, ["policy", ..]) => self.policy(method, name, &rest[1..], body),
            (_, ["concurrency"]) => {
                let value = (method == "PUT").then(|| body["ReservedConcurrentExecutions"].clone());
                self.touched(name, |function| function.reserved = value)
            }
            (_, ["provisioned-concurrency"]) => self.provisioned(method, name, body),
            _ => panic!("{method} {name} {rest:?}"),
        }
    }

    fn create(&mut self, body: &Value) -> Answer {
        let name = body["FunctionName"].as_str().unwrap().to_owned();
        if self.state.functions.contains_key(&name) {
            return refused(409, "ResourceConflictException", "it exists already");
        }
        let role = body["Role"].as_str().unwrap().rsplit('/').next().unwrap();
        if !self.state.roles.contains_key(role) || self.new_role > 0 {
            self.new_role = self.new_role.saturating_sub(1);
            let message = "The role defined for the function cannot be assumed by Lambda.";
            return refused(400, "InvalidParameterValueException", message);
        }
        let mut latest = body.as_object().unwrap().clone();
        let tags = latest.remove("Tags").unwrap().as_object().unwrap().clone();
        let arn = format!("arn:aws:lambda:eu-central-1:{ACCOUNT}:function:{name}");
        let code = latest.remove("Code").unwrap();
        latest.extend([
            ("CodeSha256".to_owned(), self.sum(&code)),
            ("FunctionArn".to_owned(), json!(arn)),
            ("Version".to_owned(), json!("$LATEST")),
        ]);
        self.state.functions.insert(name.clone(), Function { tags, latest, ..Function::default() });
        self.touched(&name, |_| ())
    }

    /// A change that takes a while and moves the revision.
    fn touched(&mut self, name: &str, change: impl FnOnce(&mut Function)) -> Answer {
        self.revision += 1;
        self.pending = 2;
        let function = self.state.functions.get_mut(name).unwrap();
        change(function);
        function.latest.insert("RevisionId".into(), json!(format!("r{}", self.revision)));
        ok(json!({}))
    }

    fn get(&mut self, name: &str, at: Option<&str>) -> Answer {
        let state = if self.pending > 0 { "InProgress" } else { "Successful" };
        self.pending = self.pending.saturating_sub(1);
        let function = &self.state.functions[name];
        let found = match at {
            None => Some(&function.latest),
            Some(version) => version.parse().ok().and_then(|version: u64| function.versions.get(&version)),
        };
        let Some(mut found) = found.cloned() else { return refused(404, "ResourceNotFoundException", "no version") };
        found.insert("LastUpdateStatus".into(), json!(state));
        let reserved = function.reserved.as_ref().map(|calls| json!({ "ReservedConcurrentExecutions": calls }));
        ok(json!({ "Configuration": found, "Tags": function.tags, "Concurrency": reserved }))
    }

    fn publish(&mut self, name: &str, body: &Value) -> Answer {
        let function = self.state.functions.get_mut(name).unwrap();
        if body["CodeSha256"] != function.latest["CodeSha256"] {
            return refused(400, "InvalidParameterValueException", "the code is another");
        }
        let number = function.versions.keys().next_back().map_or(1, |last| last + 1);
        let mut version = function.latest.clone();
        version.remove("RevisionId");
        version.insert("Version".into(), json!(number.to_string()));
        version.insert("Description".into(), body["Description"].clone());
        function.versions.insert(number, version.clone());
        self.pending = 1;
        ok(Value::from(version))
    }

    fn alias(&mut self, method: &str, name: &str, rest: &[&str], body: &Value) -> Answer {
        self.revision += 1;
        let revision = json!(format!("a{}", self.revision));
        let function = self.state.functions.get_mut(name).unwrap();
        let mut made = body.clone();
        made["RevisionId"] = revision;
        match (method, rest) {
            ("GET", [alias]) => match function.aliases.get(*alias) {
                Some(alias) => ok(alias.clone()),
                None => refused(404, "ResourceNotFoundException", "no alias"),
            },
            ("POST", []) => {
                let alias = body["Name"].as_str().unwrap();
                if function.aliases.contains_key(alias) {
                    return refused(409, "ResourceConflictException", "it exists already");
                }
                function.aliases.insert(alias.to_owned(), made);
                ok(json!({}))
            }
            ("PUT", [alias]) => {
                if function.aliases[*alias]["RevisionId"] != body["RevisionId"] {
                    return refused(412, "PreconditionFailedException", "the RevisionId is another");
                }
                function.aliases.insert((*alias).to_owned(), made);
                ok(json!({}))
            }
            _ => panic!("{method} {rest:?}"),
        }
    }

    fn url(&mut self, method: &str, name: &str, body: &Value) -> Answer {
        let function = self.state.functions.get_mut(name).unwrap();
        let shown = |auth: &str| {
            let arn = format!("arn:aws:lambda:eu-central-1:{ACCOUNT}:function:{name}:live");
            let time = "2026-11-22T00:00:00Z";
            json!({ "FunctionUrl": format!("https://{name}.test/"), "FunctionArn": arn, "AuthType": auth,
                    "CreationTime": time, "LastModifiedTime": time })
        };
        match (method, &function.url) {
            ("POST", Some(_)) => refused(409, "ResourceConflictException", "it exists already"),
            ("GET", Some(auth)) => ok(shown(auth)),
            ("POST", None) | ("PUT", Some(_)) => {
                let auth = body["AuthType"].as_str().unwrap().to_owned();
                let answer = ok(shown(&auth));
                function.url = Some(auth);
                answer
            }
            ("DELETE", Some(_)) => {
                function.url = None;
                (204, String::new(), String::new())
            }
            _ => refused(404, "ResourceNotFoundException", "no address"),
        }
    }

    fn policy(&mut self, method: &str, name: &str, rest: &[&str], body: &Value) -> Answer {
        let policy = &mut self.state.functions.get_mut(name).unwrap().policy;
        match (method, rest) {
            ("GET", []) if policy.is_empty() => refused(404, "ResourceNotFoundException", "no policy"),
            ("GET", []) => {
                let statements: Vec<Value> = policy.keys().map(|id| json!({ "Sid": id })).collect();
                ok(json!({ "Policy": json!({ "Statement": statements }).to_string() }))
            }
            ("POST", []) => {
                let id = body["StatementId"].as_str().unwrap().to_owned();
                match policy.insert(id, body.clone()) {
                    None => ok(json!({})),
                    Some(_) => refused(409, "ResourceConflictException", "it exists already"),
                }
            }
            ("DELETE", [id]) => {
                policy.remove(*id);
                (204, String::new(), String::new())
            }
            _ => panic!("{method} {rest:?}"),
        }
    }

    fn provisioned(&mut self, method: &str, name: &str, body: &Value) -> Answer {
        let function = self.state.functions.get_mut(name).unwrap();
        match (method, &function.provisioned) {
            ("GET", Some(count)) => ok(json!({ "RequestedProvisionedConcurrentExecutions": count })),
            ("GET", None) => refused(404, "ProvisionedConcurrencyConfigNotFoundException", "none"),
            ("PUT", _) => {
                function.provisioned = Some(body["ProvisionedConcurrentExecutions"].clone());
                ok(json!({}))
            }
            _ => {
                function.provisioned = None;
                (204, String::new(), String::new())
            }
        }
    }

    fn logs(&mut self, operation: &str, body: &Value) -> Answer {
        let name = body["logGroupName"].as_str().unwrap_or_default().to_owned();
        let arn = |name: &str| format!("arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:{name}");
        let logs = &mut self.state.logs;
        match operation {
            "DescribeLogGroups" => {
                let prefix = body["logGroupNamePrefix"].as_str().unwrap();
                let alike = logs.iter().filter(|(name, _)| name.starts_with(prefix));
                let shown = alike.map(|(name, group)| {
                    json!({ "logGroupName": name, "logGroupArn": arn(name), "retentionInDays": group["days"] })
                });
                ok(json!({ "logGroups": shown.collect::<Vec<_>>() }))
            }
            "ListTagsForResource" => {
                let found = logs.iter().find(|(name, _)| arn(name) == body["resourceArn"]);
                ok(json!({ "tags": found.unwrap().1["tags"] }))
            }
            "CreateLogGroup" if logs.contains_key(&name) => {
                refused(400, "ResourceAlreadyExistsException", "it exists already")
            }
            "CreateLogGroup" => {
                logs.insert(name, json!({ "tags": body["tags"] }));
                ok(json!({}))
            }
            "PutRetentionPolicy" => {
                logs.get_mut(&name).unwrap()["days"] = body["retentionInDays"].clone();
                ok(json!({}))
            }
            "DeleteLogGroup" => match logs.remove(&name) {
                Some(_) => ok(json!({})),
                None => refused(400, "ResourceNotFoundException", "no such group"),
            },
            _ => panic!("{operation}"),
        }
    }

    fn s3(&mut self, method: &str, key: &str, body: Vec<u8>) -> Answer {
        let objects = &mut self.state.objects;
        match (method, objects.get(key)) {
            ("GET", _) => {
                let keys: String = objects.keys().map(|key| format!("<Contents><Key>{key}</Key></Contents>")).collect();
                (200, String::new(), format!("<ListBucketResult>{keys}</ListBucketResult>"))
            }
            ("HEAD", Some(object)) => (200, String::new(), String::from_utf8(object.clone()).unwrap()),
            ("HEAD", None) => (404, String::new(), String::new()),
            ("PUT", Some(_)) => (412, String::new(), "<Error><Code>PreconditionFailed</Code></Error>".to_owned()),
            ("PUT", None) => {
                objects.insert(key.to_owned(), body);
                (200, String::new(), String::new())
            }
            _ => {
                objects.remove(key);
                (204, String::new(), String::new())
            }
        }
    }

    /// The hash that Lambda tells of a zip: in the request, or in the bucket.
    fn sum(&self, code: &Value) -> Value {
        use base64::Engine;
        use base64::engine::general_purpose::STANDARD;
        let zip = match code["S3Key"].as_str() {
            Some(key) => self.state.objects[key].clone(),
            None => STANDARD.decode(code["ZipFile"].as_str().unwrap()).unwrap(),
        };
        let hash = mu_cloud::hash_of(&zip);
        let byte = |at: usize| u8::from_str_radix(&hash[at..at + 2], 16).unwrap();
        json!(STANDARD.encode((0..hash.len()).step_by(2).map(byte).collect::<Vec<u8>>()))
    }

    fn iam(&mut self, form: &BTreeMap<String, String>) -> Answer {
        let operation = form["Action"].as_str();
        let name = form.get("RoleName").cloned().unwrap_or_default();
        let roles = &mut self.state.roles;
        let document = || serde_json::from_str::<Value>(&form["PolicyDocument"]).unwrap();
        match operation {
            "GetCallerIdentity" => forms::answer(
                operation,
                &format!("<Arn>arn:aws:iam::{ACCOUNT}:user/x</Arn><UserId>x</UserId><Account>{ACCOUNT}</Account>"),
            ),
            "CreateRole" if roles.contains_key(&name) => forms::refused(409, "EntityAlreadyExists"),
            "CreateRole" => {
                let trust: Value = serde_json::from_str(&form["AssumeRolePolicyDocument"]).unwrap();
                let role = json!({ "trust": trust, "tags": forms::tags(form), "policy": null,
                                   "boundary": form.get("PermissionsBoundary") });
                let shown = forms::role(&name, &role);
                roles.insert(name, role);
                forms::answer(operation, &shown)
            }
            _ if !roles.contains_key(&name) => forms::refused(404, "NoSuchEntity"),
            "GetRole" => forms::answer(operation, &forms::role(&name, &roles[&name])),
            "GetRolePolicy" if roles[&name]["policy"].is_null() => forms::refused(404, "NoSuchEntity"),
            "GetRolePolicy" => forms::answer(operation, &forms::policy(&name, &roles[&name]["policy"])),
            "PutRolePolicy" => {
                roles.get_mut(&name).unwrap()["policy"] = document();
                forms::answer(operation, "")
            }
            "UpdateAssumeRolePolicy" => {
                roles.get_mut(&name).unwrap()["trust"] = document();
                forms::answer(operation, "")
            }
            "PutRolePermissionsBoundary" => {
                roles.get_mut(&name).unwrap()["boundary"] = json!(form["PermissionsBoundary"]);
                forms::answer(operation, "")
            }
            "DeleteRolePermissionsBoundary" => {
                roles.get_mut(&name).unwrap()["boundary"] = Value::Null;
                forms::answer(operation, "")
            }
            "DeleteRolePolicy" => {
                roles.get_mut(&name).unwrap()["policy"] = Value::Null;
                forms::answer(operation, "")
            }
            "DeleteRole" => {
                roles.remove(&name);
                forms::answer(operation, "")
            }
            _ => panic!("{operation}"),
        }
    }
}

fn ok(body: Value) -> Answer {
    (200, String::new(), body.to_string())
}

fn refused(status: u16, code: &str, message: &str) -> Answer {
    (status, code.to_owned(), json!({ "__type": code, "message": message }).to_string())
}
