//! The memory that machine code works on: the cells of all running functions, and what they hold.
#![allow(unsafe_code)] // machine code writes to the cells behind the compiler's back

use mu_format::native;
use mu_format::tensor::{DType, Data, Tensor};
use mu_format::value::Value;
use std::mem::offset_of;
use std::ptr::NonNull;
use std::sync::Arc;

/// What machine code sees of a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Cell {
    /// The bits of a scalar, or the address of a tensor's elements.
    pub data: u64,
    /// The number of elements of a tensor or a list.
    pub len: u64,
    /// The address of a tensor's dimensions.
    pub dims: u64,
    /// The number of a tensor's dimensions.
    pub rank: u64,
}

const _: () = {
    assert!(size_of::<Cell>() == native::CELL as usize);
    assert!(offset_of!(Cell, data) == native::CELL_DATA as usize);
    assert!(offset_of!(Cell, len) == native::CELL_LEN as usize);
    assert!(offset_of!(Cell, dims) == native::CELL_DIMS as usize);
    assert!(offset_of!(Cell, rank) == native::CELL_RANK as usize);
    // Dimensions are read as u64.
    assert!(size_of::<usize>() == 8);
};

/// The most elements that machine code asks a tensor for; what is larger is left to the operations.
const MOST_ELEMENTS: u64 = 1 << 28;

/// Cells and, by cell, what keeps alive what it points at. They stay where they are.
pub(crate) struct Memory {
    cells: NonNull<Cell>,
    values: Vec<Value>,
}

// SAFETY: the cells belong to the value alone.
unsafe impl Send for Memory {}

impl Drop for Memory {
    fn drop(&mut self) {
        let cells = std::ptr::slice_from_raw_parts_mut(self.cells.as_ptr(), self.values.len());
        // SAFETY: made of a box of this length in `new`, and dropped once.
        drop(unsafe { Box::from_raw(cells) });
    }
}

/// What a cell without a value holds.
pub(crate) const NOTHING: Value = Value::Bool(false);

impl Memory {
    pub fn new(count: usize) -> Memory {
        let cells = Box::into_raw(vec![Cell::default(); count].into_boxed_slice());
        // A box is never null; an empty one dangles and is not read.
        let cells = NonNull::new(cells.cast::<Cell>()).unwrap_or(NonNull::dangling());
        Memory { cells, values: vec![NOTHING; count] }
    }

    pub fn first(&self) -> *mut Cell {
        self.cells.as_ptr()
    }

    /// The place of the cell at an address; past the end where there is none.
    pub fn place(&self, address: *const Cell) -> usize {
        (address as usize).wrapping_sub(self.cells.as_ptr() as usize) / size_of::<Cell>()
    }

    pub fn cell(&self, place: usize) -> Cell {
        if place >= self.values.len() {
            return Cell::default();
        }
        // SAFETY: within the box; machine code does not run while this does.
        unsafe { self.cells.add(place).read() }
    }

    pub fn set_cell(&mut self, place: usize, cell: Cell) {
        if place < self.values.len() {
            // SAFETY: as in `cell`.
            unsafe { self.cells.add(place).write(cell) };
        }
    }

    pub fn set_bits(&mut self, place: usize, bits: u64) {
        self.set_cell(place, Cell { data: bits, ..self.cell(place) });
    }

    pub fn value(&self, place: usize) -> &Value {
        self.values.get(place).unwrap_or(&NOTHING)
    }

    pub fn values(&mut self) -> &mut [Value] {
        &mut self.values
    }

    /// Puts a tensor, a list or anything else with a box into a cell.
    pub fn put(&mut self, place: usize, value: Value) {
        self.set_cell(place, view(&value));
        if let Some(slot) = self.values.get_mut(place) {
            *slot = value;
        }
    }

    pub fn copy(&mut self, to: usize, from: usize) {
        self.set_cell(to, self.cell(from));
        let value = self.value(from).clone();
        if let Some(slot) = self.values.get_mut(to) {
            *slot = value;
        }
    }

