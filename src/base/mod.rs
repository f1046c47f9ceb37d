//! The ground floor: identifiers, moments, limits and validated text.
//!
//! Everything here is plain data. It knows no protocol, no desk, no clock and no socket.

pub mod casemap;
pub mod ids;
pub mod limits;
pub mod text;
pub mod time;
pub mod veil;
