//! Rooms, presence and queries, played on the state alone.
