//! `plan.bin`: a program in bytes. Magic `MUPL`, the version as a little-endian u32, then the program in postcard's encoding.

use crate::VERSION;
use crate::ir::Program;

const MAGIC: &[u8; 4] = b"MUPL";

/// The bytes of a plan. The same program gives the same bytes.
pub fn encode(program: &Program) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::from(MAGIC);
    bytes.extend(VERSION.to_le_bytes());
    let body = postcard::to_allocvec(program).map_err(|e| format!("the plan cannot be written: {e}"))?;
    bytes.extend(body);
    Ok(bytes)
}

/// Reads a plan; what it says is not verified. Any bytes give a program or an error, in memory that their length bounds.
pub fn decode(bytes: &[u8]) -> Result<Program, String> {
    let rest = bytes.strip_prefix(MAGIC).ok_or("this is no plan")?;
    let (version, body) = rest.split_first_chunk::<4>().ok_or("the plan is cut off")?;
    let version = u32::from_le_bytes(*version);
    supported(version)?;
    // Version 1 had no decisions, which are the last part of a program: an empty list of them is one zero.
    let longer = (version == 1).then(|| [body, &[0]].concat());
    let body = longer.as_deref().unwrap_or(body);
    let (program, left) = postcard::take_from_bytes(body).map_err(|e| format!("the plan is broken: {e}"))?;
    if left.is_empty() { Ok(program) } else { Err("the plan is broken: something stands after its end".into()) }
}

/// Refuses versions that this build does not know.
pub(crate) fn supported(version: u32) -> Result<(), String> {
    match version {
        0 => Err("format version 0 does not exist".into()),
        1..=VERSION => Ok(()),
        _ => Err(format!(
            "the bundle has format version {version}, this runtime knows versions up to {VERSION}; \
             use the `bootstrap` that was built with it"
        )),
    }
}
