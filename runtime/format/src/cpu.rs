//! What the processor of this process has, which plans and machine code are held against.

/// The features that anything here may need and that were found, as `is_x86_feature_detected` names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cpu {
    features: Vec<&'static str>,
}

impl Cpu {
    /// The one that this runs on.
    pub fn host() -> Cpu {
        Cpu { features: found().into_iter().filter(|(_, there)| *there).map(|(name, _)| name).collect() }
    }

    /// As if it lacked some features, by their names with commas: so that what happens then can be tried.
    pub fn without(mut self, names: &str) -> Cpu {
        self.features.retain(|feature| !names.split(',').any(|name| name == *feature));
        self
    }

    pub fn has(&self, feature: &str) -> bool {
        self.features.contains(&feature)
    }

    pub fn features(&self) -> &[&'static str] {
        &self.features
    }
}

#[cfg(target_arch = "x86_64")]
fn found() -> Vec<(&'static str, bool)> {
    macro_rules! detect {
        ($($name:tt)*) => { vec![$(($name, std::arch::is_x86_feature_detected!($name))),*] };
    }
    detect!("sse3" "ssse3" "sse4.1" "sse4.2" "popcnt" "avx" "avx2" "fma" "f16c" "bmi1" "bmi2" "lzcnt")
}

#[cfg(target_arch = "aarch64")]
fn found() -> Vec<(&'static str, bool)> {
    vec![("neon", std::arch::is_aarch64_feature_detected!("neon"))]
}
