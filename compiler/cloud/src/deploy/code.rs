//! The zip in a request: itself, or where it lies in S3.

use aws_sdk_lambda::operation::update_function_code::builders::UpdateFunctionCodeFluentBuilder;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::FunctionCode;
use mu_deploy::{Code, CodePlace};

pub(super) fn of(code: &Code, zip: &[u8]) -> FunctionCode {
    match &code.place {
        CodePlace::Direct => FunctionCode::builder().zip_file(Blob::new(zip)).build(),
        CodePlace::S3(store) => {
            FunctionCode::builder().s3_bucket(&store.bucket).s3_key(store.key(&code.sha256)).build()
        }
    }
}

pub(super) fn update(
    update: UpdateFunctionCodeFluentBuilder,
    code: &Code,
    zip: &[u8],
) -> UpdateFunctionCodeFluentBuilder {
    match &code.place {
        CodePlace::Direct => update.zip_file(Blob::new(zip)),
        CodePlace::S3(store) => update.s3_bucket(&store.bucket).s3_key(store.key(&code.sha256)),
    }
}

/// A hash in bytes, from hexadecimal.
pub(super) fn bytes_of(sha256: &str) -> Vec<u8> {
    let byte = |at: usize| sha256.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()).unwrap_or(0);
    (0..sha256.len()).step_by(2).map(byte).collect()
}
