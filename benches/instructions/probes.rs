//! Functions of the bench's own whose instructions are counted, where no single function of the server is
//! what a row is about.

macro_rules! probes {
    ($($name:ident)*) => { $(
        #[inline(never)]
        pub(crate) fn $name<T>(what: impl FnOnce() -> T) -> T {
            // Kept from being merged with its fellows, whose bodies are the same.
            std::hint::black_box(stringify!($name));
            what()
        }
    )* };
}

probes!(counted_frame counted_parse counted_node counted_journal);
