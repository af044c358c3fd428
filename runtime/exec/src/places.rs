//! Where the instruction that defines a value stands, so that machine code can name it by the value.

use mu_format::ir::{Block, Function, Inst, ValueId};

/// By value, the way to the instruction that defines it: a place in the body, then by turns the block inside and the place there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    ways: Vec<Box<[u32]>>,
}

impl Places {
    pub fn of(function: &Function) -> Places {
        let mut places = Places { ways: vec![Box::default(); function.values.len()] };
        places.block(&function.body, &mut Vec::new());
        places
    }

    fn block(&mut self, block: &Block, way: &mut Vec<u32>) {
        for (place, inst) in (0..).zip(&block.insts) {
            way.push(place);
            if let Some(slot) = self.ways.get_mut(inst.result as usize) {
                *slot = way.as_slice().into();
            }
            for (number, inner) in (0..).zip(inst.kind.blocks()) {
                way.push(number);
                self.block(inner, way);
                way.pop();
            }
            way.pop();
        }
    }

    /// The instruction that defines a value; `None` for parameters.
    pub fn find<'a>(&self, function: &'a Function, value: ValueId) -> Option<&'a Inst> {
        let (first, rest) = self.ways.get(value as usize)?.split_first()?;
        let mut inst = function.body.insts.get(*first as usize)?;
        for step in rest.chunks_exact(2) {
            inst = inst.kind.blocks().nth(step[0] as usize)?.insts.get(step[1] as usize)?;
        }
        Some(inst)
    }
}
