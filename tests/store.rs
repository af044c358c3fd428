//! A catalog in S3: pushed, pulled, cut at every request, told lies, and built from. moto's server is the store; a proxy in
//! front of it fails as it is told.

use base64::Engine;
use mu_tests::cases::lay;
use mu_tests::moto::{Moto, with_aws, without_aws};
use mu_tests::proxy::{Fault, Proxy, Request};
use mu_tests::python::sha256;
use mu_tests::tools::{self, done, failed, said};
use mu_tests::{files_below, made, root};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{LazyLock, mpsc};
use std::time::Duration;

const BUCKET: &str = "models";
const MAIN: &str = "fn one() -> i64 {\n    1\n}\n";

/// The store, for all tests of this file: each has a prefix and a proxy of its own.
static STORE: LazyLock<Moto> = LazyLock::new(|| {
    let moto = Moto::start();
    moto.script("store.py", &["make", BUCKET]);
    moto
});

/// A project with the named cards of the digit example, laid anew.
fn project(name: &str, cards: &[&str]) -> PathBuf {
    let folder = made().join("store").join(name);
    let mut files = vec![
        ("mu.toml".to_owned(), b"[project]\nname = \"shared\"\n".to_vec()),
        ("src/main.mu".to_owned(), MAIN.as_bytes().to_vec()),
    ];
    let of_example = |file: &str| fs::read(root().join("examples/digits/models").join(file)).unwrap();
    if !cards.is_empty() {
        files.push(("models/mnist.mu".into(), of_example("mnist.mu")));
    }
    for card in cards {
        for file in [format!("{card}.mu"), format!("{}.onnx", card.replace('_', "-"))] {
            files.push((format!("models/{file}"), of_example(&file)));
        }
    }
    lay(&folder, &files);
    folder
}

/// The catalog of a project: the sha256 of each file by its path, hidden ones left out.
fn catalog(project: &Path) -> BTreeMap<String, String> {
    let folder = project.join("models");
    let hash = |path: &PathBuf| sha256(&fs::read(path).unwrap());
    let name = |path: &PathBuf| path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
    files_below(&folder).iter().map(|path| (name(path), hash(path))).collect()
}

fn command(project: &Path, port: u16, arguments: &[&str]) -> Command {
    let mut command = Command::new(tools::folder().join("mulc"));
    with_aws(&mut command, port).args(arguments).current_dir(project);
    command
}

fn models(project: &Path, port: u16, arguments: &[&str]) -> Output {
    command(project, port, &[&["models"], arguments].concat()).output().unwrap()
}

fn address(prefix: &str) -> String {
    format!("s3://{BUCKET}/{prefix}")
}

fn push(project: &Path, port: u16, prefix: &str) -> Output {
    models(project, port, &["push", &address(prefix)])
}

fn pull(project: &Path, port: u16, prefix: &str) -> Output {
    models(project, port, &["pull", &address(prefix)])
}

fn objects(prefix: &str) -> BTreeMap<String, String> {
    serde_json::from_str(&STORE.script("store.py", &["list", BUCKET, &format!("{prefix}/")])).unwrap()
}

/// Writes an object as somebody else than mulc.
fn write(key: &str, bytes: &[u8]) {
    let file = made().join("store").join(format!("object-{}", sha256(key.as_bytes())));
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, bytes).unwrap();
    STORE.script("store.py", &["put", BUCKET, key, file.to_str().unwrap()]);
}

/// A file of 20 MiB that the catalog names: it is sent in parts. Gives its sha256.
fn with_large_data(project: &Path) -> String {
    let mut state = 1u64;
    let bytes: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 56) as u8
    })
    .take(20 << 20)
    .collect();
    let text = fs::read_to_string(project.join("models/mnist.mu")).unwrap();
    let old = text.split("sha256   \"").nth(1).unwrap()[..64].to_owned();
    let new = sha256(&bytes);
    fs::write(project.join("models/mnist.mu"), text.replace(&old, &new)).unwrap();
    fs::write(project.join("models/holdout.npz"), &bytes).unwrap();
    new
}

