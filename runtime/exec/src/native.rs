//! A program that is run as machine code.

use crate::cell::{Memory, NOTHING};
use crate::code::Code;
use crate::places::Places;
use crate::service::{Context, Table};
use crate::spread::{gather, scatter};
use crate::work::{Known, Room, Work};
use mu_format::frame::Frame;
use mu_format::ir::{Block, Entry, FuncId, Kind, Program};
use mu_format::prefer::Weights;
use mu_format::value::Value;
use mu_interp::{Engine, Error, ErrorKind, Machine};
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, PoisonError};

/// A program and its machine code, ready to be called any number of times.
///
/// Calls give what the interpreter gives, errors and the use of fuel included. The memory of a call is kept for the next one,
/// so that calls whose shapes repeat ask for no memory.
pub struct Native {
    machine: Machine,
    code: Code,
    /// By function.
    known: Vec<Known>,
    /// How many cells a call needs at most, all callees included.
    cells: usize,
    /// The memories of finished calls.
    idle: Mutex<Vec<State>>,
}

/// What a call leaves to the next one.
struct State {
    memory: Memory,
    room: Room,
    /// The last answer, whose boxes are used again where nobody holds them any more.
    answer: Value,
}

impl Native {
    /// `code` must have been held against the plan of the machine's program when it was mapped. The error says why it is not
    /// run.
    pub fn new(machine: Machine, code: Code) -> Result<Native, String> {
        let program = machine.program().clone();
        if code.header().functions.len() != program.functions.len() {
            return Err("the machine code is broken: it has another number of functions".into());
        }
        let known = program.functions.iter().map(|f| Known { frame: Frame::of(f), places: Places::of(f) });
        let known: Vec<Known> = known.collect();
        let mut needs: Vec<usize> = Vec::with_capacity(known.len());
        for (function, known) in program.functions.iter().zip(&known) {
            needs.push(known.frame.size() + deepest(&function.body, &needs));
        }
        let cells = needs.into_iter().max().unwrap_or(0);
        Ok(Native { machine, code, known, cells, idle: Mutex::default() })
    }

    pub fn program(&self) -> &Arc<Program> {
        self.machine.program()
    }

    /// As [`Machine::weighed`].
    pub fn weighed(&self, entry: &Entry) -> Vec<String> {
        self.machine.weighed(entry)
    }

    /// As [`Machine::call`].
    pub fn call(&self, function: FuncId, args: &[Value], engine: &mut dyn Engine) -> Result<Value, Error> {
        self.run(function, args, self.machine.equal_picks(), engine)
    }

    /// As [`Machine::call_weighed`].
    pub fn call_weighed(
        &self,
        entry: &Entry,
        args: &[Value],
        weights: &Weights,
        engine: &mut dyn Engine,
    ) -> Result<Value, Error> {
        self.run(entry.function, args, &self.machine.picks(entry, weights)?, engine)
    }

    fn run(&self, id: FuncId, args: &[Value], picks: &[u32], engine: &mut dyn Engine) -> Result<Value, Error> {
        let function = self.machine.check(id, args)?;
        let lost = |message: String| Error {
            kind: ErrorKind::Internal,
            message,
            function: function.name.clone(),
            instruction: String::new(),
        };
        let offset = self.code.header().functions.get(id as usize);
        let code = offset.and_then(|offset| self.code.address(*offset));
        let (Some(code), Some(known)) = (code, self.known.get(id as usize)) else {
            return Err(lost("it has no machine code".into()));
        };
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let new = || State { memory: Memory::new(self.cells), room: Room::default(), answer: NOTHING };
        let mut state = idle.unwrap_or_else(new);
        for (param, arg) in function.body.params.iter().zip(args) {
            let ty = function.type_of(*param).ok_or_else(|| lost("a parameter has no type".into()))?;
            let mut places = known.frame.cells(*param).iter().map(|cell| *cell as usize);
            scatter(&mut state.memory, &mut places, ty, arg).map_err(lost)?;
        }
        let table = Table::new();
        let State { memory, room, answer } = &mut state;
        let limits = self.machine.limits();
        let work = Work {
            program: self.machine.program(),
            known: &self.known,
            limits,
            engine,
            cx: self.machine.context(),
            memory,
            room,
            fault: None,
        };
        let mut context = Context::new(&table, limits.fuel, picks, work);
        let done = context.enter(code);
        if let Some(panic) = context.panic {
            resume_unwind(panic);
        }
        let fault = context.work.fault;
        let answered = match fault {
            Some(fault) => Err(fault),
            None if !done => Err(lost("machine code gave up without a reason".into())),
            None => gather(memory, &mut (0..known.frame.result), &function.result, answer).map_err(lost),
        };
        let value = answered.map(|()| answer.clone());
        memory.forget(known.frame.result);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(state);
        value
    }
}

/// The largest need of the functions that a block calls.
fn deepest(block: &Block, needs: &[usize]) -> usize {
    let need = |function: &FuncId| needs.get(*function as usize).copied().unwrap_or(0);
    let inst = |kind: &Kind| match kind {
        Kind::Call { function, .. } => need(function),
        Kind::Dispatch { functions, .. } => functions.iter().map(need).max().unwrap_or(0),
        _ => kind.blocks().map(|block| deepest(block, needs)).max().unwrap_or(0),
    };
    block.insts.iter().map(|i| inst(&i.kind)).max().unwrap_or(0)
}
