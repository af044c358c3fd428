//! tract called directly: reads the ONNX file, optimises it for the shapes of the inputs, runs it.

use peer_common::{Answer, Data, Input};
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::internal::tract_linalg::knobs;

fn main() {
    // As `runtime/infer/src/isa.rs` pins it.
    #[cfg(target_arch = "x86_64")]
    const BEYOND: &str = "-avx512f,-avx512vnni,-avx512fp16,-avxvnni,-amx-int8,-amx-bf16";
    #[cfg(target_arch = "aarch64")]
    const BEYOND: &str = "-fp16,-dotprod,-sve2,-sme,-sme2";
    knobs::TRACT_CPU_ISA.set(Some(BEYOND.into()));
    peer_common::run(|model, inputs| {
        let (plan, values) = load(model, &inputs).expect("the model loads");
        move || {
            let outputs = plan.run(values.clone()).expect("the model runs");
            let output = outputs[0].try_as_plain_ram().expect("plain memory");
            Answer::of(output.as_slice::<f32>().expect("an output of f32"))
        }
    });
}

fn load(model: &str, inputs: &[Input]) -> TractResult<(Arc<TypedRunnableModel>, TVec<TValue>)> {
    let mut graph = tract_onnx::onnx().with_ignore_value_info(true).model_for_path(model)?;
    let mut values = tvec![];
    for (i, outlet) in graph.input_outlets()?.to_vec().into_iter().enumerate() {
        let name = graph.node(outlet.node).name.clone();
        let input = inputs.iter().find(|input| input.name == name).expect("an input for each of the model's");
        let tensor = match &input.data {
            Data::F32(data) => Tensor::from_shape(&input.shape, data),
            Data::I32(data) => Tensor::from_shape(&input.shape, data),
            Data::I64(data) => Tensor::from_shape(&input.shape, data),
        }?;
        graph.set_input_fact(i, InferenceFact::dt_shape(tensor.datum_type(), &input.shape))?;
        values.push(tensor.into_tvalue());
    }
    Ok((graph.into_optimized()?.into_runnable()?, values))
}

/// In place of the C library's function: the seeds of hash maps are the same every time, so that loading takes as many instructions
/// in each process, and their difference tells what a call takes.
///
/// # Safety
/// `buffer` has room for `length` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn getrandom(buffer: *mut u8, length: usize, _flags: u32) -> isize {
    // SAFETY: as the caller promises.
    unsafe { std::ptr::write_bytes(buffer, 0x5A, length) };
    length as isize
}
