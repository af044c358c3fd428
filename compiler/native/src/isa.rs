//! The processors that code is made for, whatever the compiler itself runs on.

use crate::error::Error;
use cranelift_codegen::isa::{self, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use mu_format::native::{self, Arch};
use target_lexicon::Triple;

/// A processor and how much of it may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Isa {
    pub arch: Arch,
    pub level: Level,
}

/// How much of a processor may be used. Fused multiplication and addition never is: it rounds otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Level {
    /// x86-64-v2 (SSE4.2, made since 2008) and any aarch64.
    #[default]
    Baseline,
    /// x86-64 with AVX2 and what came with it, which every processor of AWS Lambda has. Of aarch64 it asks for nothing more.
    Avx2,
}

const V2: &[&str] = &["sse3", "ssse3", "sse4.1", "sse4.2", "popcnt"];
const V3: &[&str] = &["avx", "avx2", "bmi1", "bmi2", "lzcnt"];

impl Isa {
    /// Any machine of this processor.
    pub fn baseline(arch: Arch) -> Isa {
        Isa { arch, level: Level::Baseline }
    }

    fn names(self) -> Vec<&'static str> {
        match (self.arch, self.level) {
            (Arch::Aarch64, _) => Vec::new(),
            (Arch::X86_64, Level::Baseline) => V2.to_vec(),
            (Arch::X86_64, Level::Avx2) => [V2, V3].concat(),
        }
    }

    /// The [`native::FEATURES`] that code for it needs.
    pub fn features(self) -> u64 {
        native::features(&self.names())
    }

    pub(crate) fn target(self) -> Result<OwnedTargetIsa, Error> {
        let failed = |e: &dyn std::fmt::Display| Error::new(format!("no code is made for {}: {e}", self.arch.name()));
        let mut flags = settings::builder();
        for (name, value) in [
            ("opt_level", "speed"),
            ("enable_verifier", "false"), // a pass of its own
            ("enable_probestack", "false"),
            ("unwind_info", "false"),
            ("is_pic", "false"),
            ("use_colocated_libcalls", "false"),
        ] {
            flags.set(name, value).map_err(|e| failed(&e))?;
        }
        let triple: Triple = match self.arch {
            Arch::X86_64 => "x86_64-unknown-linux-musl",
            Arch::Aarch64 => "aarch64-unknown-linux-musl",
        }
        .parse()
        .map_err(|e| failed(&e))?;
        let mut builder = isa::lookup(triple).map_err(|e| failed(&e))?;
        for name in self.names() {
            builder.enable(&format!("has_{}", name.replace('.', ""))).map_err(|e| failed(&e))?;
        }
        builder.finish(settings::Flags::new(flags)).map_err(|e| failed(&e))
    }
}
