//! Says how much memory of a command was resident at most, in bytes: `peak COMMAND...`. It is small itself, because what a process
//! had before it became another one counts as well.

use std::process::{Command, Stdio};

fn main() {
    let mut words = std::env::args_os().skip(1);
    let mut command = Command::new(words.next().expect("a command"));
    let child = command.args(words).stdout(Stdio::null()).spawn().expect("the command starts");
    // SAFETY: all zeros are a value of this structure of numbers, and the kernel fills it in.
    let (ended, usage) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        (libc::wait4(child.id() as libc::pid_t, std::ptr::null_mut(), 0, &mut usage), usage)
    };
    assert!(ended > 0, "the command ends");
    println!("{{\"peak\":{}}}", usage.ru_maxrss * 1024);
}
