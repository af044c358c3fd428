//! Runs a single piece of machine code on a frame of values, for tests of kernels.

use crate::cell::{Memory, NOTHING};
use crate::code::Code;
use crate::service::{Context, Table};
use crate::spread::{gathered, scatter};
use crate::work::{Room, Work};
use mu_format::ir::Program;
use mu_format::types::Type;
use mu_format::value::Value;
use mu_interp::{Limits, NoModels};

/// What a piece of machine code did.
#[derive(Debug)]
pub struct Outcome {
    pub status: bool,
    /// The steps that were left.
    pub fuel: u64,
    /// Every cell as a value of its type; `None` where the cell holds no such value.
    pub values: Vec<Option<Value>>,
}

/// Runs the code at `offset` of the blob, which `mulc` made, on a frame with a cell for each type; `None` leaves a cell empty.
/// Types are scalars, tensors, lists and the like: what has one cell. The instructions of a program cannot be run from here.
pub fn run_raw(
    code: &Code,
    offset: u32,
    types: &[Type],
    values: &[Option<Value>],
    fuel: u64,
) -> Result<Outcome, String> {
    let mut memory = Memory::new(types.len());
    for (place, (ty, value)) in types.iter().zip(values).enumerate() {
        if let Some(value) = value {
            scatter(&mut memory, &mut std::iter::once(place), ty, value)?;
        }
    }
    let program = Program::default();
    let (limits, table, mut room) = (Limits { fuel }, Table::new(), Room::default());
    let address = code.address(offset).ok_or("there is no code at this place")?;
    let work = Work {
        program: &program,
        known: &[],
        limits,
        engine: &mut NoModels,
        cx: mu_ops::Context::new(&[], &[]),
        memory: &mut memory,
        room: &mut room,
        fault: None,
    };
    let mut context = Context::new(&table, fuel, &[], work);
    let status = context.enter(address);
    let fuel = context.fuel;
    let found = types.iter().enumerate().map(|(place, ty)| {
        let empty = matches!(ty, Type::Tensor(_, dims) if !dims.is_empty()) && *memory.value(place) == NOTHING;
        if empty { None } else { gathered(&memory, &mut std::iter::once(place), ty).ok() }
    });
    Ok(Outcome { status, fuel, values: found.collect() })
}
