//! The floor under any cold start: a process that touches the weights and ends. `floor map FILE` maps the file and reads a byte of
//! each page, `floor read FILE` copies it, `floor none` does nothing.

use std::fs::File;
use std::io::Read;
use std::os::fd::AsRawFd;

const PAGE: usize = 4096;

fn main() {
    let mut words = std::env::args().skip(1);
    let how = words.next().unwrap_or_default();
    let file = words.next().map(|path| File::open(path).expect("a file"));
    let touched = match (how.as_str(), file) {
        ("map", Some(file)) => map(&file),
        ("read", Some(mut file)) => {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).expect("the file can be read");
            pages(&bytes)
        }
        _ => 0,
    };
    println!("{{\"touched\":{touched}}}");
}

fn map(file: &File) -> u64 {
    let length = file.metadata().expect("the file has a length").len() as usize;
    // SAFETY: a new mapping of a file that nobody writes to, of its length, which is above 0.
    let bytes = unsafe {
        let start = libc::mmap(std::ptr::null_mut(), length, libc::PROT_READ, libc::MAP_PRIVATE, file.as_raw_fd(), 0);
        assert!(start != libc::MAP_FAILED, "the file can be mapped");
        std::slice::from_raw_parts(start.cast::<u8>(), length)
    };
    pages(bytes)
}

fn pages(bytes: &[u8]) -> u64 {
    bytes.iter().step_by(PAGE).map(|byte| u64::from(*byte)).sum()
}
