//! Pieces of machine code put next to each other, the calls between them resolved.

use crate::error::Error;
use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::ir::UserExternalName;
use mu_format::native::ALIGN;
use std::collections::BTreeMap;

/// The code of one function or kernel.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    pub name: UserExternalName,
    pub code: Vec<u8>,
    pub calls: Vec<Call>,
}

/// A place in a piece that names another one.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub at: u32,
    pub kind: Reloc,
    pub to: UserExternalName,
    pub addend: i64,
}

/// The code as a whole, and where each piece starts in it.
pub(crate) struct Image {
    pub code: Vec<u8>,
    pub starts: BTreeMap<(u32, u32), u32>,
}

fn key(name: &UserExternalName) -> (u32, u32) {
    (name.namespace, name.index)
}

/// Puts the pieces one after the other. Nothing is left to resolve at run time: what cannot be resolved here is an error.
pub(crate) fn layout(pieces: &[Piece]) -> Result<Image, Error> {
    let mut image = Image { code: Vec::new(), starts: BTreeMap::new() };
    for piece in pieces {
        let start = image.code.len().next_multiple_of(ALIGN);
        image.code.resize(start, 0);
        image.code.extend(&piece.code);
        let start = u32::try_from(start).map_err(|_| Error::new("the machine code is too large"))?;
        image.starts.insert(key(&piece.name), start);
    }
    for piece in pieces {
        let start = image.starts.get(&key(&piece.name)).copied().unwrap_or_default();
        for call in &piece.calls {
            let to = image.starts.get(&key(&call.to));
            let to = to.ok_or_else(|| Error::new(format!("machine code calls {}, which is not there", call.to)))?;
            let at = start + call.at;
            resolve(&mut image.code, call.kind, at, i64::from(*to) + call.addend - i64::from(at))?;
        }
    }
    Ok(image)
}

/// Writes a distance where a call asks for it.
fn resolve(code: &mut [u8], kind: Reloc, at: u32, distance: i64) -> Result<(), Error> {
    let far = || Error::new("the machine code is too large");
    let at = at as usize;
    let field = code.get_mut(at..at + 4).ok_or_else(|| Error::new("a call lies outside of its code"))?;
    let word = match kind {
        Reloc::X86CallPCRel4 => i32::try_from(distance).map_err(|_| far())?.cast_unsigned(),
        Reloc::Arm64Call if (-(1 << 27)..1 << 27).contains(&distance) && distance % 4 == 0 => {
            let old = field.iter().rev().fold(0u32, |n, byte| n << 8 | u32::from(*byte));
            let words = i32::try_from(distance / 4).map_err(|_| far())?.cast_unsigned();
            old & 0xfc00_0000 | words & 0x03ff_ffff
        }
        Reloc::Arm64Call => return Err(far()),
        other => return Err(Error::new(format!("machine code asks for a relocation ({other}) that is not resolved"))),
    };
    field.copy_from_slice(&word.to_le_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(index: u32, size: usize, calls: Vec<Call>) -> Piece {
        Piece { name: UserExternalName::new(0, index), code: vec![0; size], calls }
    }

    fn call(at: u32, kind: Reloc, to: u32, addend: i64) -> Call {
        Call { at, kind, to: UserExternalName::new(0, to), addend }
    }

    #[test]
    fn calls_hold_distances() {
        let first = piece(0, 70, vec![call(10, Reloc::X86CallPCRel4, 1, -4)]);
        let second = piece(1, 8, vec![call(4, Reloc::Arm64Call, 0, 0)]);
        let image = layout(&[first, second]).unwrap();
        assert_eq!(image.starts[&(0, 1)], 128);
        assert_eq!(image.code[10..14], (128i32 - 4 - 10).to_le_bytes());
        assert_eq!(image.code[132..136], ((-132i32 / 4).cast_unsigned() & 0x03ff_ffff).to_le_bytes());
    }

    #[test]
    fn what_cannot_be_resolved_is_an_error() {
        assert!(layout(&[piece(0, 8, vec![call(0, Reloc::Abs8, 0, 0)])]).is_err());
        assert!(layout(&[piece(0, 8, vec![call(0, Reloc::X86CallPCRel4, 7, 0)])]).is_err());
        assert!(layout(&[piece(0, 8, vec![call(6, Reloc::X86CallPCRel4, 0, 0)])]).is_err());
    }
}
