//! Objects written to a file as they lie in memory, and mapped back.
//!
//! A model's plan takes tract up to a second to make and is the same every time. So it is made once, when the bundle is built, in
//! an arena that stands apart from the heap ([`arena`]); what can be reached from it is found ([`trace`]), laid out anew
//! without gaps ([`image`]) and written to a file ([`file`]). At start the file is mapped, checked, and its pointers are moved to
//! where it lies ([`map`]).
//!
//! Nothing describes the types of these objects. A word is known to be a pointer because the plan is made twice, by two processes
//! whose arenas and executables lie elsewhere: what has moved along is a pointer, what is equal is not, and where neither holds
//! the objects are not fit to be frozen. That the two agree also shows that making them has no chance in it.
//!
//! What makes this sound: the very same executable (its build id), a processor that has what the plan was made for, the same page
//! size, a checksum over all that is mapped, and the type of the root. See `runtime/README.md`.

mod arena;
mod exe;
mod file;
mod heap;
mod image;
mod map;
mod random;
mod stack;
mod sum;
mod trace;

pub use arena::{Arena, Recorded};
pub use exe::{Identity, shuffle, without_chance};
pub use file::Refused;
pub use heap::Heap;
pub use image::{Unfit, image};
pub use map::{Frozen, map};
pub use trace::Dump;
