//! A disk that refuses never leaves a half bundle, and what stood there before stays.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests may panic too

use mu_bundle::{Contents, Error, File, folder, zip};
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

fn contents(text: &str, size: u32) -> Contents {
    let weights: Vec<u8> = (0..size).map(|i| i as u8).collect();
    let file = |bytes: &[u8]| File { bytes: Arc::from(bytes), executable: false, compress: false };
    Contents::from([("bundle.json".into(), file(text.as_bytes())), ("models/m.onnx".into(), file(&weights))])
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Runs the test again in a process whose files may grow to 64 kB only, as on a full disk. The shell has the signal that
/// comes with the limit ignored, so that writing gives an error.
#[test]
fn a_full_disk_keeps_the_old_bundle() {
    const INSIDE: &str = "MU_BUNDLE_TEST_UNDER_LIMIT";
    if std::env::var_os(INSIDE).is_none() {
        let done = Command::new("bash")
            .args(["-c", r#"trap '' XFSZ; ulimit -f 64; exec "$@""#, "bash"])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "a_full_disk_keeps_the_old_bundle", "--nocapture"])
            .env(INSIDE, "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let (out, packed) = (place.path().join("bundle"), place.path().join("bundle.zip"));
    folder(&out, &contents("old", 10)).unwrap();
    zip(&packed, &contents("old", 10)).unwrap();
    let old_zip = fs::read(&packed).unwrap();
    for error in [
        folder(&out, &contents("new", 200_000)).unwrap_err(),
        folder(&place.path().join("fresh"), &contents("new", 200_000)).unwrap_err(),
        zip(&packed, &contents("new", 200_000)).unwrap_err(),
        zip(&place.path().join("fresh.zip"), &contents("new", 200_000)).unwrap_err(),
    ] {
        let Error::Io { source, .. } = &error else { panic!("{error}") };
        assert_eq!(source.kind(), ErrorKind::FileTooLarge, "{error}");
        assert!(error.help().contains("make room"), "{}", error.help());
    }
    assert_eq!(names(place.path()), ["bundle", "bundle.zip"]);
    assert_eq!(fs::read(out.join("bundle.json")).unwrap(), b"old");
    assert_eq!(fs::read(&packed).unwrap(), old_zip);
}

#[test]
fn a_place_that_may_not_be_written_is_named() {
    let place = tempfile::tempdir().unwrap();
    let locked = place.path().join("locked");
    fs::create_dir(&locked).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o555)).unwrap();
    let mut places = vec![Path::new("/proc/no/bundle").to_path_buf()];
    // Root may write anywhere but in what is no real file system.
    if fs::create_dir(locked.join("probe")).is_err() {
        places.push(locked.join("bundle"));
    }
    let file = place.path().join("file");
    fs::write(&file, "x").unwrap();
    places.push(file.join("bundle"));
    for out in places {
        for error in [folder(&out, &contents("new", 10)), zip(&out, &contents("new", 10)).map(|_| ())] {
            let error = error.unwrap_err();
            assert!(matches!(error, Error::Io { .. }), "{error}");
            assert!(error.to_string().contains(out.parent().unwrap().to_str().unwrap()), "{error}");
            assert!(!error.help().is_empty());
        }
        assert!(!out.exists());
    }
}
