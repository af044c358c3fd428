//! Keeps panics that are caught from being printed: their text is in the error.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;
use std::thread;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// As [`catch_unwind`], but nothing is said on stderr. Panics of other threads are reported as before.
pub(crate) fn catch_quietly<T>(work: impl FnOnce() -> T) -> thread::Result<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let loud = take_hook();
        set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                loud(panic);
            }
        }));
    });
    let before = QUIET.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(before);
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_caught_and_the_next_one_too() {
        for _ in 0..2 {
            let caught = catch_quietly(|| panic!("broken"));
            assert_eq!(caught.unwrap_err().downcast_ref::<&str>(), Some(&"broken"));
            assert!(!QUIET.get());
        }
        assert_eq!(catch_quietly(|| 1).unwrap(), 1);
    }
}
