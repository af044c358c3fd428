//! What AWS Lambda grants and asks for: `stdlib/aws/lambda.toml`, read once. Prices, limits and memory sizes are data with a date
//! and a source, not numbers in code.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The text that is compiled in.
const TEXT: &str = include_str!("../../../stdlib/aws/lambda.toml");

/// What is known of AWS Lambda. Times are in seconds, money in USD.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Lambda {
    /// Bytes of a zip that is uploaded in the request itself.
    pub zip_direct: u64,
    /// Bytes of all files of a function, unpacked.
    pub unpacked: u64,
    pub function: Function,
    pub memory: Memory,
    pub cpu: Cpu,
    pub init: Init,
    pub billing: Billing,
    pub logs: Logs,
    pub prices: Prices,
}

/// What a function can be given, and what it is called.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Function {
    /// The least and the most memory, in MB.
    pub memory: [u32; 2],
    /// The least and the most time of a call, in seconds.
    pub timeout: [u32; 2],
    /// The least and the most room in `/tmp`, in MB.
    pub ephemeral: [u32; 2],
    /// The most characters of a name.
    pub name: usize,
    /// The most characters of an alias.
    pub alias: usize,
    /// The most bytes of all environment variables, written as a JSON object.
    pub environment: usize,
    /// Variables that a function cannot set.
    pub reserved: Vec<String>,
    /// The most bytes of a request, and of an answer.
    pub payload: u64,
    /// The most subnets and security groups.
    pub subnets: usize,
    pub security_groups: usize,
    /// The most tags.
    pub tags: usize,
}

/// The memory to choose from, in Lambda's MB of 2^20 bytes, and the processors that come with it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Memory {
    /// To choose from where a deployment does not say one.
    pub sizes: Vec<u32>,
    /// What comes with one processor.
    pub mb_per_vcpu: f64,
    /// The most processors.
    pub vcpus: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Cpu {
    /// Over which a share of a processor is granted.
    pub period: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Init {
    /// The start of an environment without any model.
    pub base: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Billing {
    /// Durations are rounded up to it.
    pub step: f64,
    /// The share of cold starts where a deployment does not say it.
    pub cold_rate: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Logs {
    /// What Lambda writes for a call, in bytes.
    pub bytes: f64,
    /// What the runtime writes for a call that it logs, in bytes.
    pub line: f64,
    /// The share of warm calls that it logs where a deployment does not say it.
    pub sampling: f64,
    /// The times that logs can be kept, in days.
    pub retention: Vec<u32>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Prices {
    /// When they were looked up: `2026-11-01`.
    pub date: String,
    pub regions: BTreeMap<String, Region>,
}

/// The prices of a region.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Region {
    /// Of 2^30 bytes for a second.
    x86_64: f64,
    aarch64: f64,
    /// Of a request.
    pub request: f64,
    /// Of 10^9 bytes of logs.
    pub logs: f64,
}

impl Lambda {
    /// The data of this compiler. The error is a fault of the compiler.
    pub fn get() -> Result<&'static Lambda, String> {
        static DATA: LazyLock<Result<Lambda, String>> =
            LazyLock::new(|| toml::from_str(TEXT).map_err(|error| format!("stdlib/aws/lambda.toml: {error}")));
        DATA.as_ref().map_err(Clone::clone)
    }

    /// The processors that come with so many MB.
    pub fn share(&self, mb: u32) -> f64 {
        (f64::from(mb) / self.memory.mb_per_vcpu).min(self.memory.vcpus)
    }
}

impl Logs {
    /// Bytes of logs for a call, on average. Calls that start cold are logged always, of the others the share `sampling`.
    pub fn per_call(&self, sampling: f64, cold_rate: f64) -> f64 {
        self.bytes + self.line * (cold_rate + sampling * (1.0 - cold_rate))
    }
}

impl Region {
    /// Of 2^30 bytes for a second, on a processor as `deploy` names it.
    pub fn gb_second(&self, arch: &str) -> f64 {
        if arch == "aarch64" { self.aarch64 } else { self.x86_64 }
    }
}

/// `512 MB` in MB as Lambda counts them, from bytes: written in MB or in MiB, it is the number before the unit that is meant.
pub fn megabytes(bytes: u64) -> u32 {
    let unit = if bytes.is_multiple_of(1_000_000) { 1_000_000 } else { 1 << 20 };
    u32::try_from(bytes.div_ceil(unit)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_is_read_and_makes_sense() {
        let lambda = Lambda::get().unwrap();
        assert!(lambda.memory.sizes.is_sorted() && lambda.memory.sizes.iter().all(|mb| (128..=10_240).contains(mb)));
        assert!(lambda.logs.retention.is_sorted());
        let function = &lambda.function;
        assert!([function.memory, function.timeout, function.ephemeral].iter().all(|[low, high]| low < high));
        assert_eq!(lambda.share(1769), 1.0);
        let here = &lambda.prices.regions["us-east-1"];
        assert!(here.gb_second("aarch64") < here.gb_second("x86_64"));
        // 512 MB for 100 ms, a million times.
        assert!((here.gb_second("x86_64") * 0.5 * 0.1 * 1e6 - 0.833).abs() < 0.01);
    }

    #[test]
    fn memory_is_the_number_that_was_written() {
        assert_eq!((megabytes(512_000_000), megabytes(512 << 20), megabytes(1_769_000_000)), (512, 512, 1769));
    }
}
