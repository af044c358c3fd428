//! `bootstrap freeze`: makes the plans of a bundle's models in two processes, joins what they made into one file, and proves that
//! what comes out of it answers as the ONNX files do.

use crate::load::sources;
use mu_format::bundle::Bundle;
use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// Where the two processes have their arenas: far from where the system maps things, and different in many bytes. One is an even
/// page, the other an odd one.
const PLACES: [usize; 2] = [0x1000_0000_0000, 0x2345_6789_B000];
/// The executable may lie too near to the first one's place, by chance: then it is done again.
const TRIES: usize = 12;

/// What stands in bytes of the objects that mean nothing: the file's own, and that of a second file which must answer alike.
const FILLERS: [u8; 2] = [0, 0xA5];

/// Writes the frozen models of the bundle in `folder`. The error is a sentence.
pub fn freeze(folder: &Path, out: &Path) -> Result<(), String> {
    let bundle = Bundle::open(folder).map_err(|e| e.to_string())?;
    let models = &bundle.program.models;
    let [place, other] = PLACES;
    // The first one always lies at the same place, so that the file is the same every time.
    mu_infer::shuffle(false);
    let first = made(folder, place);
    mu_infer::shuffle(true);
    let first = first?;
    let [filler, poison] = FILLERS;
    let (mut second, mut frozen) = (Vec::new(), None);
    for _ in 0..TRIES {
        second = made(folder, other)?;
        frozen = mu_infer::join(models, &first, &second, filler)?;
        if frozen.is_some() {
            break;
        }
    }
    let near = || "two processes never lay far enough from each other".to_string();
    let frozen = frozen.ok_or_else(near)?;
    let write = |bytes: &[u8]| fs::write(out, bytes).map_err(|e| format!("cannot write `{}`: {e}", out.display()));
    write(&mu_infer::join(models, &first, &second, poison)?.ok_or_else(near)?)?;
    proven(folder, out)?;
    write(&frozen)?;
    proven(folder, out)
}

/// Compares the answers of frozen models with the models' own, in a process that maps the file.
pub fn prove(folder: &Path, frozen: &Path) -> Result<(), String> {
    let bundle = Bundle::open(folder).map_err(|e| e.to_string())?;
    let read = || sources(&bundle).map_err(|e| e.to_string());
    let file = File::open(frozen).map_err(|e| format!("cannot read `{}`: {e}", frozen.display()))?;
    mu_infer::prove(&bundle.program.models, read()?, read()?, &file)
}

fn proven(folder: &Path, frozen: &Path) -> Result<(), String> {
    again(folder, &[OsStr::new("freeze-prove"), OsStr::new("--out"), frozen.as_os_str()]).map(|_| ())
}

fn made(folder: &Path, place: usize) -> Result<Vec<u8>, String> {
    again(folder, &[OsStr::new("freeze-at"), OsStr::new(&place.to_string())])
}

/// What another process of this executable prints.
fn again(folder: &Path, args: &[&OsStr]) -> Result<Vec<u8>, String> {
    let own = env::current_exe().map_err(|e| format!("where this executable lies cannot be found out: {e}"))?;
    let mut command = Command::new(own);
    command.arg("--bundle").arg(folder).args(args);
    // Nothing of the user's environment is to show in what is made.
    command.env_clear().stdin(Stdio::null());
    let output = command.output().map_err(|e| format!("cannot start this executable again: {e}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    match (output.status.success(), output.status.code()) {
        (true, _) => Ok(output.stdout),
        (false, Some(_)) => Err(said.trim().trim_start_matches("error: ").to_string()),
        (false, None) => Err(format!("the process was ended ({})", output.status)),
    }
}

/// One of the processes: what it made, on stdout.
pub fn at(folder: &Path, place: usize) -> Result<(), String> {
    // Before anything makes a hash map.
    mu_infer::without_chance();
    let bundle = Bundle::open(folder).map_err(|e| e.to_string())?;
    let sources = sources(&bundle).map_err(|e| e.to_string())?;
    let dump = mu_infer::dump(&bundle.program.models, sources, place)?;
    let mut out = io::stdout().lock();
    out.write_all(&dump).and_then(|()| out.flush()).map_err(|e| format!("cannot write what was made: {e}"))
}