#[test]
fn what_is_pushed_is_pulled_and_lies_under_its_hash() {
    let port = STORE.port;
    let here = project("whole/here", &["kcnn_8", "logreg"]);
    let evidence = here.join("models/evidence");
    fs::create_dir_all(&evidence).unwrap();
    fs::write(evidence.join("kcnn_8.toml"), "# evidence\n").unwrap();
    let pushed: Value =
        serde_json::from_str(&done(models(&here, port, &["push", &address("whole"), "--json"]))).unwrap();
    assert_eq!((&pushed["moved"], &pushed["files"], &pushed["sent"]), (&json!(true), &json!(4), &json!(6)), "{pushed}");
    let stored = objects("whole");
    let blobs: Vec<(&str, &String)> =
        stored.iter().filter_map(|(key, hash)| Some((key.strip_prefix("whole/blobs/sha256/")?, hash))).collect();
    assert_eq!(blobs.len(), 6);
    assert!(blobs.iter().all(|(name, hash)| name == hash), "a blob is not what its name says: {stored:?}");
    let revision = pushed["revision"].as_str().unwrap();
    assert_eq!(stored[&format!("whole/catalog/{revision}.json")], revision);
    assert_eq!(stored["whole/head"], sha256(revision.as_bytes()));
    assert_eq!(stored.len(), 8);

    let again = done(push(&here, port, "whole"));
    assert!(again.contains("is as the catalog here"), "{again}");
    let there = project("whole/there", &[]);
    done(pull(&there, port, "whole"));
    assert_eq!(catalog(&there), catalog(&here));
    assert!(done(pull(&there, port, "whole")).contains("is as"));

    // One model: its card and weights, and what all cards share.
    let one = project("whole/one", &[]);
    done(models(&one, port, &["pull", &address("whole"), "logreg"]));
    assert_eq!(catalog(&one).into_keys().collect::<Vec<_>>(), ["logreg.mu", "logreg.onnx", "mnist.mu"]);
    failed(&models(&one, port, &["pull", &address("whole"), "logger"]), 1, "has no model `logger`");

    // The cards are enough to check.
    let cards = project("whole/cards", &[]);
    done(models(&cards, port, &["pull", &address("whole"), "--cards"]));
    assert!(catalog(&cards).keys().all(|path| !path.ends_with(".onnx")));
    let checked = command(&cards, port, &["check"]).output().unwrap();
    assert!(checked.status.success(), "{}", said(&checked));
    // And who has no weights may push a card without losing them for the others.
    fs::write(cards.join("models/README.md"), "Digits.\n").unwrap();
    done(push(&cards, port, "whole"));
    let back = project("whole/back", &[]);
    done(pull(&back, port, "whole"));
    assert!(back.join("models/logreg.onnx").is_file() && back.join("models/README.md").is_file());
}

#[test]
fn each_side_may_change_a_file_both_may_not() {
    let port = STORE.port;
    let (a, b) = (project("sides/a", &["kcnn_8", "logreg"]), project("sides/b", &[]));
    done(push(&a, port, "sides"));
    done(pull(&b, port, "sides"));
    let card = |project: &Path, name: &str| project.join("models").join(name);
    let append = |path: PathBuf| fs::write(&path, fs::read_to_string(&path).unwrap() + "\n// changed\n").unwrap();
    append(card(&a, "kcnn_8.mu"));
    append(card(&b, "logreg.mu"));
    done(push(&a, port, "sides"));
    done(push(&b, port, "sides"));
    done(pull(&a, port, "sides"));
    done(pull(&b, port, "sides"));
    assert_eq!(catalog(&a), catalog(&b));
    assert!(fs::read_to_string(card(&a, "kcnn_8.mu")).unwrap().contains("// changed"));

    // A card that goes away here goes away there.
    fs::remove_file(card(&a, "logreg.mu")).unwrap();
    done(push(&a, port, "sides"));
    assert!(done(pull(&b, port, "sides")).contains("logreg.mu (removed)"));
    assert!(!card(&b, "logreg.mu").exists());

    append(card(&a, "kcnn_8.mu"));
    append(card(&b, "kcnn_8.mu"));
    append(card(&b, "kcnn_8.mu"));
    done(push(&a, port, "sides"));
    let before = catalog(&b);
    failed(&push(&b, port, "sides"), 1, "changed here and in the store: `kcnn_8.mu`");
    failed(&pull(&b, port, "sides"), 1, "changed here and in the store: `kcnn_8.mu`");
    assert_eq!(catalog(&b), before);
}

