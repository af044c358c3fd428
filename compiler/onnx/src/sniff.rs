//! Recognises files that are something else under a model's name, so that the message can say what.

use crate::error::Error;

/// How other kinds of files begin.
const MAGIC: &[(usize, &[u8], &str)] = &[
    (0, b"PK\x03\x04", "a zip archive, as PyTorch and Keras write them"),
    (0, b"\x80\x02", "a Python pickle, as older PyTorch writes it"),
    (0, b"\x80\x03", "a Python pickle"),
    (0, b"\x80\x04", "a Python pickle, as scikit-learn models are kept"),
    (0, b"\x80\x05", "a Python pickle, as scikit-learn models are kept"),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras writes it"),
    (4, b"TFL3", "a TensorFlow Lite model"),
    (0, b"GGUF", "a GGUF model"),
    (0, b"\x1f\x8b", "compressed with gzip"),
    (0, b"\x28\xb5\x2f\xfd", "compressed with zstd"),
    (0, b"\x7fELF", "a program for Linux"),
    (0, b"\x89PNG", "a picture"),
    (0, b"\x93NUMPY", "a NumPy array"),
    (8, b"{\"", "a safetensors file or JSON"),
    (0, b"{\"", "JSON"),
];

/// What else the file is, where that can be told from its first bytes.
pub(crate) fn recognise(bytes: &[u8]) -> Option<Error> {
    if bytes.is_empty() {
        return Some(Error::Empty);
    }
    let head = &bytes[..bytes.len().min(1024)];
    let text = String::from_utf8_lossy(head);
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with("version https://git-lfs") {
        let size = start.lines().find_map(|line| line.strip_prefix("size ")?.trim().parse().ok());
        return Some(Error::LfsPointer { size });
    }
    let lower = start.to_ascii_lowercase();
    if ["<!doctype", "<html", "<head", "<?xml", "<body"].iter().any(|tag| lower.starts_with(tag)) {
        return Some(Error::Html);
    }
    let magic = MAGIC.iter().find(|(at, magic, _)| bytes.get(*at..).is_some_and(|rest| rest.starts_with(magic)));
    if let Some((_, _, kind)) = magic {
        return Some(Error::Foreign { kind });
    }
    // ONNX begins with a field number, which is a control character to a text.
    let readable = |byte: &u8| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
    head.iter().all(readable).then_some(Error::Foreign { kind: "a text" })
}
