//! The digit example as one would write it by hand for `lambda_runtime` and onnxruntime: what `../../lambda/python` is for Python.
//! Loads the model once, answers an event with the digit in its picture, or with null where the model is not sure.
//!
//! `kcnn-32.onnx` and `libonnxruntime.so` lie beside the executable.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use image::imageops::{FilterType, resize};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use ort::environment::Environment;
use ort::session::Session;
use ort::value::Tensor;
use serde::Deserialize;
use std::path::Path;

/// The sides of the model's picture.
const SIDE: u32 = 28;

#[derive(Deserialize)]
struct Event {
    image: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let program = std::env::current_exe()?;
    let folder = program.parent().ok_or("the program lies in no folder")?;
    let environment = ort::init_from(folder.join("libonnxruntime.so"))?.build()?;
    let mut session = load(&environment, &folder.join("kcnn-32.onnx"))?;
    // Events come one after the other, so a call may hold the only thread.
    let handler = |event: LambdaEvent<Event>| std::future::ready(read(&mut session, &event.payload));
    lambda_runtime::run(service_fn(handler)).await
}

fn load(environment: &Environment, model: &Path) -> ort::Result<Session> {
    // One thread, as all the others have.
    Session::builder(environment)?.with_intra_threads(1)?.with_inter_threads(1)?.commit_from_file(model)
}

fn read(session: &mut Session, event: &Event) -> Result<Option<String>, Error> {
    let picture = image::load_from_memory(&BASE64_STANDARD.decode(&event.image)?)?.into_luma8();
    let picture = resize(&picture, SIDE, SIDE, FilterType::Triangle);
    let x: Vec<f32> = picture.iter().map(|grey| f32::from(*grey) / 255.0).collect();
    let x = Tensor::from_array(([1, 1, SIDE as usize, SIDE as usize], x))?;
    let outputs = session.run(ort::inputs!["input" => x])?;
    let (_, scores) = outputs[0].try_extract_tensor::<f32>()?;
    let best = scores.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
    Ok(best.filter(|(_, score)| **score >= 0.8).map(|(digit, _)| digit.to_string()))
}
