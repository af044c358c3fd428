//! Where the values of a function live while machine code runs it: cells, numbered from 0 in each function's frame.
//!
//! A value is taken apart into leaves, and each leaf has a cell. Numbers, bools and labels are leaves, as are tensors, lists,
//! texts and files; records are their fields' leaves, an option is a flag and what is inside, a result a flag, what is inside
//! and the error's text. Taking a value apart or putting it into a record, an option or a result costs nothing: the cells are
//! the same ones. The compiler and the runtime both compute a frame from the plan, so nothing of it has to be stored.

use crate::ir::{Block, Function, Inst, Kind, ValueId};
use crate::tensor::DType;
use crate::types::Type;

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaf {
    /// A single number or bool, its bits in the cell.
    Scalar(DType),
    /// The place of a label, as a u32 in the cell.
    Label,
    /// Whether there is something inside an option or a result: 1 or 0 in the cell.
    Flag,
    /// A tensor with dimensions.
    Tensor,
    /// A list, text, ranking or file.
    Boxed,
}

impl Leaf {
    /// Whether the bits in the cell are all of it.
    pub fn is_plain(self) -> bool {
        matches!(self, Leaf::Scalar(_) | Leaf::Label | Leaf::Flag)
    }
}

/// The number of a cell in its frame.
pub type Cell = u32;

/// Appends the leaves of a value of the type.
pub fn leaves(ty: &Type, out: &mut Vec<Leaf>) {
    match ty {
        Type::Tensor(dtype, dims) if dims.is_empty() => out.push(Leaf::Scalar(*dtype)),
        Type::Tensor(..) => out.push(Leaf::Tensor),
        Type::Label(_) => out.push(Leaf::Label),
        Type::Record(fields) => fields.iter().for_each(|(_, ty)| leaves(ty, out)),
        Type::Option(inner) => {
            out.push(Leaf::Flag);
            leaves(inner, out);
        }
        Type::Result(inner) => {
            out.push(Leaf::Flag);
            leaves(inner, out);
            out.push(Leaf::Boxed);
        }
        Type::Text | Type::Bytes | Type::Image | Type::Audio | Type::Ranking(_) | Type::List(..) => {
            out.push(Leaf::Boxed);
        }
    }
}

/// How many leaves a value of the type has.
pub fn count(ty: &Type) -> usize {
    match ty {
        Type::Record(fields) => fields.iter().map(|(_, ty)| count(ty)).sum(),
        Type::Option(inner) => 1 + count(inner),
        Type::Result(inner) => 2 + count(inner),
        _ => 1,
    }
}

/// The cells of a function that was verified.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frame {
    /// What each cell holds.
    pub leaves: Vec<Leaf>,
    /// The first cells hold what the function gives.
    pub result: usize,
    /// By value, the cells of its leaves.
    of: Vec<Vec<Cell>>,
    /// By the result of a `scan`, a cell more for each leaf of its states.
    spare: Vec<Vec<Cell>>,
    /// By the result of an instruction with blocks, for each of them what [`Frame::movable`] says.
    movable: Vec<Vec<Vec<bool>>>,
    /// Likewise for the function's body.
    body: Vec<bool>,
}

impl Frame {
    pub fn of(function: &Function) -> Frame {
        let count = function.values.len();
        let frame = Frame {
            of: vec![Vec::new(); count],
            spare: vec![Vec::new(); count],
            movable: vec![Vec::new(); count],
            ..Frame::default()
        };
        let mut walk = Walk { function, frame, home: Vec::new(), blocks: 0 };
        let result = walk.fresh(&function.result, None);
        walk.frame.result = result.len();
        for param in &function.body.params {
            walk.define(*param, None);
        }
        walk.frame.body = walk.block(&function.body);
        walk.frame
    }

    /// The cells of a value's leaves.
    pub fn cells(&self, value: ValueId) -> &[Cell] {
        self.of.get(value as usize).map_or(&[], Vec::as_slice)
    }

    /// The only cell of a value that is no record, option or result.
    pub fn cell(&self, value: ValueId) -> Option<Cell> {
        match self.cells(value) {
            [cell] => Some(*cell),
            _ => None,
        }
    }

    /// Cells that hold the next states of a `scan` with this result until all of them are known.
    pub fn spare(&self, scan: ValueId) -> &[Cell] {
        self.spare.get(scan as usize).map_or(&[], Vec::as_slice)
    }

    /// By leaf of what the `block`th block of an instruction yields: whether the cell may give away what it holds when the block
    /// ends, because the block filled it and yields it once. Any other cell is still needed by somebody.
    pub fn movable(&self, result: ValueId, block: usize) -> &[bool] {
        self.movable.get(result as usize).and_then(|blocks| blocks.get(block)).map_or(&[], Vec::as_slice)
    }

    /// As [`Frame::movable`], of the function's body.
    pub fn body_movable(&self) -> &[bool] {
        &self.body
    }

    /// How many cells the frame has.
    pub fn size(&self) -> usize {
        self.leaves.len()
    }

    pub fn leaf(&self, cell: Cell) -> Option<Leaf> {
        self.leaves.get(cell as usize).copied()
    }
}

struct Walk<'a> {
    function: &'a Function,
    frame: Frame,
    /// By cell, the block that fills it; `None` for parameters.
    home: Vec<Option<u32>>,
    blocks: u32,
}

