//! The help. What the commands do is tested in the top folder `tests`, which relies on this test to have `mulc` built.

use std::process::Command;

#[test]
fn every_command_has_help_with_an_example() {
    let help = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_mulc")).args(arguments).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    for command in [
        "new",
        "check",
        "build",
        "run",
        "test",
        "explain",
        "dump",
        "completions",
        "deploy",
        "status",
        "rollback",
        "destroy",
    ] {
        assert!(help(&["--help"]).contains(&format!("  {command} ")), "{command} is not listed");
        let text = help(&[command, "--help"]);
        assert!(text.contains(&format!("Examples:\n  mulc {command}")), "{text}");
    }
}
