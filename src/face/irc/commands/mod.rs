//! The commands of a registered session, one file per family. Each turns parameters into commands
//! for the desk, or answers from what the face itself knows.

pub(super) mod batch;
pub(super) mod channels;
pub(super) mod history;
pub(super) mod messages;
pub(super) mod metadata;
pub(super) mod operators;
pub(super) mod queries;
pub(super) mod server_info;
pub(super) mod staff;

use crate::base::text::{Line, truncate};

/// The parts of a comma-separated list that are not empty.
fn listed(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').filter(|part| !part.is_empty())
}

/// A person's words, cut to a limit between characters; none when there are none.
fn words(text: Option<&&str>, max: usize) -> Option<Line> {
    let text = text.filter(|text| !text.is_empty())?;
    Some(Line::scrubbed(truncate(text, max)))
}
