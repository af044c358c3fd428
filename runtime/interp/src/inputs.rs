//! Holds pictures and sounds in arguments to what operations can read, before anything runs.

use crate::error::{Error, ErrorKind};
use mu_format::ir::Param;
use mu_format::value::{Audio, Image, Value};

/// Checks every picture and every sound inside the arguments. The error's message starts with the path, as `$.image: ..`.
pub fn check_inputs(params: &[Param], args: &[Value]) -> Result<(), Error> {
    params.iter().zip(args).try_for_each(|(param, value)| {
        check(value)
            .map_err(|(path, why)| Error::outside(ErrorKind::BadInput, format!("$.{}{path}: {why}", param.name)))
    })
}

/// The error is the path to the value and why it cannot be read.
fn check(value: &Value) -> Result<(), (String, String)> {
    let inside = |(i, value)| check(value).map_err(|(path, why)| (format!("[{i}]{path}"), why));
    let file = |checked: Result<(), mu_ops::OpError>| checked.map_err(|e| (String::new(), e.message));
    match value {
        Value::Image(Image::Encoded(bytes)) => file(mu_ops::check_image(bytes)),
        Value::Audio(Audio::Encoded(bytes)) => file(mu_ops::check_audio(bytes)),
        Value::Option(Some(value)) | Value::Result(Ok(value)) => check(value),
        Value::List(values) | Value::Record(values) => values.iter().enumerate().try_for_each(inside),
        _ => Ok(()),
    }
}
