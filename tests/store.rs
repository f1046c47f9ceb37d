//! The store: one contract for every back end, the byte form, real disks that fail, and what the archive
//! and the transcripts make of it.

#[path = "store/archive.rs"]
mod archive;
#[path = "store/bytes.rs"]
mod bytes;
#[path = "store/contract.rs"]
mod contract;
#[path = "store/disk.rs"]
mod disk;
#[path = "store/events.rs"]
mod events;
#[path = "store/figures.rs"]
mod figures;
#[path = "store/history.rs"]
mod history;
#[path = "store/speed.rs"]
mod speed;
#[path = "store/transcripts.rs"]
mod transcripts;
