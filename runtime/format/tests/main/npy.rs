//! `.npy` files as NumPy writes them.

use mu_format::npy::{is_npy, read, texts};
use mu_format::tensor::{Data, Tensor};

/// A file of version 1 with this header and data.
fn file(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

fn tensor(shape: &[usize], data: Data) -> Result<Tensor, String> {
    Ok(Tensor { shape: shape.to_vec(), data })
}

#[test]
fn each_element_type_is_read() {
    let header = |descr: &str| format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (2,), }}\n");
    let floats: Vec<u8> = [1.5f32, -0.0].iter().flat_map(|x| x.to_le_bytes()).collect();
    assert_eq!(read(&file(&header("<f4"), &floats)), tensor(&[2], Data::F32(vec![1.5, -0.0])));
    let floats: Vec<u8> = [1e300f64, 2.0].iter().flat_map(|x| x.to_le_bytes()).collect();
    assert_eq!(read(&file(&header("<f8"), &floats)), tensor(&[2], Data::F64(vec![1e300, 2.0])));
    let ints: Vec<u8> = [-1i64, 2].iter().flat_map(|x| x.to_le_bytes()).collect();
    assert_eq!(read(&file(&header("<i8"), &ints)), tensor(&[2], Data::I64(vec![-1, 2])));
    let ints: Vec<u8> = [-1i32, 2].iter().flat_map(|x| x.to_le_bytes()).collect();
    assert_eq!(read(&file(&header("<i4"), &ints)), tensor(&[2], Data::I32(vec![-1, 2])));
    assert_eq!(read(&file(&header("|u1"), &[7, 255])), tensor(&[2], Data::U8(vec![7, 255])));
    assert_eq!(read(&file(&header("|b1"), &[0, 1])), tensor(&[2], Data::Bool(vec![false, true])));
    let error = read(&file(&header("<f2"), &[0; 4])).unwrap_err();
    assert!(error.contains("`<f2` cannot be read") && error.contains("astype"), "{error}");
}

#[test]
fn small_whole_numbers_become_larger_ones() {
    let header = |descr: &str| format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (2,), }}");
    assert_eq!(read(&file(&header("|i1"), &[255, 1])), tensor(&[2], Data::I32(vec![-1, 1])));
    assert_eq!(read(&file(&header("<i2"), &[255, 255, 1, 0])), tensor(&[2], Data::I32(vec![-1, 1])));
    assert_eq!(read(&file(&header("<u2"), &[255, 255, 1, 0])), tensor(&[2], Data::I32(vec![65_535, 1])));
}

#[test]
fn texts_are_read_and_what_is_none_is_refused() {
    let header =
        |descr: &str, shape: &str| format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    let wide: Vec<u8> = "añb\0".chars().flat_map(|c| (c as u32).to_le_bytes()).collect();
    assert_eq!(texts(&file(&header("<U2", "(2,)"), &wide)), Ok(Some(vec!["añ".into(), "b".into()])));
    assert_eq!(texts(&file(&header("|S3", "(1,)"), b"ab\0")), Ok(Some(vec!["ab".into()])));
    assert_eq!(texts(&file(&header("<i8", "(1,)"), &[0; 8])), Ok(None));
    assert!(texts(&file(&header("<U2", "(1, 1)"), &[0; 8])).is_err());
    assert!(texts(&file(&header("<U2", "(3,)"), &[0; 8])).is_err());
    assert!(texts(&file(&header("<U1", "(1,)"), &[255; 4])).unwrap_err().contains("no Unicode"));
    assert!(texts(&file(&header("<U99999999999999999999", "(1,)"), &[])).is_err());
}

#[test]
fn fortran_order_is_turned_into_rows() {
    let header = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }";
    // numpy.asfortranarray([[0, 1, 2], [3, 4, 5]]) lies in memory as 0 3 1 4 2 5.
    let bytes = file(header, &[0, 3, 1, 4, 2, 5]);
    assert_eq!(read(&bytes), tensor(&[2, 3], Data::U8(vec![0, 1, 2, 3, 4, 5])));
    let header = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 0), }";
    assert_eq!(read(&file(header, &[])), tensor(&[2, 0], Data::U8(vec![])));
}

#[test]
fn scalars_and_later_versions_are_read() {
    let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (), }";
    assert_eq!(read(&file(header, &[9])), tensor(&[], Data::U8(vec![9])));
    for version in [2, 3] {
        let mut bytes = b"\x93NUMPY".to_vec();
        bytes.extend([version, 0]);
        bytes.extend((header.len() as u32).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.push(9);
        assert_eq!(read(&bytes), tensor(&[], Data::U8(vec![9])));
    }
}

#[test]
fn broken_files_are_refused() {
    let header = |shape: &str| format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}");
    assert!(read(&file(&header("(2,)"), &[0; 7])).unwrap_err().contains("holds 7 bytes"));
    assert!(read(&file(&header("(4294967296, 4294967296, 4294967296)"), &[])).unwrap_err().contains("too large"));
    assert!(read(&file(&header("(-1,)"), &[])).unwrap_err().contains("cannot be read"));
    assert!(read(b"\x93NUMPY\x01\x00\xff\xff{").unwrap_err().contains("cut off"));
    assert!(!is_npy(b"NUMPY"));
}
