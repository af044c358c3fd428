//! The executables under test, `mulc` and `bootstrap`, brought up to date first.

use crate::{below_root, files_below, lock, root};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::SystemTime;

/// The folder in which both executables lie.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        // target/<triple>/debug/deps/<test>
        let own = std::env::current_exe().unwrap();
        let folder = own.parent().and_then(Path::parent).unwrap().to_path_buf();
        let _guard = lock("tools");
        if ["mulc", "bootstrap"].iter().any(|tool| is_stale(&folder.join(tool))) {
            build(folder.ends_with("release"));
        }
        folder
    })
}

/// `mulc`, run in `folder`.
pub fn mulc(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(crate::tools::folder().join("mulc"));
    command.args(arguments).current_dir(folder).env_remove("MULC_BOOTSTRAP").env_remove("NO_COLOR");
    command.output().unwrap()
}

/// Both outputs of a command, for messages of tests.
pub fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}[{}]", text(&output.stdout), text(&output.stderr), output.status)
}

/// What a command answered that did what it was asked.
pub fn done(output: Output) -> String {
    assert!(output.status.success(), "{}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// Ended with this status, having said this with a way out, and no secret.
pub fn failed(output: &Output, status: i32, part: &str) {
    assert_eq!(output.status.code(), Some(status), "{}", said(output));
    assert!(said(output).contains(part), "{part}:\n{}", said(output));
    assert!(String::from_utf8_lossy(&output.stderr).contains("help: "), "{}", said(output));
    assert!(!said(output).contains("secret-that-is-not-shown"), "{}", said(output));
}

/// Whether an executable is missing or older than a source. `cargo test --workspace` has just built both.
fn is_stale(tool: &Path) -> bool {
    let time = |path: &Path| fs::metadata(path).and_then(|meta| meta.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let made = time(tool);
    let is_source = |path: &PathBuf| !below_root(path).contains("/tests/") && !below_root(path).contains("/examples/");
    let sources = ["compiler", "runtime", "stdlib"].iter().flat_map(|folder| files_below(&root().join(folder)));
    sources.filter(is_source).any(|path| time(&path) > made)
}

fn build(release: bool) {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    command.args(["build", "--quiet", "--workspace", "--bins"]).args(release.then_some("--release"));
    let done = command.current_dir(root()).output().unwrap();
    assert!(done.status.success(), "{}", said(&done));
}

/// What runs programs for aarch64: the machine's own, or else Debian's, unpacked below `target/` once.
pub fn qemu() -> PathBuf {
    let runs = |tool: &Path| Command::new(tool).arg("--version").output().is_ok_and(|said| said.status.success());
    let _guard = lock("qemu");
    let folder = crate::made().join("debian");
    let names = ["qemu-aarch64", "qemu-aarch64-static"].map(PathBuf::from);
    let unpacked = folder.join("usr/bin/qemu-aarch64-static");
    if let Some(tool) = names.into_iter().chain([unpacked.clone()]).find(|tool| runs(tool)) {
        return tool;
    }
    fs::create_dir_all(&folder).unwrap();
    let line = "get() { apt-get download --quiet qemu-user-static; }; get || { apt-get update --quiet && get; }
                dpkg -x qemu-user-static_*.deb .";
    let done = Command::new("sh").args(["-ec", line]).current_dir(&folder).output().unwrap();
    assert!(runs(&unpacked), "Debian and Ubuntu: apt install qemu-user\n{}", said(&done));
    unpacked
}
