//! Deployments against an AWS in memory: whatever call fails, saying it again leads to the same end; nothing to do is done by
//! no write; what is not ours is not touched.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests may panic too

mod fake;
mod forms;

use fake::{Fake, Fault, State, aws};
use mu_cloud::{Deployed, Error, Session, Shipped};
use mu_deploy::{
    Actual, Alias, Arch, Auth, Code, CodePlace, Configuration, Desired, Forecast, Function, LogGroup, Owner, Plan,
    Policy, RUNTIME, Role, Scope, Statement, Store, Tags, Url, back, log_group, plan, removal, status,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

/// A zip on the disk; its bytes are what it is called.
fn zip(content: &str) -> (PathBuf, Code) {
    // A file for each: tests run at once.
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{content}-{number}.zip"));
    std::fs::write(&path, content).unwrap();
    let sha256 = mu_cloud::hash_of(content.as_bytes());
    (path, Code { sha256, size: content.len() as u64, unpacked: 100, place: CodePlace::Direct })
}

fn through_s3(code: Code) -> Code {
    let store = Store { bucket: "zips".into(), prefix: "mulambda/digits/dev".into() };
    Code { place: CodePlace::S3(store), ..code }
}

fn function(entry: &str) -> Function {
    let name = format!("dev-digits-{entry}");
    let logs = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:x:*";
    let statement = Statement {
        id: "Logs".into(),
        actions: vec!["logs:PutLogEvents".into()],
        resources: vec![logs.into()],
        condition: Value::Null,
    };
    Function {
        entry: entry.into(),
        configuration: Configuration {
            handler: entry.into(),
            runtime: RUNTIME.into(),
            arch: Arch::X86_64,
            memory: 512,
            timeout: 5,
            ephemeral: 512,
            environment: BTreeMap::from([("MU_LOG".into(), "1".into())]),
            network: None,
            kms_key: None,
            dead_letter: None,
        },
        role: Role::Own {
            name: format!("{name}-eu-central-1"),
            policy: Policy { statements: vec![statement] },
            boundary: None,
        },
        reserved: Some(10),
        provisioned: Some(1),
        logs: LogGroup { name: log_group(&name), retention_days: Some(30) },
        alias: Alias { name: "live".into(), canary: None },
        url: Some(Url { auth: Auth::Public }),
        tags: owner().tags(),
        forecast: Forecast::default(),
        name,
    }
}

fn owner() -> Owner {
    Owner { project: "digits".into(), environment: "dev".into() }
}

fn desired(code: Code) -> Desired {
    Desired {
        project: "digits".into(),
        environment: "dev".into(),
        region: "eu-central-1".into(),
        account: Some(fake::ACCOUNT.into()),
        prefix: "dev-digits-".into(),
        code,
        functions: vec![function("rank"), function("read")],
    }
}

/// A change of everything that callers get.
fn changed(code: Code) -> Desired {
    let mut desired = desired(code);
    for function in &mut desired.functions {
        function.configuration.memory = 1024;
        function.configuration.arch = Arch::Arm64;
        function.reserved = None;
        function.provisioned = Some(3);
        function.url = Some(Url { auth: Auth::Iam });
        function.logs.retention_days = Some(7);
        function.tags.insert("team".into(), "vision".into());
        if let Role::Own { policy, boundary, .. } = &mut function.role {
            policy.statements[0].actions.push("logs:CreateLogStream".into());
            *boundary = Some("arn:aws:iam::aws:policy/x".into());
        }
    }
    desired
}

fn read(session: &Session, desired: &Desired) -> Result<(Actual, Plan), Error> {
    let actual = session.actual(&Scope::of(desired))?;
    let plan = plan(desired, &actual)?;
    Ok((actual, plan))
}

fn deploy(session: &Session, desired: &Desired, zip: &PathBuf) -> Result<Deployed, Error> {
    let (actual, plan) = read(session, desired)?;
    session.deploy(Shipped { desired, actual: &actual, plan: &plan, zip }, &|_| ())
}

/// What there is, without what only tells how often it was changed.
fn seen(fake: &Arc<Mutex<Fake>>) -> State {
    let mut state = fake.lock().unwrap().state.clone();
    for function in state.functions.values_mut() {
        function.latest.remove("RevisionId");
        function.aliases.values_mut().for_each(|alias| alias["RevisionId"] = Value::Null);
    }
    state
}

fn calls(fake: &Arc<Mutex<Fake>>) -> usize {
    fake.lock().unwrap().calls.len()
}

/// From now on calls are counted from 0 and fail so.
fn fail(fake: &Arc<Mutex<Fake>>, fault: Fault) {
    let mut fake = fake.lock().unwrap();
    fake.calls.clear();
    fake.fault = fault;
}

/// The state from which each of the cases starts, with so many functions: nothing, or a deployment that is to change, whose
/// zip goes through S3.
fn starts(functions: usize) -> [(State, PathBuf, Desired); 2] {
    let few = |mut desired: Desired| {
        desired.functions.truncate(functions);
        desired
    };
    let (first_zip, first) = zip("first");
    let (second_zip, second) = zip("second");
    let (session, fake) = aws(State::default());
    deploy(&session, &few(desired(first.clone())), &first_zip).unwrap();
    let there = fake.lock().unwrap().state.clone();
    [(State::default(), first_zip, few(desired(first))), (there, second_zip, few(changed(through_s3(second))))]
}

#[test]
fn whatever_call_fails_saying_it_again_leads_to_the_same_end() {
    for (start, zip, desired) in starts(1) {
        let (session, fake) = aws(start.clone());
        deploy(&session, &desired, &zip).unwrap();
        let (wanted, count) = (seen(&fake), calls(&fake));
        assert!(count > 20, "{count}");
        for call in 0..count {
            for fault in [Fault::CutBefore(call), Fault::CutAfter(call)] {
                let (session, fake) = aws(start.clone());
                fail(&fake, fault);
                let cut = deploy(&session, &desired, &zip).is_err();
                assert!(cut || (call + 1 == count && fault == Fault::CutAfter(call)), "{fault:?}");
                fail(&fake, Fault::None);
                deploy(&session, &desired, &zip).unwrap_or_else(|error| panic!("{fault:?}: {error:?}"));
                assert_eq!(seen(&fake), wanted, "{fault:?}");
            }
            for fault in [Fault::MissOne(call), Fault::LoseOne(call)] {
                let (session, fake) = aws(start.clone());
                fail(&fake, fault);
                deploy(&session, &desired, &zip).unwrap_or_else(|error| panic!("{fault:?}: {error:?}"));
                assert_eq!(seen(&fake), wanted, "{fault:?}");
            }
        }
    }
}

#[test]
fn callers_get_what_was_live_until_the_last_moment() {
    let [_, (start, zip, desired)] = starts(2);
    let live = |state: &State, name: &str| state.functions[name].aliases["live"]["FunctionVersion"].clone();
    let (session, fake) = aws(start.clone());
    deploy(&session, &desired, &zip).unwrap();
    let all = fake.lock().unwrap().calls.clone();
    let moves: Vec<usize> =
        (0..all.len()).filter(|at| all[*at].ends_with("aliases/live") && all[*at].starts_with("PUT")).collect();
    assert_eq!(moves.len(), 2, "{all:?}");
    let later: Vec<&String> =
        all[moves[0]..].iter().filter(|call| call.contains("/code") || call.contains("/configuration")).collect();
    assert!(later.is_empty(), "an alias moves before all is ready: {later:?}");
    for cut in 0..moves[0] {
        let (session, fake) = aws(start.clone());
        fail(&fake, Fault::CutAfter(cut));
        deploy(&session, &desired, &zip).unwrap_err();
        for name in start.functions.keys() {
            assert_eq!(live(&seen(&fake), name), live(&start, name), "cut after {cut}");
        }
    }
}

#[test]
fn nothing_to_do_is_done_by_no_write() {
    for (start, zip, desired) in starts(2) {
        let (session, fake) = aws(start);
        deploy(&session, &desired, &zip).unwrap();
        fail(&fake, Fault::None);
        let (actual, plan) = read(&session, &desired).unwrap();
        assert!(plan.steps.is_empty() && plan.to_string().contains("nothing to do"), "{plan}");
        session.deploy(Shipped { desired: &desired, actual: &actual, plan: &plan, zip: &zip }, &|_| ()).unwrap();
        assert!(fake.lock().unwrap().writes().is_empty(), "{:?}", fake.lock().unwrap().writes());
    }
}

#[test]
fn a_trial_gets_its_share_and_ends_forwards_or_backwards() {
    let (first_zip, first) = zip("trial-first");
    let (second_zip, second) = zip("trial-second");
    let (session, fake) = aws(State::default());
    let mut wanted = desired(first);
    wanted.functions.truncate(1);
    wanted.functions[0].alias.canary = Some(0.1);
    let scope = Scope::of(&wanted);
    // Nothing is live yet, so there is nothing to weigh against.
    deploy(&session, &wanted, &first_zip).unwrap();
    let alias = || seen(&fake).functions["dev-digits-rank"].aliases["live"].clone();
    assert_eq!(alias()["FunctionVersion"], "1");
    wanted.code = second;
    deploy(&session, &wanted, &second_zip).unwrap();
    let weights = &alias()["RoutingConfig"]["AdditionalVersionWeights"];
    assert_eq!((alias()["FunctionVersion"].as_str(), weights), (Some("1"), &json!({ "2": 0.1 })));
    let (actual, plan) = read(&session, &wanted).unwrap();
    assert!(plan.steps.is_empty(), "{plan}");
    let found = &actual.functions["dev-digits-rank"];
    assert_eq!(status(&scope, &actual)[0].canary, Some((2, 0.1)));
    // Backwards.
    let switch = back(found, None).unwrap();
    session.switch(&scope, found, &switch).unwrap();
    assert_eq!(
        (alias()["FunctionVersion"].as_str(), &alias()["RoutingConfig"]["AdditionalVersionWeights"]),
        (Some("1"), &json!({}))
    );
    // Forwards, without a new version.
    wanted.functions[0].alias.canary = None;
    deploy(&session, &wanted, &second_zip).unwrap();
    assert_eq!(alias()["FunctionVersion"], "2");
    assert_eq!(seen(&fake).functions["dev-digits-rank"].versions.len(), 2);
}

#[test]
fn back_goes_to_what_was_live_before_also_after_a_way_back() {
    let (session, fake) = aws(State::default());
    let mut wanted = desired(zip("a").1);
    wanted.functions.truncate(1);
    let scope = Scope::of(&wanted);
    let live =
        || seen(&fake).functions["dev-digits-rank"].aliases["live"]["FunctionVersion"].as_str().unwrap().to_owned();
    let go = |wanted: &mut Desired, content: &str| {
        let (path, code) = zip(content);
        wanted.code = code;
        deploy(&session, wanted, &path).unwrap();
        live()
    };
    let go_back = |to: Option<u64>| {
        let actual = session.actual(&scope).unwrap();
        let found = &actual.functions["dev-digits-rank"];
        let switch = back(found, to).map_err(|refusal| refusal.message)?;
        session.switch(&scope, found, &switch).unwrap();
        Ok::<String, String>(live())
    };
    assert_eq!((go(&mut wanted, "a"), go(&mut wanted, "b")), ("1".into(), "2".into()));
    assert_eq!(go_back(None).unwrap(), "1");
    // Version 2 was bad: what comes now has version 1 before it.
    assert_eq!(go(&mut wanted, "c"), "3");
    assert_eq!(go_back(None).unwrap(), "1");
    assert!(go_back(None).unwrap_err().contains("nothing was live before version 1"));
    assert_eq!(go_back(Some(2)).unwrap(), "2");
    assert!(go_back(Some(9)).unwrap_err().contains("no version 9"));
    assert!(go_back(Some(2)).unwrap_err().contains("is live already"));
}

#[test]
fn what_moved_meanwhile_is_left_where_it_is() {
    let [_, (start, zip, desired)] = starts(2);
    // Somebody moves the alias after the plan was made.
    let (session, fake) = aws(start.clone());
    let (actual, plan) = read(&session, &desired).unwrap();
    fake.lock().unwrap().state.functions.get_mut("dev-digits-rank").unwrap().aliases.get_mut("live").unwrap()["RevisionId"] =
        json!("another");
    let error =
        session.deploy(Shipped { desired: &desired, actual: &actual, plan: &plan, zip: &zip }, &|_| ()).unwrap_err();
    assert!(error.message.contains("the alias `live` of `dev-digits-rank` was changed by somebody else"), "{error:?}");
    assert_eq!(seen(&fake).functions["dev-digits-rank"].aliases["live"]["FunctionVersion"], "1");
    // Somebody changes the function after the plan was made.
    let (session, fake) = aws(start);
    let (actual, plan) = read(&session, &desired).unwrap();
    fake.lock().unwrap().state.functions.get_mut("dev-digits-rank").unwrap().latest["RevisionId"] = json!("another");
    let error =
        session.deploy(Shipped { desired: &desired, actual: &actual, plan: &plan, zip: &zip }, &|_| ()).unwrap_err();
    assert!(error.message.contains("`dev-digits-rank` was changed by somebody else"), "{error:?}");
    // Two at once from the same plan: the second finds its end reached, or says that somebody was there.
    let (session, fake) = aws(State::default());
    let (actual, plan) = read(&session, &desired).unwrap();
    let shipped = Shipped { desired: &desired, actual: &actual, plan: &plan, zip: &zip };
    session.deploy(shipped, &|_| ()).unwrap();
    let wanted = seen(&fake);
    let second = session.deploy(shipped, &|_| ());
    assert!(
        second.as_ref().is_ok_and(|_| seen(&fake) == wanted)
            || second.is_err_and(|e| e.message.contains("somebody else"))
    );
}

#[test]
fn what_is_not_ours_is_refused_and_stays() {
    let (path, code) = zip("taken");
    let wanted = desired(code);
    let of_others = [
        (Tags::new(), "was not made by mulc"),
        (Owner { project: "digits".into(), environment: "prod".into() }.tags(), "`digits` (prod)"),
    ];
    for (tags, part) in of_others {
        let (session, fake) = aws(State::default());
        deploy(&session, &wanted, &path).unwrap();
        let tags = tags.into_iter().map(|(key, value)| (key, json!(value))).collect::<serde_json::Map<_, _>>();
        let mut there = fake.lock().unwrap().state.clone();
        there.functions.get_mut("dev-digits-read").unwrap().tags = tags.clone();
        let (session, fake) = aws(there.clone());
        let error = deploy(&session, &wanted, &path).unwrap_err();
        assert!(
            error.message.contains("there is a function `dev-digits-read` already") && error.message.contains(part),
            "{error:?}"
        );
        assert!(fake.lock().unwrap().writes().is_empty());
        // Nor is it removed, or its role and logs, which have other tags.
        there.roles.get_mut("dev-digits-read-eu-central-1").unwrap()["tags"] = json!(tags);
        there.logs.get_mut("/aws/lambda/dev-digits-read").unwrap()["tags"] = json!(tags);
        let (session, fake) = aws(there.clone());
        let scope = Scope::of(&wanted);
        let actual = session.actual(&scope).unwrap();
        let removal = removal(&scope, &actual, "eu-central-1", None);
        session.remove(&removal, &|_| ()).unwrap();
        there.functions.remove("dev-digits-rank");
        there.roles.remove("dev-digits-rank-eu-central-1");
        there.logs.remove("/aws/lambda/dev-digits-rank");
        assert_eq!(fake.lock().unwrap().state, there);
    }
}

#[test]
fn all_of_ours_is_removed_whatever_call_fails() {
    let [_, (start, zip, desired)] = starts(2);
    let (session, fake) = aws(start);
    deploy(&session, &desired, &zip).unwrap();
    let start = fake.lock().unwrap().state.clone();
    assert_eq!(start.objects.len(), 1);
    let scope = Scope::of(&desired);
    let remove = |session: &Session| {
        let actual = session.actual(&scope)?;
        session.remove(&removal(&scope, &actual, "eu-central-1", None), &|_| ())
    };
    let (session, fake) = aws(start.clone());
    remove(&session).unwrap();
    assert_eq!(seen(&fake), State::default());
    for call in 0..calls(&fake) {
        for fault in [Fault::CutBefore(call), Fault::CutAfter(call), Fault::LoseOne(call)] {
            let (session, fake) = aws(start.clone());
            fail(&fake, fault);
            let _ = remove(&session);
            fail(&fake, Fault::None);
            remove(&session).unwrap_or_else(|error| panic!("{fault:?}: {error:?}"));
            assert_eq!(seen(&fake), State::default(), "{fault:?}");
        }
    }
}

#[test]
fn a_busy_lambda_is_asked_again_with_pauses_and_not_for_ever() {
    let (path, code) = zip("busy");
    let (session, fake) = aws(State::default());
    fail(&fake, Fault::Throttle);
    let error = deploy(&session, &desired(code), &path).unwrap_err();
    assert!(error.message.contains("however often it was asked"), "{error:?}");
    let fake = fake.lock().unwrap();
    assert!(fake.calls.len() <= 12 && fake.slept.as_secs() >= 5, "{} calls, {:?}", fake.calls.len(), fake.slept);
}

#[test]
fn a_new_role_is_waited_for_and_a_missing_one_is_told() {
    let (path, code) = zip("role");
    let (session, fake) = aws(State::default());
    fake.lock().unwrap().new_role = 8;
    let mut wanted = desired(code);
    deploy(&session, &wanted, &path).unwrap();
    wanted.functions[0].role = Role::Existing { arn: format!("arn:aws:iam::{}:role/gone", fake::ACCOUNT) };
    fail(&fake, Fault::None);
    let error = deploy(&session, &wanted, &path).unwrap_err();
    assert!(error.message.contains("role/gone` does not exist"), "{error:?}");
    assert!(fake.lock().unwrap().writes().is_empty());
}

#[test]
fn another_account_is_refused() {
    let (path, code) = zip("account");
    let (session, fake) = aws(State::default());
    let wanted = Desired { account: Some("999999999999".into()), ..desired(code) };
    let error = deploy(&session, &wanted, &path).unwrap_err();
    assert!(error.message.contains("999999999999") && error.help.contains("AWS_PROFILE"), "{error:?}");
    assert!(fake.lock().unwrap().writes().is_empty());
}
