//! Rooms, presence and queries, played on the state alone: steps are told and applied as the desk
//! does it, and what each session hears is read back as text.

mod channels;
mod noninterference;
mod people;
mod world;
