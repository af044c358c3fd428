//! The floor under any cold start: a process that reads the weights and ends. `floor touch FILE` maps the file and reads a byte of
//! each page, `floor map FILE` maps it and reads all of it, `floor copy FILE` copies it.

use std::fs::File;
use std::io::Read;
use std::os::fd::AsRawFd;

const PAGE: usize = 4096;

fn main() {
    let mut words = std::env::args().skip(1);
    let how = words.next().expect("how");
    let mut file = File::open(words.next().expect("a file")).expect("a file");
    let sum = match how.as_str() {
        "touch" => map(&file).iter().step_by(PAGE).map(|byte| u64::from(*byte)).sum(),
        "map" => words_of(map(&file)),
        "copy" => {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).expect("the file can be read");
            words_of(&bytes)
        }
        _ => panic!("touch, map or copy"),
    };
    println!("{{\"sum\":{sum}}}");
}

fn map(file: &File) -> &'static [u8] {
    let length = file.metadata().expect("the file has a length").len() as usize;
    // SAFETY: a new mapping of a file that nobody writes to, of its length, which is above 0; it stays until the process ends.
    unsafe {
        let start = libc::mmap(std::ptr::null_mut(), length, libc::PROT_READ, libc::MAP_PRIVATE, file.as_raw_fd(), 0);
        assert!(start != libc::MAP_FAILED, "the file can be mapped");
        std::slice::from_raw_parts(start.cast::<u8>(), length)
    }
}

/// The sum of all words.
fn words_of(bytes: &[u8]) -> u64 {
    bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word)).fold(0, u64::wrapping_add)
}