#[test]
fn of_two_pushes_at_once_one_is_told_to_pull() {
    let proxy = Proxy::start(STORE.port);
    let (a, b) = (project("race/a", &["kcnn_8"]), project("race/b", &[]));
    done(push(&a, proxy.port, "race"));
    done(pull(&b, proxy.port, "race"));
    fs::write(a.join("models/a.md"), "a").unwrap();
    fs::write(b.join("models/b.md"), "b").unwrap();
    // Just before b moves the head, a has pushed.
    let (other, port) = (a.clone(), STORE.port);
    proxy.fail(move |request| {
        if request.method == "PUT" && request.path.contains("/race/head") {
            done(push(&other, port, "race"));
        }
        Fault::None
    });
    failed(&push(&b, proxy.port, "race"), 1, "pull first");
    proxy.fail(|_| Fault::None);
    done(pull(&b, proxy.port, "race"));
    done(push(&b, proxy.port, "race"));
    done(pull(&a, proxy.port, "race"));
    assert_eq!(catalog(&a), catalog(&b));
    assert!(a.join("models/b.md").is_file() && b.join("models/a.md").is_file());
}

/// Pushes until the request with this number comes, then ends mulc as a loss of power would. Gives whether it came.
fn push_and_kill(proxy: &Proxy, project: &Path, prefix: &str, number: usize) -> bool {
    let (tell, told) = mpsc::channel();
    proxy.fail(move |request: &Request| {
        if request.number == number {
            tell.send(()).unwrap();
        }
        if request.number >= number { Fault::Drop } else { Fault::None }
    });
    let mut pushing = command(project, proxy.port, &["models", "push", &address(prefix)]);
    let mut pushing = pushing.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    loop {
        if told.recv_timeout(Duration::from_millis(5)).is_ok() {
            pushing.kill().unwrap();
            pushing.wait().unwrap();
            return true;
        }
        if let Some(status) = pushing.try_wait().unwrap() {
            assert!(status.success());
            return false;
        }
    }
}

