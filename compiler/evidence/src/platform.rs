//! The machine that figures belong to, from what Linux says of its processor.

use crate::record::Platform;
use std::collections::BTreeSet;

/// The features of x86 and ARM processors by which engines choose how they compute.
const CHOSEN_BY: [&str; 26] = [
    "amx_bf16",
    "amx_int8",
    "amx_tile",
    "asimd",
    "asimddp",
    "asimdhp",
    "avx",
    "avx2",
    "avx512_bf16",
    "avx512_fp16",
    "avx512_vnni",
    "avx512bw",
    "avx512dq",
    "avx512f",
    "avx512vl",
    "avx_vnni",
    "bf16",
    "f16c",
    "fma",
    "fphp",
    "i8mm",
    "sse4_1",
    "sse4_2",
    "ssse3",
    "sve",
    "sve2",
];

/// Names of processors that only say their number: `implementer`, `part`, name.
const PARTS: [(&str, &str, &str); 4] = [
    ("0x41", "0xd08", "ARM Cortex-A72"),
    ("0x41", "0xd0c", "ARM Neoverse-N1"),
    ("0x41", "0xd40", "ARM Neoverse-V1"),
    ("0x41", "0xd4f", "ARM Neoverse-V2"),
];

/// Words of a processor's name that tell nothing.
const IDLE: [&str; 9] = ["intel", "amd", "arm", "processor", "cpu", "gen", "with", "radeon", "graphics"];

/// The platform of a machine, from the text of its `/proc/cpuinfo`, for executables of `arch` (`x86_64`, `aarch64`).
pub fn platform(cpuinfo: &str, arch: &str) -> Platform {
    let field = |name: &str| {
        let fields = cpuinfo.lines().filter_map(|line| line.split_once(':'));
        fields.map(|(known, value)| (known.trim(), value.trim())).find(|(known, _)| *known == name).map(|(_, v)| v)
    };
    let machine = field("model name").or_else(|| field("Model")).map(str::to_owned);
    let machine = machine.unwrap_or_else(|| part(field("CPU implementer"), field("CPU part")));
    let features = field("flags").or_else(|| field("Features")).unwrap_or("");
    let features: BTreeSet<&str> = features.split_whitespace().filter(|f| CHOSEN_BY.contains(f)).collect();
    let name = [Some(arch.to_owned()), short(&machine), widest(&features).map(str::to_owned)];
    Platform {
        name: name.into_iter().flatten().collect::<Vec<_>>().join("-"),
        machine,
        arch: arch.to_owned(),
        features: features.into_iter().map(str::to_owned).collect(),
    }
}

/// Whether a text may name a platform: it is part of a file's name and of what is typed.
pub fn is_platform_name(name: &str) -> bool {
    let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && name.len() <= 64 && name.chars().all(sound) && !name.starts_with(['.', '-'])
}

fn part(implementer: Option<&str>, part: Option<&str>) -> String {
    let (Some(implementer), Some(part)) = (implementer, part) else { return "unknown".to_owned() };
    let known = PARTS.iter().find(|known| (known.0, known.1) == (implementer, part));
    known.map_or_else(|| format!("implementer {implementer} part {part}"), |known| known.2.to_owned())
}

/// What tells a processor from others of its maker: `Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz` is `xeon-platinum-8259cl`.
fn short(machine: &str) -> Option<String> {
    let machine = machine.to_ascii_lowercase().replace("(r)", " ").replace("(tm)", " ");
    let machine = machine.split('@').next().unwrap_or_default();
    let tells = |word: &&str| !IDLE.contains(word) && !word.ends_with("-core") && !word.ends_with("ghz");
    let words: Vec<&str> = machine.split_whitespace().filter(tells).collect();
    let clean = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = words.join("-").chars().map(clean).take(40).collect();
    let name = name.trim_matches('-');
    (!name.is_empty()).then(|| name.to_owned())
}

/// The widest vectors.
fn widest<'a>(features: &BTreeSet<&str>) -> Option<&'a str> {
    let known = [("amx_tile", "amx"), ("avx512f", "avx512"), ("avx2", "avx2"), ("sve2", "sve2"), ("sve", "sve")];
    known.into_iter().find(|(feature, _)| features.contains(feature)).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processors_are_named_by_what_tells_them_apart() {
        let x86 = "processor\t: 0\nmodel name\t: Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz\nflags\t\t: fpu sse4_2 avx2 fma avx512f\n";
        let found = platform(x86, "x86_64");
        assert_eq!(found.name, "x86_64-xeon-platinum-8259cl-avx512");
        assert_eq!(found.features, ["avx2", "avx512f", "fma", "sse4_2"]);
        let arm = "processor\t: 0\nFeatures\t: fp asimd sve\nCPU implementer\t: 0x41\nCPU part\t: 0xd40\n";
        assert_eq!(platform(arm, "aarch64").name, "aarch64-neoverse-v1-sve");
        let amd = "model name : AMD EPYC 7B13 64-Core Processor\nflags : avx2";
        assert_eq!(platform(amd, "x86_64").name, "x86_64-epyc-7b13-avx2");
    }

    #[test]
    fn any_text_gives_a_name_that_a_file_may_have() {
        for text in ["", "model name : ../../etc/passwd", "model name : \u{fffd}\u{0}\nflags :", ":::\n:"] {
            assert!(is_platform_name(&platform(text, "x86_64").name), "{text}");
        }
        assert!(!is_platform_name("../x") && !is_platform_name("") && !is_platform_name("a/b"));
    }
}
