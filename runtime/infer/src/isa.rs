//! The instructions that models are planned for and run with: the same on every machine that has them, so that a plan that was
//! made on one serves on another and gives the same answers.

use std::sync::Once;
use tract_onnx::tract_hir::internal::tract_linalg::knobs;

/// What plans need, as [`mu_format::cpu::Cpu`] names it: what every x86-64 machine of AWS Lambda has.
#[cfg(target_arch = "x86_64")]
pub(crate) const FEATURES: &str = "avx,avx2,fma,f16c";
#[cfg(target_arch = "aarch64")]
pub(crate) const FEATURES: &str = "neon";

/// What tract would use beyond that.
#[cfg(target_arch = "x86_64")]
const BEYOND: &str = "-avx512f,-avx512vnni,-avx512fp16,-avxvnni,-amx-int8,-amx-bf16";
#[cfg(target_arch = "aarch64")]
const BEYOND: &str = "-fp16,-dotprod,-sve2,-sme,-sme2";

/// Tells tract, before it looks at the processor.
pub(crate) fn pin() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| knobs::TRACT_CPU_ISA.set(Some(BEYOND.to_string())));
}