#[test]
fn a_push_that_is_cut_anywhere_leaves_the_catalog_whole_and_can_be_said_again() {
    let proxy = Proxy::start(STORE.port);
    let whole = |port: u16, prefix: &str, name: &str| {
        let reader = project(name, &[]);
        done(pull(&reader, port, prefix));
        catalog(&reader)
    };
    for number in 0.. {
        let prefix = format!("cut/{number}");
        let here = project("cut/here", &["kcnn_8"]);
        done(push(&here, STORE.port, &prefix));
        let old = catalog(&here);
        let state = fs::read_dir(here.join(".mulc/stores")).unwrap().map(|entry| entry.unwrap().path());
        let state: Vec<(PathBuf, Vec<u8>)> = state.map(|path| (path.clone(), fs::read(path).unwrap())).collect();
        let here = project("cut/here", &["kcnn_8", "logreg"]);
        fs::write(here.join("models/kcnn_8.mu"), fs::read_to_string(here.join("models/kcnn_8.mu")).unwrap() + "\n")
            .unwrap();
        for (path, bytes) in state {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        let new = catalog(&here);
        let cut = push_and_kill(&proxy, &here, &prefix, number);
        let seen = whole(STORE.port, &prefix, "cut/reader");
        assert!(seen == old || seen == new, "cut at request {number}: {seen:?}");
        done(push(&here, STORE.port, &prefix));
        assert_eq!(whole(STORE.port, &prefix, "cut/reader"), new, "cut at request {number}");
        if !cut {
            assert!(number > 8, "{number} requests are too few for a push");
            return;
        }
    }
}

#[test]
fn a_large_file_goes_on_where_it_was_cut() {
    let proxy = Proxy::start(STORE.port);
    let here = project("large/here", &["kcnn_8"]);
    let hash = with_large_data(&here);
    let is_part = |request: &Request| request.method == "PUT" && request.path.contains("partNumber=");
    // Everything fails from the third part on.
    let mut parts = 0;
    let (tell, told) = mpsc::channel();
    proxy.fail(move |request| {
        parts += usize::from(is_part(request));
        if parts >= 3 {
            let _ = tell.send(());
        }
        if parts >= 3 { Fault::Drop } else { Fault::None }
    });
    let mut pushing = command(&here, proxy.port, &["models", "push", &address("large")]);
    let mut pushing = pushing.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    told.recv_timeout(Duration::from_secs(60)).unwrap();
    pushing.kill().unwrap();
    pushing.wait().unwrap();
    proxy.fail(|_| Fault::None);
    done(push(&here, proxy.port, "large"));
    let began =
        proxy.seen().iter().filter(|request| request.method == "POST" && request.path.contains("uploads")).count();
    assert_eq!(began, 0, "the upload that was begun is gone on with");
    let sent = proxy.seen().iter().filter(|request| is_part(request)).count();
    assert_eq!(sent, 1, "of three parts two had arrived");
    assert_eq!(STORE.script("store.py", &["uploads", BUCKET]), "0", "an upload is left open");

    // The way back is cut in the midst of the file, once; what arrived is kept.
    let there = project("large/there", &[]);
    let mut cut = false;
    proxy.fail(move |request| {
        let first = request.method == "GET" && request.path.contains(&hash) && !cut;
        cut |= first;
        if first { Fault::Truncate } else { Fault::None }
    });
    done(pull(&there, proxy.port, "large"));
    let ranges: Vec<String> = proxy.seen().iter().filter_map(|r| r.header("range").map(str::to_owned)).collect();
    assert!(ranges.len() == 1 && ranges[0] != "bytes=0-", "{ranges:?}");
    assert_eq!(catalog(&there), catalog(&here));
}

#[test]
fn a_bad_line_is_asked_again() {
    let proxy = Proxy::start(STORE.port);
    let here = project("bad/here", &["kcnn_8", "kcnn_32", "logreg"]);
    type Rule = fn(usize) -> Fault;
    let rules: [(&str, Rule); 4] = [
        ("busy", |number| if number % 2 == 0 { Fault::Busy } else { Fault::None }),
        ("drop", |number| if number % 3 == 0 { Fault::Drop } else { Fault::None }),
        ("lose", |number| if number % 3 == 1 { Fault::Lose } else { Fault::None }),
        ("slow", |number| match number % 3 {
            0 => Fault::Delay(Duration::from_millis(200)),
            1 => Fault::Truncate,
            _ => Fault::None,
        }),
    ];
    for (name, rule) in rules {
        let prefix = format!("bad/{name}");
        proxy.fail(move |request| rule(request.number));
        done(push(&here, proxy.port, &prefix));
        let there = project(&format!("bad/{name}"), &[]);
        proxy.fail(move |request| rule(request.number + 1));
        done(pull(&there, proxy.port, &prefix));
        assert_eq!(catalog(&there), catalog(&here), "{name}");
    }
    // There is an end to patience.
    proxy.fail(|_| Fault::Busy);
    failed(&push(&here, proxy.port, "bad/never"), 3, "SlowDown");
}

#[test]
fn lies_of_a_store_are_refused_before_anything_is_written() {
    let port = STORE.port;
    let here = project("lies/here", &["kcnn_8"]);
    let before = catalog(&here);
    let lie = |prefix: &str, manifest: &str| {
        let revision = sha256(manifest.as_bytes());
        write(&format!("{prefix}/catalog/{revision}.json"), manifest.as_bytes());
        write(&format!("{prefix}/head"), revision.as_bytes());
    };
    let hash = sha256(b"evil");
    let file = |path: &str| json!({ "version": 1, "files": [{ "path": path, "sha256": hash, "size": 4 }] }).to_string();
    for (place, path) in
        ["../../evil.mu", "/tmp/evil.mu", "a/../../evil.mu", ".git/evil.mu", "evil.sh", "a\\..\\evil.mu"]
            .iter()
            .enumerate()
    {
        let prefix = format!("lies/{place}");
        write(&format!("{prefix}/blobs/sha256/{hash}"), b"evil");
        lie(&prefix, &file(path));
        failed(&pull(&here, port, &prefix), 1, "refused");
    }
    // A blob that is not what its name says, one that is longer, one that is not there.
    for (name, content) in [("other", Some("lies")), ("longer", Some("evil and more")), ("none", None)] {
        let prefix = format!("lies/{name}");
        lie(&prefix, &file("evil.mu"));
        if let Some(content) = content {
            write(&format!("{prefix}/blobs/sha256/{hash}"), content.as_bytes());
        }
        failed(&pull(&here, port, &prefix), if content.is_some() { 1 } else { 3 }, "lies/");
    }
    lie("lies/newer", r#"{"version":2,"files":[]}"#);
    failed(&pull(&here, port, "lies/newer"), 1, "update mulc");
    lie("lies/broken", "{");
    failed(&pull(&here, port, "lies/broken"), 1, "refused");
    write("lies/text/head", b"hello");
    failed(&pull(&here, port, "lies/text"), 1, "something else than a catalog");
    write("lies/edited/head", sha256(b"a").as_bytes());
    write(&format!("lies/edited/catalog/{}.json", sha256(b"a")), b"b");
    failed(&pull(&here, port, "lies/edited"), 1, "refused");
    // Other content under a hash is not overwritten.
    let weights = sha256(&fs::read(here.join("models/kcnn-8.onnx")).unwrap());
    write(&format!("lies/taken/blobs/sha256/{weights}"), b"taken");
    failed(&push(&here, port, "lies/taken"), 1, "holds something else");
    assert_eq!(
        objects("lies/taken").len(),
        1 + objects("lies/taken").keys().filter(|key| !key.contains(&weights)).count()
    );
    assert!(!objects("lies/taken").contains_key("lies/taken/head"));

    assert_eq!(catalog(&here), before);
    let outside = files_below(&made().join("store/lies"));
    assert!(outside.iter().all(|path| !path.ends_with("evil.mu") && !path.ends_with("evil.sh")));
}

#[test]
fn a_full_disk_leaves_the_catalog_as_it_was() {
    let port = STORE.port;
    let here = project("full/here", &["kcnn_8", "kcnn_96"]);
    done(push(&here, port, "full"));
    let there = project("full/there", &["logreg"]);
    let before = catalog(&there);
    // No file may grow beyond 64 KiB, as on a disk that is nearly full; weights of 116 kB do not fit.
    let limited = "trap '' XFSZ; ulimit -f 64; exec \"$0\" models pull \"$1\"";
    let mut command = Command::new("bash");
    command.args(["-c", limited, tools::folder().join("mulc").to_str().unwrap(), &address("full")]);
    let output = with_aws(&mut command, port).current_dir(&there).output().unwrap();
    failed(&output, 3, "make room on the disk");
    assert_eq!(catalog(&there), before);
    done(pull(&there, port, "full"));
    assert!(there.join("models/kcnn-96.onnx").is_file());
}

#[test]
fn what_is_missing_is_said_in_a_sentence() {
    let port = STORE.port;
    let here = project("words/here", &["kcnn_8"]);
    let without = |change: &dyn Fn(&mut Command)| {
        let mut command = Command::new(tools::folder().join("mulc"));
        with_aws(&mut command, port).args(["models", "push", &address("words")]).current_dir(&here);
        change(&mut command);
        command.output().unwrap()
    };
    failed(&without(&|c| _ = c.env_remove("AWS_ACCESS_KEY_ID")), 3, "credentials");
    let no_region = |c: &mut Command| {
        for name in ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"] {
            c.env_remove(name);
        }
    };
    failed(&without(&no_region), 3, "no AWS region is set");
    failed(&without(&|c| _ = c.env("AWS_ENDPOINT_URL", "http://127.0.0.1:1")), 3, "cannot reach");
    failed(&without(&|c| _ = c.env("AWS_ENDPOINT_URL", "http://no-such-host.invalid")), 3, "cannot reach");
    failed(&models(&here, port, &["push", "s3://no-such-bucket/x"]), 3, "has no such bucket");
    failed(&models(&here, port, &["pull", &address("empty")]), 1, "there is no catalog");
    failed(&models(&here, port, &["push"]), 1, "no store is named");
    failed(&models(&here, port, &["push", "ftp://x/y"]), 1, "is no address of a catalog");
    let mut command = Command::new(tools::folder().join("mulc"));
    without_aws(&mut command).args(["models", "push", &address("words")]).current_dir(&here);
    failed(&command.output().unwrap(), 3, "AWS");
    fs::write(here.join("models/kcnn-8.onnx"), "other").unwrap();
    let changed = push(&here, port, "words");
    assert_eq!(changed.status.code(), Some(1), "{}", said(&changed));
}

#[test]
fn a_catalog_can_be_a_store_and_builds_fetch_what_they_choose() {
    let port = STORE.port;
    let here = project("remote/here", &["kcnn_8", "logreg"]);
    done(push(&here, port, "remote"));
    let there = project("remote/there", &[]);
    let settings = format!("[project]\nname = \"shared\"\n\n[catalog]\nremote = \"{}\"\n", address("remote"));
    fs::write(there.join("mu.toml"), settings).unwrap();
    let main = "use std.vision\nuse catalog.mnist\n\nslot reader: image_classification<Digit> {\n    require top1 on \
                mnist_holdout >= 93% as claimed\n    maximize top1 on mnist_holdout as claimed\n}\n\nfn read(image: Image) \
                -> Ranking<Digit> {\n    reader(image)\n}\n";
    fs::write(there.join("src/main.mu"), main).unwrap();
    done(models(&there, port, &["pull", "--cards"]));
    let picture = format!("image=@{}", root().join("examples/digits/pictures/seven.png").display());
    let run = ["run", ".", "read", "--input", &picture];
    let offline = command(&there, port, &[&run[..], &["--offline"]].concat()).output().unwrap();
    assert_eq!(offline.status.code(), Some(1), "{}", said(&offline));
    let ran = command(&there, port, &run).output().unwrap();
    assert!(ran.status.success() && said(&ran).contains("fetched kcnn_8"), "{}", said(&ran));
    // Only what was chosen, and only once.
    assert_eq!(files_below(&there.join("models")).iter().filter(|path| path.ends_with("onnx")).count(), 0);
    assert_eq!(fs::read_dir(there.join(".mulc/cache/blobs")).unwrap().count(), 1);
    let again = command(&there, 1, &run).output().unwrap();
    assert!(again.status.success(), "{}", said(&again));
    // What was fetched is copied by a pull, not fetched again.
    let pulled: Value = serde_json::from_str(&done(models(&there, port, &["pull", "kcnn_8", "--json"]))).unwrap();
    assert_eq!((&pulled["changed"], &pulled["bytes"]), (&json!(["kcnn-8.onnx"]), &json!(0)), "{pulled}");
}

/// The answer of Lambda to a call with so much memory: what it logged.
fn called(memory: u64, init: bool) -> Fault {
    let init = if init { "Init Duration: 21.50 ms\t" } else { "" };
    let log = format!(
        "START RequestId: 1\nEND RequestId: 1\nREPORT RequestId: 1\tDuration: {} ms\tBilled Duration: 9 ms\tMemory Size: \
         {memory} MB\tMax Memory Used: 31 MB\t{init}\n",
        1769.0 / memory as f64
    );
    let log = base64::engine::general_purpose::STANDARD.encode(log);
    let head =
        format!("HTTP/1.1 200 OK\r\nx-amz-log-result: {log}\r\ncontent-length: 3\r\nconnection: close\r\n\r\n\"7\"");
    Fault::Say(head.into_bytes())
}

#[test]
fn a_probe_calibrates_and_is_deleted() {
    let proxy = Proxy::start(STORE.port);
    let here = project("probe/here", &["kcnn_8", "kcnn_32"]);
    let role = STORE.script("lambda.py", &["role", "probe"]);
    let calibrate = ["calibrate", "--role", role.trim(), "--memory", "256,1769", "--cold", "1", "--warm", "2"];
    failed(&models(&here, proxy.port, &calibrate), 1, "was measured");
    done(models(&here, proxy.port, &["measure", "kcnn_8", "--quick"]));
    // A Lambda whose function fails.
    proxy.fail(|request| match request.path.ends_with("/invocations") {
        true => {
            Fault::Say(b"HTTP/1.1 200 OK\r\nx-amz-function-error: Unhandled\r\ncontent-length: 2\r\n\r\n{}".to_vec())
        }
        false => Fault::None,
    });
    failed(&models(&here, proxy.port, &calibrate), 3, "the probe failed");
    assert_eq!(STORE.script("lambda.py", &["functions"]), "[]");
    assert!(!here.join("models/platforms").exists());
    // One that answers.
    let mut memory = 0;
    let mut cold = false;
    proxy.fail(move |request| {
        if request.method == "PUT" && request.path.ends_with("/configuration") {
            let asked: Value = serde_json::from_slice(&request.body).unwrap();
            memory = asked["MemorySize"].as_u64().unwrap();
            cold = true;
        }
        match request.path.ends_with("/invocations") {
            true => called(memory, std::mem::take(&mut cold)),
            false => Fault::None,
        }
    });
    let said = done(models(&here, proxy.port, &[&calibrate[..], &["--json"]].concat()));
    let calibration: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&calibration["probe"], &calibration["region"]), (&json!("kcnn_8"), &json!("us-east-1")));
    let sizes: Vec<_> = calibration["size"].as_array().unwrap().iter().map(|size| &size["memory"]).collect();
    assert_eq!(sizes, [&json!(256), &json!(1769)]);
    assert_eq!(calibration["size"][0]["init"], json!(0.0215));
    assert_eq!(STORE.script("lambda.py", &["functions"]), "[]");
    assert!(here.join("models/platforms/lambda-x86_64.toml").is_file());
}
