//! Runs a function on a stack at a given address.
//!
//! Objects have bytes that mean nothing, such as the unused part of an enum, and what stands there was on the stack before,
//! addresses of the stack among it. A process that freezes puts its stack where the other one has it not, so that they show.

use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous};
use std::ffi::c_void;
use std::io;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Address space; only what is touched takes memory.
const SIZE: usize = 256 << 20;

/// Runs `work` on a thread of its own with a stack at `place`, and waits for it.
#[allow(unsafe_code)]
pub(crate) fn on_stack<T, F: FnOnce() -> T>(place: usize, work: F) -> io::Result<T> {
    let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
    // SAFETY: without `MAP_FIXED` nothing that is mapped is touched.
    let stack = unsafe { mmap_anonymous(place as *mut c_void, SIZE, ProtFlags::READ | ProtFlags::WRITE, flags)? };
    if stack as usize != place {
        return Err(io::Error::other("the address of the stack is taken"));
    }
    let mut job: (Option<F>, Option<std::thread::Result<T>>) = (Some(work), None);
    let check = |code: i32| if code == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(code)) };
    // SAFETY: the attributes are initialised before they are used; the stack is mapped, is used by no other thread and is never
    // unmapped; `job` outlives the thread, which is joined, and nobody else touches it meanwhile.
    unsafe {
        let mut attributes = MaybeUninit::<libc::pthread_attr_t>::uninit();
        check(libc::pthread_attr_init(attributes.as_mut_ptr()))?;
        check(libc::pthread_attr_setstack(attributes.as_mut_ptr(), stack, SIZE))?;
        let mut thread = MaybeUninit::<libc::pthread_t>::uninit();
        let argument = std::ptr::from_mut(&mut job).cast();
        check(libc::pthread_create(thread.as_mut_ptr(), attributes.as_ptr(), start::<T, F>, argument))?;
        check(libc::pthread_join(thread.assume_init(), std::ptr::null_mut()))?;
        check(libc::pthread_attr_destroy(attributes.as_mut_ptr()))?;
    }
    match job.1 {
        Some(Ok(made)) => Ok(made),
        Some(Err(panic)) => resume_unwind(panic),
        None => Err(io::Error::other("the thread did nothing")),
    }
}

/// What the thread runs: `job` is the pair that [`on_stack`] made.
#[allow(unsafe_code)]
extern "C" fn start<T, F: FnOnce() -> T>(job: *mut c_void) -> *mut c_void {
    // SAFETY: see there.
    let (work, result) = unsafe { &mut *job.cast::<(Option<F>, Option<std::thread::Result<T>>)>() };
    *result = work.take().map(|work| catch_unwind(AssertUnwindSafe(work)));
    std::ptr::null_mut()
}
