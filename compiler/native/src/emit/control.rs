//! Branches and loops.

use super::function::Emit;
use crate::error::Error;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types};
use cranelift_frontend::Variable;
use mu_format::frame::Cell;
use mu_format::ir::{Block, Inst, ValueId};
use mu_format::native::{CELL, CELL_LEN, Service};

/// A loop over a list, between its head and its end.
struct Loop {
    head: cranelift_codegen::ir::Block,
    exit: cranelift_codegen::ir::Block,
    /// How many elements the result has.
    made: Variable,
}

impl<'a> Emit<'a, '_> {
    /// `then` where the flag of `subject`, its first leaf, is set.
    pub fn branch(
        &mut self,
        inst: &Inst,
        subject: ValueId,
        then: &'a Block,
        otherwise: &'a Block,
    ) -> Result<(), Error> {
        let flag = self.frame.cells(subject).first().copied();
        let flag = flag.and_then(|cell| self.number(cell)).ok_or_else(|| Error::new("a branch has no condition"))?;
        let [yes, no, done] = std::array::from_fn(|_| self.b.create_block());
        self.b.ins().brif(flag, yes, &[], no, &[]);
        for (number, (label, block)) in [(yes, then), (no, otherwise)].into_iter().enumerate() {
            self.go_on(label);
            self.block(block)?;
            self.settle(inst.result, &block.yields, self.frame.movable(inst.result, number).to_vec());
            self.b.ins().jump(done, &[]);
        }
        self.go_on(done);
        Ok(())
    }

    /// What a block yields becomes the result of its instruction.
    fn settle(&mut self, result: ValueId, yields: &[ValueId], movable: Vec<bool>) {
        let from: Vec<Cell> = yields.iter().flat_map(|value| self.frame.cells(*value).to_vec()).collect();
        let to = self.frame.cells(result).to_vec();
        for (place, (to, from)) in to.into_iter().zip(from).enumerate() {
            self.move_cell(to, from, movable.get(place) == Some(&true));
        }
    }

    fn move_cell(&mut self, to: Cell, from: Cell, movable: bool) {
        match self.number(from) {
            Some(number) => self.set_number(to, number),
            None => self.pass_on(to as usize, from as usize, movable),
        }
    }

    /// Begins a loop: afterwards the element is in the cells of the body's first parameter.
    fn begin(&mut self, inst: &Inst, list: ValueId, element: Option<&ValueId>) -> Result<Loop, Error> {
        let list = self.frame.cell(list).ok_or_else(|| Error::new("a list has no cell"))?;
        let element = *element.ok_or_else(|| Error::new("a loop has no element"))?;
        let at = CELL * list as i32 + CELL_LEN;
        let count = self.b.ins().load(types::I64, MemFlagsData::trusted(), self.frame_at, at);
        let zero = self.b.ins().iconst(types::I64, 0);
        let (index, made) = (self.b.declare_var(types::I64), self.b.declare_var(types::I64));
        self.b.def_var(index, zero);
        self.b.def_var(made, zero);
        let [head, body, exit] = std::array::from_fn(|_| self.b.create_block());
        self.b.ins().jump(head, &[]);
        self.b.switch_to_block(head);
        let place = self.b.use_var(index);
        let more = self.b.ins().icmp(IntCC::UnsignedLessThan, place, count);
        self.b.ins().brif(more, body, &[], exit, &[]);
        self.go_on(body);
        self.burn(inst.result, 1);
        self.on_instruction(Service::Element, inst.result, Some(place));
        self.reload(element);
        let next = self.b.ins().iadd_imm_s(place, 1);
        self.b.def_var(index, next);
        Ok(Loop { head, exit, made })
    }

    /// What the body has yielded becomes an element of the result.
    fn push(&mut self, inst: &Inst, element: Option<&ValueId>, made: Variable) {
        element.into_iter().for_each(|element| self.spill(*element));
        let place = self.b.use_var(made);
        self.on_instruction(Service::Push, inst.result, Some(place));
        let next = self.b.ins().iadd_imm_s(place, 1);
        self.b.def_var(made, next);
    }

    /// Ends a loop.
    fn end(&mut self, inst: &Inst, around: &Loop) {
        self.b.ins().jump(around.head, &[]);
        self.b.seal_block(around.head);
        self.go_on(around.exit);
        let made = self.b.use_var(around.made);
        self.on_instruction(Service::Finish, inst.result, Some(made));
    }

    pub fn for_each(
        &mut self,
        inst: &Inst,
        list: ValueId,
        filter: Option<&'a Block>,
        body: &'a Block,
    ) -> Result<(), Error> {
        let around = self.begin(inst, list, body.params.first())?;
        if let Some(filter) = filter {
            self.block(filter)?;
            let keep = filter.yields.first().and_then(|value| self.frame.cell(*value));
            let keep = keep.and_then(|cell| self.number(cell)).ok_or_else(|| Error::new("a filter yields no bool"))?;
            let kept = self.b.create_block();
            self.b.ins().brif(keep, kept, &[], around.head, &[]);
            self.go_on(kept);
        }
        self.block(body)?;
        self.push(inst, body.yields.first(), around.made);
        self.end(inst, &around);
        Ok(())
    }

    pub fn scan(&mut self, inst: &Inst, list: ValueId, init: &[ValueId], body: &'a Block) -> Result<(), Error> {
        let cells = |emit: &Self, values: &[ValueId]| -> Vec<Cell> {
            values.iter().flat_map(|value| emit.frame.cells(*value).to_vec()).collect()
        };
        let states = cells(self, body.params.get(1..).unwrap_or_default());
        let saved = self.saved(inst, &states);
        for (state, spare) in &saved {
            // The room of the last state of the loop before; see `next_states`.
            self.pass_on(*spare as usize, *state as usize, true);
        }
        for (to, from) in states.iter().zip(cells(self, init)) {
            self.move_cell(*to, from, false);
        }
        let around = self.begin(inst, list, body.params.first())?;
        self.block(body)?;
        let Some((element, next)) = body.yields.split_last() else {
            return Err(Error::new("the body of a scan yields nothing"));
        };
        self.push(inst, Some(element), around.made);
        let next = cells(self, next);
        self.next_states(inst, &states, &next);
        self.make_room(inst, &states, &next, around.made);
        self.end(inst, &around);
        Ok(())
    }

    /// The states with a box whose next one is made anew in each round, with their spare cells.
    fn saved(&self, inst: &Inst, states: &[Cell]) -> Vec<(Cell, Cell)> {
        let movable = self.frame.movable(inst.result, 0);
        let all = states.iter().zip(self.frame.spare(inst.result)).zip(movable);
        all.filter(|((state, _), gives)| **gives && self.variable(**state).is_none())
            .map(|((state, spare), _)| (*state, *spare))
            .collect()
    }

    /// After the first round the cell that the next state is made in holds the first one, which somebody else holds too and
    /// which could not be written over. It gets the room that was saved instead.
    fn make_room(&mut self, inst: &Inst, states: &[Cell], next: &[Cell], made: Variable) {
        let saved = self.saved(inst, states);
        if saved.is_empty() {
            return;
        }
        let (first, done) = (self.b.create_block(), self.b.create_block());
        let made = self.b.use_var(made);
        let only = self.b.ins().icmp_imm_u(IntCC::Equal, made, 1);
        self.b.ins().brif(only, first, &[], done, &[]);
        self.go_on(first);
        for (state, from) in states.iter().zip(next) {
            if let Some((_, spare)) = saved.iter().find(|(saved, _)| saved == state) {
                self.pass_on(*from as usize, *spare as usize, true);
            }
        }
        self.b.ins().jump(done, &[]);
        self.go_on(done);
    }

    /// All states change at once: one may be what another one was.
    fn next_states(&mut self, inst: &Inst, states: &[Cell], next: &[Cell]) {
        let movable = self.frame.movable(inst.result, 0).to_vec();
        let spare = self.frame.spare(inst.result).to_vec();
        let numbers: Vec<Option<Value>> = next.iter().map(|cell| self.number(*cell)).collect();
        let gives = |place: usize| movable.get(place) == Some(&true);
        for (place, (from, spare)) in next.iter().zip(&spare).enumerate() {
            if numbers.get(place) == Some(&None) && !gives(place) {
                self.pass_on(*spare as usize, *from as usize, false);
            }
        }
        for (place, ((to, from), spare)) in states.iter().zip(next).zip(&spare).enumerate() {
            match numbers.get(place).copied().flatten() {
                Some(number) => self.set_number(*to, number),
                None if gives(place) => self.pass_on(*to as usize, *from as usize, true),
                None => self.pass_on(*to as usize, *spare as usize, true),
            }
        }
    }
}
