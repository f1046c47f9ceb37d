//! Accounts: who may sign in, as what, and the checking of what they show.
//!
//! `store` keeps them in a file of their own, beside the journal, so that the command line and a
//! running server never wait for each other; `registering` is how people make their own; `hash` makes and checks password hashes; `attempts`
//! bounds guessing; `audit` is what was done to them; `checker` judges one set of credentials; `pool` does so on its own threads.
//! Nothing here knows a socket, a session or the desk's state.

pub mod attempts;
mod audit;
pub mod checker;
mod file;
pub mod hash;
pub mod operators;
pub mod pool;
pub mod registering;
pub mod store;
