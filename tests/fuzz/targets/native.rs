//! Any bytes as a program that is well-typed: machine code gives what the interpreter gives.
#![no_main]

#[path = "../../../compiler/native/tests/main/agree.rs"]
mod agree;
#[path = "../../../compiler/native/tests/main/fuzz.rs"]
mod fuzz;
#[path = "../../../compiler/native/tests/main/generate.rs"]
mod generate;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fuzz::run(bytes);
});
