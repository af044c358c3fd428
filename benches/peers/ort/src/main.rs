//! onnxruntime from Rust. The library is the one that `ORT_DYLIB_PATH` names.

use ort::session::{Session, SessionInputValue};
use ort::value::Tensor;
use peer_common::{Answer, Data, Input};

fn main() {
    peer_common::run(|model, inputs| {
        let (mut session, values) = load(model, inputs).expect("the model loads");
        move || {
            let inputs: Vec<(&str, SessionInputValue)> =
                values.iter().map(|(name, value)| (name.as_str(), SessionInputValue::from(value))).collect();
            let outputs = session.run(inputs).expect("the model runs");
            let (_, output) = outputs[0].try_extract_tensor::<f32>().expect("an output of f32");
            Answer::of(output)
        }
    });
}

type Values = Vec<(String, ort::value::DynValue)>;

fn load(model: &str, inputs: Vec<Input>) -> ort::Result<(Session, Values)> {
    let mut values = Vec::new();
    // One thread, as all the others have.
    let session = Session::builder(&ort::init().build()?)?
        .with_intra_threads(1)?
        .with_inter_threads(1)?
        .commit_from_file(model)?;
    for Input { name, shape, data } in inputs {
        let value = match data {
            Data::F32(data) => Tensor::from_array((shape, data))?.into_dyn(),
            Data::I32(data) => Tensor::from_array((shape, data))?.into_dyn(),
            Data::I64(data) => Tensor::from_array((shape, data))?.into_dyn(),
        };
        values.push((name, value));
    }
    Ok((session, values))
}
