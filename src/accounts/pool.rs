//! Checks credentials on threads of their own, because a password hash is slow on purpose.
//!
//! Bounded in every way: so many threads, so many checks waiting, so many attempts a minute. It
//! knows no session: a ticket comes back with each answer, and an answer that nobody waits for
//! any more is the caller's to drop.

use super::attempts::{Attempts, Ending};
use super::checker::Checker;
use super::hash::{Cost, Hasher};
use super::operators::Operators;
use super::registering::Post;
use crate::base::time::Timestamp;
use crate::face::registering::Registered;
use crate::face::{Credentials, Verdict};
use crate::store::Fault;
use std::fmt;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is called with the ticket and the verdict, on a thread of the pool. It must not block.
pub type Reply = Box<dyn FnOnce(u64, Verdict) + Send>;

/// How a pool works.
#[derive(Clone)]
pub struct PoolSettings {
    /// Threads; each holds the memory of one password hash while it works.
    pub workers: usize,
    /// Checks that may wait for a thread.
    pub queue: usize,
    /// What a password hash costs.
    pub cost: Cost,
    /// Attempts a minute for one account from one address; 0: no limit.
    pub logins_per_minute: u32,
    /// Accounts and addresses whose attempts are remembered.
    pub attempts_max: usize,
    /// Operators' passwords.
    pub operators: Operators,
    /// Reads the clock.
    pub clock: fn() -> Timestamp,
    /// Sends the codes of accounts that wait; none: the operator confirms them.
    pub post: Option<Post>,
}

impl PoolSettings {
    /// The defaults, with this clock.
    pub fn new(clock: fn() -> Timestamp) -> Self {
        Self {
            workers: 2,
            queue: 64,
            cost: Cost::default(),
            logins_per_minute: 10,
            attempts_max: 20_000,
            operators: Operators::default(),
            clock,
            post: None,
        }
    }
}

/// The check was not taken up, and the reply will not be called. The answer to give at once is
/// `Verdict::TooMany` (wait) or `Verdict::Unavailable` (the queue is full).
#[derive(Clone, Debug)]
pub struct Busy {
    /// What to tell the person.
    pub verdict: Verdict,
}

struct Job {
    ticket: u64,
    address: String,
    exempt: bool,
    credentials: Credentials,
    reply: Reply,
}

/// The threads that check credentials. Dropping it lets them finish what waits, then end.
pub struct Pool {
    jobs: SyncSender<Job>,
    attempts: Arc<Mutex<Attempts>>,
    hasher: Arc<Hasher>,
    clock: fn() -> Timestamp,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("hasher", &self.hasher).finish_non_exhaustive()
    }
}

impl Pool {
    /// Opens the accounts' file (making it when it is not there) and starts the threads.
    pub fn start(path: &Path, settings: PoolSettings) -> Result<Self, Fault> {
        let hasher = Arc::new(Hasher::new(settings.cost)?);
        let attempts = Attempts::new(settings.logins_per_minute, settings.attempts_max);
        let attempts = Arc::new(Mutex::new(attempts));
        let (jobs, waiting) = sync_channel(settings.queue.max(1));
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..settings.workers.max(1) {
            let worker = Worker {
                waiting: waiting.clone(),
                checker: Checker::open(path, hasher.clone())?
                    .with_operators(settings.operators.clone())
                    .with_post(settings.post.clone()),
                attempts: attempts.clone(),
                clock: settings.clock,
            };
            std::thread::Builder::new()
                .name("accounts".to_owned())
                .spawn(move || worker.run())
                .map_err(|e| Fault { doing: "start an account thread", cause: e.to_string() })?;
        }
        Ok(Self { jobs, attempts, hasher, clock: settings.clock })
    }

    /// Asks for a check. Never waits. `exempt` addresses have no attempt limits. On `Ok` the reply
    /// is called once, later, with this ticket; on `Err` never.
    pub fn try_verify(
        &self,
        ticket: u64,
        address: &str,
        exempt: bool,
        credentials: Credentials,
        reply: Reply,
    ) -> Result<(), Busy> {
        let account = guessed(&credentials).map(str::to_owned);
        let now = (self.clock)();
        if !exempt {
            let begun = lock(&self.attempts).begin(now, account.as_deref(), address);
            begun.map_err(|seconds| Busy { verdict: Verdict::TooMany(seconds) })?;
        }
        let job = Job { ticket, address: address.to_owned(), exempt, credentials, reply };
        match self.jobs.try_send(job) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                if !exempt {
                    let mut attempts = lock(&self.attempts);
                    attempts.end(now, account.as_deref(), address, Ending::NotJudged);
                }
                Err(Busy { verdict: Verdict::Unavailable })
            }
        }
    }

    /// Tells how a SCRAM exchange ended whose keys this pool gave out. One that is never told of
    /// counts as a failure, as it did from the moment its keys were asked for.
    pub fn attempted(&self, account: &str, address: &str, success: bool) {
        let ending = if success { Ending::Right } else { Ending::Wrong };
        lock(&self.attempts).end((self.clock)(), Some(account), address, ending);
    }

    /// KiB of memory that password hashing has passed over so far, for the metrics.
    pub fn work(&self) -> u64 {
        self.hasher.work()
    }
}

struct Worker {
    waiting: Arc<Mutex<Receiver<Job>>>,
    checker: Checker,
    attempts: Arc<Mutex<Attempts>>,
    clock: fn() -> Timestamp,
}

impl Worker {
    fn run(self) {
        loop {
            // The lock is held while waiting, and gone before the work.
            let job = lock(&self.waiting).recv();
            let Ok(job) = job else { return };
            self.answer(job);
        }
    }

    fn answer(&self, job: Job) {
        let verdict =
            self.checker.judge((self.clock)(), &job.credentials).unwrap_or_else(|fault| {
                tracing::error!(%fault, "accounts cannot be read");
                Verdict::Unavailable
            });
        let ending = match verdict {
            Verdict::Yes(..) | Verdict::Operator(_) => Some(Ending::Right),
            // A new account is not a sign-in: making many counts as failing often.
            Verdict::No | Verdict::Registered(_) => Some(Ending::Wrong),
            Verdict::TooMany(_) | Verdict::Unavailable | Verdict::Rehashed(_) => {
                Some(Ending::NotJudged)
            }
            // Judged by the face; `Pool::attempted` tells.
            Verdict::Scram(_) => None,
        };
        if let (Some(ending), false) = (ending, job.exempt) {
            let account = guessed(&job.credentials);
            lock(&self.attempts).end((self.clock)(), account, &job.address, ending);
        }
        if let Verdict::Registered(Registered::Waits(account, false)) = &verdict {
            tracing::warn!(%account, "an account waits: `switchboard account verify` confirms it");
        }
        (job.reply)(job.ticket, verdict);
    }
}

/// The account whose secret these credentials could be a guess at.
fn guessed(credentials: &Credentials) -> Option<&str> {
    match credentials {
        Credentials::Password { account: name, .. }
        | Credentials::ScramKeys { account: name }
        | Credentials::Code { account: name, .. }
        | Credentials::Operator { name, .. } => Some(name),
        Credentials::Certificate { .. } | Credentials::New(_) => None,
    }
}

/// A thread that panicked leaves the value whole: each use of it is one call.
fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}
