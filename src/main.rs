//! The program: its exit code, from the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    switchboard::cli::main(std::env::args_os())
}
