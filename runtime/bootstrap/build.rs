//! How the executable is linked.

fn main() {
    // Tens of thousands of addresses are put right at each start: packed, their list takes a fiftieth of the pages.
    println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    println!("cargo:rerun-if-changed=build.rs");
}
