//! The functions that machine code calls, through the table in its context.
#![allow(unsafe_code)] // is called with addresses by machine code

use crate::cell::{Cell, Memory};
use crate::work::Work;
use mu_format::native::{self, Service};
use mu_format::tensor::DType;
use std::any::Any;
use std::mem::offset_of;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What machine code is given.
#[repr(C)]
pub(crate) struct Context<'a> {
    table: *const Table,
    /// The steps that are left.
    pub fuel: u64,
    picks: *const u32,
    // From here on machine code knows nothing.
    pub work: Work<'a>,
    /// A panic of ours, which must not pass through machine code.
    pub panic: Option<Box<dyn Any + Send>>,
}

const _: () = {
    assert!(offset_of!(Context, table) == native::CONTEXT_TABLE as usize);
    assert!(offset_of!(Context, fuel) == native::CONTEXT_FUEL as usize);
    assert!(offset_of!(Context, picks) == native::CONTEXT_PICKS as usize);
};

impl<'a> Context<'a> {
    /// `picks` must outlive every use of the context by machine code.
    pub fn new(table: &'a Table, fuel: u64, picks: &'a [u32], work: Work<'a>) -> Context<'a> {
        Context { table, fuel, picks: picks.as_ptr(), work, panic: None }
    }

    /// Runs the function that begins at an address within [`crate::Code`] on the first frame of the memory, which has room for
    /// it and for all that it calls. True where it went through.
    pub fn enter(&mut self, code: *const u8) -> bool {
        type Entry = unsafe extern "C" fn(*mut Context<'_>, *mut Cell) -> u32;
        let frame = self.work.memory.first();
        // SAFETY: addresses come from `Code::address`, for the start of a function that its table names. That the code there is
        // such a function is what its checksum and the bundle's sha256 stand for.
        let entry = unsafe { std::mem::transmute::<*const u8, Entry>(code) };
        // SAFETY: as above; the table's functions are the only way back, and they get this very context.
        let status = unsafe { entry(self, frame) };
        status == 0
    }
}

/// The table; see [`Service`].
#[repr(transparent)]
pub(crate) struct Table([*const (); Service::COUNT]);

impl Table {
    pub fn new() -> Table {
        let mut table = [std::ptr::null(); Service::COUNT];
        let mut set = |service: Service, function| table[service as usize] = function;
        set(Service::Instruction, instruction as *const ());
        set(Service::Literal, literal as *const ());
        set(Service::Spent, spent as *const ());
        set(Service::Tensor, tensor as *const ());
        set(Service::Copy, copy as *const ());
        set(Service::Swap, swap as *const ());
        set(Service::Release, release as *const ());
        set(Service::Element, element as *const ());
        set(Service::Push, push as *const ());
        set(Service::Finish, finish as *const ());
        Table(table)
    }
}

/// Runs `job`; a panic is kept for the caller of the machine code. 0 where all is well.
fn guarded(context: *mut Context<'_>, job: impl FnOnce(&mut Context<'_>) -> bool) -> u32 {
    // SAFETY: machine code passes on what `enter` gave it, and nobody else uses it meanwhile.
    let context = unsafe { &mut *context };
    match catch_unwind(AssertUnwindSafe(|| job(context))) {
        Ok(done) => u32::from(!done),
        Err(panic) => {
            context.panic = Some(panic);
            1
        }
    }
}

/// As [`guarded`], for what only moves values.
fn moving(context: *mut Context<'_>, job: impl FnOnce(&mut Memory)) {
    guarded(context, |context| {
        job(context.work.memory);
        true
    });
}

extern "C" fn instruction(context: *mut Context<'_>, frame: *const Cell, function: u32, result: u32) -> u32 {
    guarded(context, |context| {
        let mut fuel = context.fuel;
        let base = context.work.memory.place(frame);
        let done = context.work.at(function, result, base, |work, at| work.instruction(at, &mut fuel));
        context.fuel = fuel;
        done
    })
}

extern "C" fn literal(context: *mut Context<'_>, frame: *const Cell, function: u32, result: u32) -> u32 {
    guarded(context, |context| {
        let base = context.work.memory.place(frame);
        context.work.at(function, result, base, |work, at| work.literal(at))
    })
}

extern "C" fn spent(context: *mut Context<'_>, frame: *const Cell, function: u32, result: u32) -> u32 {
    guarded(context, |context| {
        let base = context.work.memory.place(frame);
        context.work.at(function, result, base, |work, _| Err(work.spent()))
    })
}

extern "C" fn tensor(context: *mut Context<'_>, cell: *const Cell, dtype: u32, rank: u32, dims: *const u64) -> u32 {
    guarded(context, |context| {
        let Some(dtype) = DType::ALL.get(dtype as usize) else { return false };
        // SAFETY: machine code passes the address of so many dimensions in its stack frame.
        let dims = unsafe { std::slice::from_raw_parts(dims, rank as usize) };
        let place = context.work.memory.place(cell);
        context.work.memory.tensor(place, *dtype, dims)
    })
}

extern "C" fn copy(context: *mut Context<'_>, to: *const Cell, from: *const Cell) {
    moving(context, |memory| memory.copy(memory.place(to), memory.place(from)));
}

extern "C" fn swap(context: *mut Context<'_>, a: *const Cell, b: *const Cell) {
    moving(context, |memory| memory.swap(memory.place(a), memory.place(b)));
}

extern "C" fn release(context: *mut Context<'_>, first: *const Cell, count: u64) {
    moving(context, |memory| {
        let first = memory.place(first);
        (first..first + count as usize).for_each(|place| memory.put(place, crate::cell::NOTHING));
    });
}

extern "C" fn element(context: *mut Context<'_>, frame: *const Cell, function: u32, result: u32, index: u64) -> u32 {
    guarded(context, |context| {
        let base = context.work.memory.place(frame);
        context.work.at(function, result, base, |work, at| work.element(at, index))
    })
}

extern "C" fn push(context: *mut Context<'_>, frame: *const Cell, function: u32, result: u32, index: u64) -> u32 {
    guarded(context, |context| {
        let base = context.work.memory.place(frame);
        context.work.at(function, result, base, |work, at| work.push(at, index))
    })
}

extern "C" fn finish(context: *mut Context<'_>, frame: *const Cell, function: u32, result: u32, count: u64) -> u32 {
    guarded(context, |context| {
        let base = context.work.memory.place(frame);
        context.work.at(function, result, base, |work, at| work.finish(at, count))
    })
}
