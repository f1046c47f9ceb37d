//! Who gets which notice. Derived from the steps of a plan, never decided by verbs.

pub mod rooms;
