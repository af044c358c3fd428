//! Where each value of a function is used last, so that it can be dropped and its buffer used again.

use crate::ir::{Block, Function, ValueId};

/// The values that nothing needs after an instruction, by the instruction's result.
///
/// A value dies in the block that defines it: what a loop's body uses from outside lives until the loop is over. What a block
/// yields does not die in it. A result that nothing uses dies at once. A block parameter that nothing uses is not listed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Liveness {
    dying: Vec<Vec<ValueId>>,
}

impl Liveness {
    /// What dies after the instruction with this result.
    pub fn after(&self, result: ValueId) -> &[ValueId] {
        self.dying.get(result as usize).map_or(&[], Vec::as_slice)
    }

    pub fn of(function: &Function) -> Liveness {
        let count = function.values.len();
        let mut walk = Walk { level: vec![usize::MAX; count], last: vec![None; count], current: Vec::new() };
        walk.block(&function.body);
        let mut dying = vec![Vec::new(); count];
        for (value, last) in walk.last.iter().enumerate() {
            if let (Some(Last::At(inst)), Ok(value)) = (last, ValueId::try_from(value))
                && let Some(list) = dying.get_mut(*inst as usize)
            {
                list.push(value);
            }
        }
        Liveness { dying }
    }
}

#[derive(Clone, Copy)]
enum Last {
    /// By the instruction with this result, or by a block inside it.
    At(ValueId),
    /// The block that defines the value yields it.
    Yield,
}

struct Walk {
    /// How many blocks are around the definition of a value.
    level: Vec<usize>,
    last: Vec<Option<Last>>,
    /// The instruction being walked on each level.
    current: Vec<ValueId>,
}

impl Walk {
    fn define(&mut self, value: ValueId) {
        if let Some(level) = self.level.get_mut(value as usize) {
            *level = self.current.len();
        }
    }

    fn set(&mut self, value: ValueId, last: Last) {
        if let Some(slot) = self.last.get_mut(value as usize) {
            *slot = Some(last);
        }
    }

    /// `value` is used by what is being walked; `yields`: by the end of the block on this level.
    fn mention(&mut self, value: ValueId, yields: bool) {
        let Some(&level) = self.level.get(value as usize) else { return };
        match self.current.get(level) {
            Some(&inst) => self.set(value, Last::At(inst)),
            None if yields => self.set(value, Last::Yield),
            None => {}
        }
    }

    fn block(&mut self, block: &Block) {
        for param in &block.params {
            self.define(*param);
        }
        for inst in &block.insts {
            self.define(inst.result);
            self.set(inst.result, Last::At(inst.result));
            self.current.push(inst.result);
            for arg in inst.kind.args() {
                self.mention(arg, false);
            }
            for inner in inst.kind.blocks() {
                self.block(inner);
            }
            self.current.pop();
        }
        for value in &block.yields {
            self.mention(*value, true);
        }
    }
}
