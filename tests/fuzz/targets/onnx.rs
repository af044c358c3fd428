//! Any bytes as an ONNX file: read or refused, without a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(model) = mu_onnx::read(data, &mu_onnx::Limits::default()) {
        let _ = mu_onnx::unsupported(&model);
    }
});
