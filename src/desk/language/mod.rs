//! The whole desk in words: what it is asked, what it records, what it answers, what people see.
//!
//! `command` goes in; `fact` is what happened and is stored; `notice` and `reply` go out;
//! `refusal` says why something was not done; `text` is every sentence the desk itself says.
//! No words of a protocol here: faces translate.

pub mod archive;
pub mod command;
pub mod fact;
pub mod history;
pub mod metadata;
pub mod notice;
pub mod people;
pub mod refusal;
pub mod text;
pub mod words;
