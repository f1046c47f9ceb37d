//! The binary: its exit code is the command line's.
fn main() {}
