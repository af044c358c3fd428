//! `mu.lock`: what was chosen for every function of the main module, so that it does not depend on which of them is built, and
//! why it stays: the answer to a question that is still asked.

mod made;
mod pins;

pub(crate) use made::made;
pub(crate) use pins::{Kept, Pins, asked};

use crate::choose::Chooser;
use crate::front::Front;
use crate::report::Failure;
use crate::{Input, Options};
use mu_base::{Code, Diagnostic, FileId, Loc, Span};
use mu_select::{Difference, Lock, LockError};

/// The lock's name, beside `mu.toml`.
pub const LOCK: &str = "mu.lock";

/// A lock that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLock {
    pub text: String,
    /// The choices that the old lock pinned otherwise, a line each.
    pub moved: Vec<String>,
}

/// The lock that a program asks for, where it moves the one that is there. A lone file has none.
pub(crate) fn pinned<'a>(
    front: &'a Front,
    chooser: &mut Chooser<'a>,
    input: &Input,
    options: &Options,
) -> Result<Option<NewLock>, Failure> {
    match input.lone {
        Some(_) => Ok(None),
        None => hold(front, &made(front, chooser), options.locked),
    }
}

/// The lock that is there: nothing where there is none.
pub(crate) fn read(front: &Front) -> Result<Option<Lock>, Failure> {
    match &front.lock {
        None => Ok(None),
        Some(Ok((file, text))) => Lock::parse(text).map(Some).map_err(|error| bad(*file, &error).into()),
        Some(Err(error)) => {
            let message = format!("`{LOCK}` cannot be read: {error}");
            Err(Diagnostic::error(Code::BadLock, message).help(ANEW).into())
        }
    }
}

/// The text of a lock that is to be written, where it is not there already; what it pins otherwise than `old`.
pub(crate) fn moved(front: &Front, old: &Lock, new: &Lock) -> Result<Option<NewLock>, Failure> {
    let text = new.to_text().map_err(|error| Diagnostic::error(Code::BadLock, error.to_string()))?;
    if matches!(&front.lock, Some(Ok((_, known))) if **known == *text)
        || front.lock.is_none() && *new == Lock::default()
    {
        return Ok(None);
    }
    let moved = old.differences(new).into_iter().filter_map(|difference| match difference {
        Difference::Model { slot, old, new } => Some(format!("`{slot}` {old} -> {new}")),
        Difference::File { slot, model } => Some(format!("`{slot}` {model}, of which the file is another")),
        Difference::Memory { entry, old: Some(old), new: Some(new) } => Some(format!("`{entry}` {old} MB -> {new} MB")),
        _ => None,
    });
    Ok(Some(NewLock { text, moved: moved.collect() }))
}

/// Holds the selection against `mu.lock`: what to write where it changed. `fixed` refuses another decision.
fn hold(front: &Front, new: &Lock, fixed: bool) -> Result<Option<NewLock>, Failure> {
    let old = read(front)?.unwrap_or_default();
    let differences = old.differences(new);
    if !fixed {
        return moved(front, &old, new);
    }
    if differences.is_empty() {
        return Ok(None);
    }
    let words: Vec<String> = differences.iter().map(ToString::to_string).collect();
    let message = format!("the selection differs from `{LOCK}`: {}", words.join("; "));
    let mut diagnostic = Diagnostic::error(Code::LockChanged, message);
    if let Some(Ok((file, text))) = &front.lock {
        diagnostic = diagnostic.at(place(*file, text, &differences), "this is pinned");
    }
    Err(diagnostic.help("build without `--locked` to accept the new selection, or undo what changed it").into())
}

const ANEW: &str = "`mulc update` writes it anew";

fn bad(file: FileId, error: &LockError) -> Diagnostic {
    let span = match error {
        LockError::Malformed { at: Some(at), .. } => Span::new(at.start, at.end),
        _ => Span::default(),
    };
    Diagnostic::error(Code::BadLock, error.to_string()).at(Loc { file, span }, "not as mulc writes it").help(ANEW)
}

/// Where the lock speaks of the first slot or function that differs; its start, where it speaks of none.
fn place(file: FileId, text: &str, differences: &[Difference]) -> Loc {
    let found = differences.iter().find_map(|difference| {
        let name = difference.of();
        let heads = ["slot", "entry"].map(|kind| [format!("[{kind}.{name}]"), format!("[{kind}.\"{name}\"]")]);
        let mut heads = heads.into_iter().flatten();
        heads.find_map(|head| text.find(&head).map(|start| Span::new(start, start + head.len())))
    });
    Loc { file, span: found.unwrap_or_default() }
}
