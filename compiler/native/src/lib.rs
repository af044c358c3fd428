//! Machine code for a program, made by Cranelift: one blob for one processor.
//!
//! ```text
//! program > emit > compile > layout > blob
//! ```
//!
//! Each pass takes a value and gives one. The program is verified before, every function by Cranelift's own verifier between
//! `emit` and `compile`, and after `layout` no relocation is left. `mu_format::native` says what code and runtime agree on.

mod emit;
mod error;
mod isa;
mod kernel;
mod layout;

pub use error::Error;
pub use isa::{Isa, Level};

use cranelift_codegen::Context;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{self, ExternalName, UserExternalName};
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::{FinalizedRelocTarget, verify_function};
use layout::{Call, Piece, layout};
use mu_format::ir::Program;
use mu_format::native;
use mu_format::verify::verify;

/// A function or a kernel before it is machine code.
pub(crate) struct Unit {
    pub name: UserExternalName,
    /// For people.
    pub title: String,
    pub code: ir::Function,
}

/// The machine code of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compiled {
    /// `native.bin`.
    pub blob: Vec<u8>,
}

/// Compiles a program. The same program and processor give the same bytes, on any machine. `pass` is told the name of each pass
/// when it begins, so that whoever has a clock can tell what takes how long.
pub fn compile(program: &Program, isa: Isa, pass: &mut dyn FnMut(&'static str)) -> Result<Compiled, Error> {
    let target = isa.target()?;
    let units = units(program, target.as_ref(), pass)?;
    pass("compile");
    let pieces = units.into_iter().map(|unit| piece(unit, target.as_ref())).collect::<Result<Vec<_>, _>>()?;
    pass("layout");
    let image = layout(&pieces)?;
    let starts = (0..program.functions.len()).map(|function| {
        let name = (emit::FUNCTIONS, u32::try_from(function).ok()?);
        image.starts.get(&name).copied()
    });
    let starts: Vec<u32> = starts.collect::<Option<_>>().ok_or_else(|| Error::new("a function has no machine code"))?;
    let plan = native::digest(&mu_format::plan::encode(program).map_err(Error::new)?);
    let blob = native::encode(isa.arch, isa.features(), plan, &starts, &image.code);
    let blob = blob.map_err(|_| Error::new("the machine code is too large"))?;
    native::decode(&blob).map_err(Error::new)?;
    Ok(Compiled { blob })
}

/// The program as Cranelift's text, before it is machine code.
pub fn print(program: &Program, isa: Isa) -> Result<String, Error> {
    let target = isa.target()?;
    let units = units(program, target.as_ref(), &mut |_| ())?;
    Ok(units.iter().map(|unit| format!("; {}\n{}\n", unit.title, unit.code.display())).collect())
}

/// Everything up to what Cranelift takes over.
fn units(program: &Program, target: &dyn TargetIsa, pass: &mut dyn FnMut(&'static str)) -> Result<Vec<Unit>, Error> {
    pass("verify plan");
    verify(program, &mu_ops::result_type).map_err(|e| Error::new(format!("the program is not sound: {e}")))?;
    pass("emit");
    let units = emit::emit(program, target)?;
    pass("verify code");
    for unit in &units {
        verify_function(&unit.code, target)
            .map_err(|e| Error::new(format!("the code of {} is not sound: {e}", unit.title)))?;
    }
    Ok(units)
}

/// Machine code of one unit.
fn piece(unit: Unit, target: &dyn TargetIsa) -> Result<Piece, Error> {
    let Unit { name, title, code } = unit;
    let failed = |why: String| Error::new(format!("{title} has no machine code: {why}"));
    let mut context = Context::for_function(code);
    let compiled = context.compile(target, &mut ControlPlane::default()).map_err(|e| failed(e.inner.to_string()))?;
    let bytes = compiled.code_buffer().to_vec();
    let relocs = compiled.buffer.relocs().to_vec();
    let names = context.func.params.user_named_funcs();
    let call = |reloc: &cranelift_codegen::FinalizedMachReloc| {
        let FinalizedRelocTarget::ExternalName(ExternalName::User(to)) = &reloc.target else {
            return Err(failed(format!("it needs a relocation: {reloc:?}")));
        };
        let to = names.get(*to).cloned().ok_or_else(|| failed("it calls what has no name".into()))?;
        Ok(Call { at: reloc.offset, kind: reloc.kind, to, addend: reloc.addend })
    };
    let calls = relocs.iter().map(call).collect::<Result<_, _>>()?;
    Ok(Piece { name, code: bytes, calls })
}