    pub fn swap(&mut self, a: usize, b: usize) {
        let (left, right) = (self.cell(a), self.cell(b));
        if a < self.values.len() && b < self.values.len() {
            self.values.swap(a, b);
            self.set_cell(a, right);
            self.set_cell(b, left);
        }
    }

    /// Drops what is of no use to the next call: everything but tensors and lists that nobody else holds. The first cells hold
    /// the answer, and are left.
    pub fn forget(&mut self, answer: usize) {
        for value in self.values.iter_mut().skip(answer) {
            let kept = match value {
                Value::Tensor(tensor) => Arc::get_mut(tensor).is_some(),
                Value::List(values) => Arc::get_mut(values).is_some(),
                _ => false,
            };
            if !kept {
                *value = NOTHING;
            }
        }
    }

    /// Makes a cell a tensor of this type whose elements nobody else sees, with arbitrary contents: the one that was there
    /// before where nobody holds it any more. False where it would be too large.
    pub fn tensor(&mut self, place: usize, dtype: DType, dims: &[u64]) -> bool {
        let count = dims.iter().try_fold(1u64, |n, d| n.checked_mul(*d)).filter(|n| *n <= MOST_ELEMENTS);
        let (Some(count), Some(slot)) = (count, self.values.get_mut(place)) else { return false };
        let count = count as usize;
        let old = match slot {
            Value::Tensor(tensor) => Arc::get_mut(tensor).filter(|tensor| tensor.dtype() == dtype),
            _ => None,
        };
        let cell = match old {
            Some(tensor) => {
                if tensor.shape.len() != dims.len() || tensor.shape.iter().zip(dims).any(|(n, d)| *n as u64 != *d) {
                    tensor.shape.clear();
                    tensor.shape.extend(dims.iter().map(|d| *d as usize));
                    resize(&mut tensor.data, count);
                }
                writable(tensor)
            }
            None => {
                let mut tensor =
                    Tensor { shape: dims.iter().map(|d| *d as usize).collect(), data: zeros(dtype, count) };
                // The elements do not move with the tensor.
                let cell = writable(&mut tensor);
                let tensor = Arc::new(tensor);
                let cell = Cell { dims: tensor.shape.as_ptr() as u64, ..cell };
                *slot = Value::Tensor(tensor);
                cell
            }
        };
        self.set_cell(place, cell);
        true
    }
}

macro_rules! each {
    ($data:expr, $x:ident => $body:expr) => {
        match $data {
            Data::Bool($x) => $body,
            Data::U8($x) => $body,
            Data::I32($x) => $body,
            Data::I64($x) => $body,
            Data::F32($x) => $body,
            Data::F64($x) => $body,
        }
    };
}

fn resize(data: &mut Data, count: usize) {
    each!(data, x => x.resize(count, Default::default()))
}

fn zeros(dtype: DType, count: usize) -> Data {
    match dtype {
        DType::Bool => Data::Bool(vec![false; count]),
        DType::U8 => Data::U8(vec![0; count]),
        DType::I32 => Data::I32(vec![0; count]),
        DType::I64 => Data::I64(vec![0; count]),
        DType::F32 => Data::F32(vec![0.0; count]),
        DType::F64 => Data::F64(vec![0.0; count]),
    }
}

/// The cell of a tensor whose elements will be written.
fn writable(tensor: &mut Tensor) -> Cell {
    let data = each!(&mut tensor.data, x => x.as_mut_ptr() as u64);
    let (len, dims, rank) = (tensor.data.len() as u64, tensor.shape.as_ptr() as u64, tensor.shape.len() as u64);
    Cell { data, len, dims, rank }
}

/// The cell of a value with a box.
fn view(value: &Value) -> Cell {
    match value {
        Value::Tensor(tensor) => {
            let data = each!(&tensor.data, x => x.as_ptr() as u64);
            let (len, rank) = (tensor.data.len() as u64, tensor.shape.len() as u64);
            Cell { data, len, dims: tensor.shape.as_ptr() as u64, rank }
        }
        Value::List(values) => Cell { len: values.len() as u64, ..Cell::default() },
        _ => Cell::default(),
    }
}
