//! One server per data directory: a lock file that the system frees when the process ends, however it ends.
//!
//! The database's own locks protect single transactions; this one protects the desk, of which there
//! must never be two. The file stays when the lock is gone: removing it would let two hold it. It knows
//! nothing of what is in the directory.

use super::super::Fault;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

/// The lock, held while this lives.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of this directory, or says who has it.
    pub(super) fn take(directory: &Path) -> Result<Self, Fault> {
        let doing = "locking the data directory";
        let path = directory.join("switchboard.lock");
        let failed = |e: &dyn std::fmt::Display| Fault {
            doing,
            cause: format!(
                "{e} ({}); give the server's user the right to write there",
                path.display()
            ),
        };
        let mut file = private()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|e| failed(&e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Only to name it; a file that cannot be read names nobody.
                let _ = (&file).take(20).read_to_string(&mut holder);
                let cause = format!(
                    "another server (process {}) is running on {}; stop it, or name another data_dir",
                    if holder.trim().is_empty() { "unknown" } else { holder.trim() },
                    directory.display()
                );
                return Err(Fault { doing, cause });
            }
            Err(TryLockError::Error(e)) => return Err(failed(&e)),
        }
        name_holder(&mut file).map_err(|e| failed(&e))?;
        Ok(Self { _file: file })
    }
}

fn name_holder(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

/// Makes the directory, for its owner only, if it is not there.
pub(super) fn make_directory(directory: &Path) -> Result<(), Fault> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory).map_err(|e| Fault {
        doing: "making the data directory",
        cause: format!("{e} ({}); name a data_dir that can be written", directory.display()),
    })
}

/// Makes the file, for its owner only, if it is not there.
pub(super) fn make_file(path: &Path) -> Result<(), Fault> {
    let made = private().write(true).create(true).truncate(false).open(path);
    made.map(drop).map_err(|e| Fault {
        doing: "making the database",
        cause: format!("{e} ({}); name a data_dir that can be written", path.display()),
    })
}

/// Makes the file, for its owner only; refused if there is one.
pub(super) fn make_new_file(path: &Path) -> Result<(), Fault> {
    let made = private().write(true).create_new(true).open(path);
    made.map(drop).map_err(|e| Fault {
        doing: "making a backup",
        cause: format!("{e} ({}); name a file that does not exist yet", path.display()),
    })
}

fn private() -> OpenOptions {
    #[cfg_attr(not(unix), allow(unused_mut))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
