//! Pictures and sounds where they enter and leave: files that operations can read, and files that others can.

use crate::error::{Error, ErrorKind};
use mu_format::ir::Param;
use mu_format::types::Type;
use mu_format::value::{Audio, Image, Value};

/// Checks every picture and every sound inside the arguments before anything runs. The error's message starts with the path,
/// as in `$.image: ..`.
pub fn check_inputs(params: &[Param], args: &[Value]) -> Result<(), Error> {
    params.iter().zip(args).try_for_each(|(param, value)| {
        let fail = |(path, why)| Error::outside(ErrorKind::BadInput, format!("$.{}{path}: {why}", param.name));
        check(value, &param.ty).map_err(fail)
    })
}

/// The value with every decoded picture inside it as a PNG file and every decoded sound as a WAV file, which JSON can say.
pub fn as_files(value: Value) -> Result<Value, Error> {
    mu_ops::as_files(value).map_err(|e| Error::outside(ErrorKind::Internal, e.message))
}

/// The error is the path to the value and why it cannot be read.
fn check(value: &Value, ty: &Type) -> Result<(), (String, String)> {
    let file = |checked: Result<(), mu_ops::OpError>| checked.map_err(|e| (String::new(), e.message));
    match (value, ty) {
        (Value::Image(Image::Encoded(bytes)), _) => file(mu_ops::check_image(bytes)),
        (Value::Audio(Audio::Encoded(bytes)), _) => file(mu_ops::check_audio(bytes)),
        (Value::Option(Some(value)), Type::Option(inner)) => check(value, inner),
        (Value::Result(Ok(value)), Type::Result(inner)) => {
            check(value, inner).map_err(|(path, why)| (format!(".ok{path}"), why))
        }
        (Value::List(values), Type::List(element, _)) => values
            .iter()
            .enumerate()
            .try_for_each(|(i, value)| check(value, element).map_err(|(path, why)| (format!("[{i}]{path}"), why))),
        (Value::Record(values), Type::Record(fields)) => {
            values.iter().zip(fields).try_for_each(|(value, (name, ty))| {
                check(value, ty).map_err(|(path, why)| (format!(".{name}{path}"), why))
            })
        }
        _ => Ok(()),
    }
}
