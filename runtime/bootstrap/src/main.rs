//! The runtime of a bundle: answers one call, serves HTTP, or speaks the Lambda Runtime API.

mod app;
mod command;
mod freeze;
mod inputs;
mod lambda;
mod load;
mod measure;
mod route;
mod serve;
mod stop;

use app::{App, Failure};
use command::{Command, Options};
use mu_format::input;
use mu_format::prefer::Weights;
use std::fs::File;
use std::future::Future;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

#[global_allocator]
static HEAP: mu_infer::Heap = mu_infer::Heap;

/// An exit status and what stderr says.
struct Exit {
    status: u8,
    message: String,
}

/// The program or the request is wrong.
const WRONG: u8 = 1;
/// The command line is wrong.
const USAGE: u8 = 2;
/// The outside world failed: disk, network.
const OUTSIDE: u8 = 3;

/// The largest file that is read for an input, in bytes.
const MOST_BYTES: u64 = 64 << 20;

fn exit(status: u8) -> impl Fn(String) -> Exit {
    move |message| Exit { status, message }
}

fn main() -> ExitCode {
    mu_infer::Heap::keep();
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(exit) => {
            eprintln!("error: {}", exit.message);
            ExitCode::from(exit.status)
        }
    }
}

fn run() -> Result<(), Exit> {
    let begun = Instant::now();
    let options = command::parse(lexopt::Parser::from_env()).map_err(exit(USAGE))?;
    let Options { bundle, command } = options;
    let folder = || bundle.map_or_else(own_folder, Ok).map_err(exit(OUTSIDE));
    match command {
        Some(Command::Help) => print(command::HELP),
        Some(Command::Version) => print(&format!("bootstrap {}\n", env!("CARGO_PKG_VERSION"))),
        Some(Command::Call { function, inputs, prefer }) => {
            let app = App::load(&folder()?).map_err(exit(OUTSIDE))?;
            call(&app, &function, &inputs, prefer.as_deref())
        }
        Some(Command::Serve { host, port }) => {
            let app = App::load(&folder()?).map_err(exit(OUTSIDE))?;
            app.warm().map_err(exit(WRONG))?;
            block_on(serve::serve(Arc::new(app), &host, port))
        }
        Some(Command::Measure(request)) => {
            measure::join(request.group.as_deref()).map_err(exit(OUTSIDE))?;
            let app = App::load(&folder()?).map_err(exit(OUTSIDE))?;
            print(&format!("{}\n", measure::measure(&app, &request).map_err(exit(WRONG))?))
        }
        Some(Command::Freeze { out }) => freeze::freeze(&folder()?, &out).map_err(exit(WRONG)),
        Some(Command::FreezeAt(place)) => freeze::at(&folder()?, place).map_err(exit(WRONG)),
        Some(Command::FreezeProve(file)) => freeze::prove(&folder()?, &file).map_err(exit(WRONG)),
        None => {
            let Some(environment) = lambda::Environment::of_process() else {
                return Err(exit(USAGE)(format!("say what to do\n\n{}", command::HELP.trim_end())));
            };
            lambda::run(&folder()?, environment, begun).map_err(exit(OUTSIDE))
        }
    }
}

fn call(app: &App, function: &str, inputs: &[String], prefer: Option<&str>) -> Result<(), Exit> {
    let entry = app.entry(function).map_err(exit(WRONG))?;
    let weights = prefer.map(Weights::from_text).transpose().map_err(|e| exit(WRONG)(format!("--prefer: {e}")))?;
    let args = input::from_command_line(entry, &app.program().labels, inputs, &read).map_err(exit(WRONG))?;
    let answer = app.call(entry, args, weights.as_ref()).map_err(|failure| match failure {
        Failure::Wrong(message) | Failure::Failed(message) => exit(WRONG)(message),
    })?;
    print(&format!("{answer}\n"))
}

/// The bytes of an input's file. A device or a pipe may have no end, so no more than the limit is read.
fn read(file: &str) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > MOST_BYTES {
        true => Err(io::Error::other(format!("it has more than the {} MiB that an input may have", MOST_BYTES >> 20))),
        false => Ok(bytes),
    }
}

/// The folder of this executable, which is a bundle.
fn own_folder() -> Result<PathBuf, String> {
    let path = executable().map_err(|e| format!("where this executable lies cannot be found out: {e}"))?;
    Ok(path.parent().map(PathBuf::from).unwrap_or_default())
}

/// This executable. Where there is no `/proc`, it is what the process was started as.
fn executable() -> io::Result<PathBuf> {
    let named = || std::env::args_os().next().map(PathBuf::from).filter(|path| path.components().count() > 1);
    std::env::current_exe().or_else(|e| named().ok_or(e))
}

fn print(text: &str) -> Result<(), Exit> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // A reader that has gone away, as `head` does, wants no more.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done.map_err(|error| exit(OUTSIDE)(format!("cannot write the answer: {error}"))),
    }
}

fn block_on(work: impl Future<Output = Result<(), String>>) -> Result<(), Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| exit(OUTSIDE)(format!("cannot start: {e}")))?;
    let done = runtime.block_on(work).map_err(exit(OUTSIDE));
    // A call that is still running must not keep the process.
    runtime.shutdown_background();
    done
}