impl Walk<'_> {
    fn cell(&mut self, leaf: Leaf, home: Option<u32>) -> Cell {
        let cell = self.frame.leaves.len() as Cell;
        self.frame.leaves.push(leaf);
        self.home.push(home);
        cell
    }

    fn fresh(&mut self, ty: &Type, home: Option<u32>) -> Vec<Cell> {
        let mut kinds = Vec::new();
        leaves(ty, &mut kinds);
        kinds.into_iter().map(|leaf| self.cell(leaf, home)).collect()
    }

    fn set(&mut self, value: ValueId, cells: Vec<Cell>) {
        if let Some(slot) = self.frame.of.get_mut(value as usize) {
            *slot = cells;
        }
    }

    fn define(&mut self, value: ValueId, home: Option<u32>) {
        if let Some(ty) = self.function.type_of(value) {
            let cells = self.fresh(ty, home);
            self.set(value, cells);
        }
    }

    /// Gives what is movable of its yields.
    fn block(&mut self, block: &Block) -> Vec<bool> {
        let home = Some(self.blocks);
        self.blocks += 1;
        for inst in &block.insts {
            self.inst(inst, home);
        }
        let cells: Vec<Cell> = block.yields.iter().flat_map(|value| self.frame.cells(*value).to_vec()).collect();
        let once = |cell: &Cell| cells.iter().filter(|other| *other == cell).count() == 1;
        let here = |cell: &Cell| self.home.get(*cell as usize).copied().flatten() == home;
        cells.iter().map(|cell| here(cell) && once(cell)).collect()
    }

    fn movable(&mut self, inst: &Inst, blocks: Vec<Vec<bool>>) {
        if let Some(slot) = self.frame.movable.get_mut(inst.result as usize) {
            *slot = blocks;
        }
    }

    fn inst(&mut self, inst: &Inst, home: Option<u32>) {
        let cells = |frame: &Frame, value: &ValueId| frame.cells(*value).to_vec();
        match &inst.kind {
            Kind::Record(parts) => {
                let all = parts.iter().flat_map(|part| cells(&self.frame, part)).collect();
                self.set(inst.result, all);
            }
            Kind::Field { record, index } => {
                let (from, count) = self.field(*record, *index);
                let all = cells(&self.frame, record).into_iter().skip(from).take(count).collect();
                self.set(inst.result, all);
            }
            Kind::Some(value) => {
                let flag = self.cell(Leaf::Flag, home);
                let all = std::iter::once(flag).chain(cells(&self.frame, value)).collect();
                self.set(inst.result, all);
            }
            Kind::Ok(value) => {
                let flag = self.cell(Leaf::Flag, home);
                let error = self.cell(Leaf::Boxed, home);
                let all = std::iter::once(flag).chain(cells(&self.frame, value)).chain([error]).collect();
                self.set(inst.result, all);
            }
            Kind::Err(text) => {
                self.define(inst.result, home);
                let mut all = cells(&self.frame, &inst.result);
                all.pop();
                all.extend(cells(&self.frame, text));
                self.set(inst.result, all);
            }
            Kind::Match { subject, present, absent } => {
                let inside = cells(&self.frame, subject);
                if let ([value], Some(ty)) = (present.params.as_slice(), inner(self.function.type_of(*subject))) {
                    self.set(*value, inside.iter().copied().skip(1).take(count(ty)).collect());
                }
                if let [error] = absent.params.as_slice() {
                    self.set(*error, inside.last().copied().into_iter().collect());
                }
                let movable = vec![self.block(present), self.block(absent)];
                self.movable(inst, movable);
                self.define(inst.result, home);
            }
            Kind::For { filter, body, .. } => {
                for param in &body.params {
                    self.define(*param, None);
                }
                let mut movable = Vec::new();
                if let (Some(filter), [element]) = (filter, body.params.as_slice()) {
                    let element = cells(&self.frame, element);
                    filter.params.iter().for_each(|param| self.set(*param, element.clone()));
                    movable.push(self.block(filter));
                }
                movable.push(self.block(body));
                self.movable(inst, movable);
                self.define(inst.result, home);
            }
            Kind::Scan { body, .. } => {
                for param in &body.params {
                    self.define(*param, None);
                }
                let states = body.params.get(1..).unwrap_or_default();
                let states: Vec<Cell> = states.iter().flat_map(|state| cells(&self.frame, state)).collect();
                let spare = states.into_iter().filter_map(|cell| self.frame.leaf(cell)).collect::<Vec<_>>();
                let spare = spare.into_iter().map(|leaf| self.cell(leaf, None)).collect();
                if let Some(slot) = self.frame.spare.get_mut(inst.result as usize) {
                    *slot = spare;
                }
                let movable = vec![self.block(body)];
                self.movable(inst, movable);
                self.define(inst.result, home);
            }
            kind => {
                let movable = kind.blocks().map(|block| self.block(block)).collect();
                self.movable(inst, movable);
                self.define(inst.result, home);
            }
        }
    }

    /// Where the leaves of a record's field begin among the record's, and how many they are.
    fn field(&self, record: ValueId, index: u32) -> (usize, usize) {
        let Some(Type::Record(fields)) = self.function.type_of(record) else { return (0, 0) };
        let index = index as usize;
        let before = fields.iter().take(index).map(|(_, ty)| count(ty)).sum();
        (before, fields.get(index).map_or(0, |(_, ty)| count(ty)))
    }
}

/// What an option or a good result holds.
fn inner(ty: Option<&Type>) -> Option<&Type> {
    match ty {
        Some(Type::Option(inner) | Type::Result(inner)) => Some(inner),
        _ => None,
    }
}
