//! A bundle is whole or not there, and its bytes depend on its contents alone.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests may panic too

use mu_bundle::{Contents, Error, File, folder, unpacked_size, zip};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

fn contents(text: &str) -> Contents {
    let file = |bytes: &[u8], executable, compress| File { bytes: Arc::from(bytes), executable, compress };
    Contents::from([
        ("bootstrap".into(), file(b"#!/bin/sh\nexit 0\n", true, true)),
        ("bundle.json".into(), file(text.as_bytes(), false, true)),
        ("plan.bin".into(), file(&[7; 5000], false, true)),
        ("models/abc.onnx".into(), file(&[9; 3000], false, false)),
    ])
}

/// Every path below a folder with its mode and bytes.
fn tree(root: &Path) -> Vec<(String, u32, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                found.push((name, mode, Vec::new()));
                folders.push(path);
            } else {
                found.push((name, mode, fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_folder_holds_the_files_with_their_modes_and_nothing_stays_beside_it() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("deep/er/bundle");
    folder(&out, &contents("one")).unwrap();
    let found = tree(&out);
    let modes: Vec<_> = found.iter().map(|(name, mode, _)| (name.as_str(), *mode)).collect();
    assert_eq!(
        modes,
        [
            ("bootstrap", 0o755),
            ("bundle.json", 0o644),
            ("models", 0o755),
            ("models/abc.onnx", 0o644),
            ("plan.bin", 0o644)
        ]
    );
    assert_eq!(names(out.parent().unwrap()), ["bundle"]);
    assert_eq!(unpacked_size(&contents("one")), 17 + 3 + 5000 + 3000);
}

#[test]
fn a_bundle_is_replaced_as_a_whole() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("bundle");
    folder(&out, &contents("one")).unwrap();
    let mut smaller = contents("two");
    smaller.remove("models/abc.onnx");
    folder(&out, &smaller).unwrap();
    assert_eq!(fs::read(out.join("bundle.json")).unwrap(), b"two");
    assert!(!out.join("models").exists());
    assert_eq!(names(place.path()), ["bundle"]);
}

#[test]
fn a_folder_that_is_no_bundle_is_left_alone() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("precious");
    fs::create_dir(&out).unwrap();
    folder(&out, &contents("an empty one may go")).unwrap();
    fs::remove_file(out.join("bundle.json")).unwrap();
    let before = tree(&out);
    assert!(matches!(folder(&out, &contents("one")), Err(Error::NotABundle { .. })));
    assert_eq!(tree(&out), before);

    let file = place.path().join("main.mu");
    fs::write(&file, "fn f() -> i64 { 1 }").unwrap();
    assert!(matches!(folder(&file, &contents("one")), Err(Error::NotABundle { .. })));
    assert!(matches!(zip(&file, &contents("one")), Err(Error::NotABundle { .. })));
    assert!(matches!(zip(&out, &contents("one")), Err(Error::NotABundle { .. })));
    assert_eq!(fs::read(&file).unwrap(), b"fn f() -> i64 { 1 }");
}

#[test]
fn equal_contents_give_equal_zips_whatever_the_place() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let size = zip(&one.path().join("a.zip"), &contents("same")).unwrap();
    zip(&two.path().join("other/b.zip"), &contents("else")).unwrap();
    zip(&two.path().join("other/b.zip"), &contents("same")).unwrap();
    let bytes = fs::read(one.path().join("a.zip")).unwrap();
    assert_eq!(bytes.len() as u64, size);
    assert_eq!(bytes, fs::read(two.path().join("other/b.zip")).unwrap());
    assert_eq!(names(one.path()), ["a.zip"]);
}

#[test]
fn a_zip_unpacks_to_the_files_with_their_modes_and_stores_the_weights() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("a.zip");
    zip(&out, &contents("one")).unwrap();
    let mut archive = zip::ZipArchive::new(fs::File::open(&out).unwrap()).unwrap();
    let mut listed = Vec::new();
    for i in 0..archive.len() {
        let file = archive.by_index(i).unwrap();
        let time = file.last_modified().unwrap();
        assert_eq!((time.year(), time.month(), time.day(), time.hour()), (1980, 1, 1, 0));
        let stored = file.compressed_size() == file.size();
        listed.push((file.name().unwrap().into_owned(), file.unix_mode().unwrap() & 0o777, stored));
    }
    let expected = [
        // Too short to shrink.
        ("bootstrap", 0o755, false),
        ("bundle.json", 0o644, false),
        ("models/abc.onnx", 0o644, true),
        ("plan.bin", 0o644, false),
    ];
    assert_eq!(listed, expected.map(|(name, mode, stored)| (name.to_owned(), mode, stored)));
}

#[test]
fn names_that_leave_the_bundle_are_refused() {
    let place = tempfile::tempdir().unwrap();
    for bad in ["../x", "/etc/x", "a//b", "", "a/./b"] {
        let file = File { bytes: Arc::from(&b"x"[..]), executable: false, compress: false };
        let contents = Contents::from([(bad.to_owned(), file)]);
        assert!(matches!(folder(&place.path().join("b"), &contents), Err(Error::BadName { .. })), "{bad}");
        assert!(matches!(zip(&place.path().join("z"), &contents), Err(Error::BadName { .. })), "{bad}");
    }
    assert_eq!(names(place.path()), [""; 0]);
}
