//! The journal on a thread of its own: batches go in, one commit holds all that wait, results
//! come back in order. It knows events as cargo only.

use crate::base::limits::{COMMITS_IN_FLIGHT, EVENTS_PER_COMMIT};
use crate::desk::language::fact::Event;
use crate::store::{Fault, Journal};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// One batch on its way to the disk.
#[derive(Debug)]
pub struct Job {
    /// Its number; each is one more than the last.
    pub batch: u64,
    /// Changes with each failure: what was handed over before a failure must not be stored after it.
    pub generation: u64,
    /// The events, in order.
    pub events: Vec<Event>,
}

/// What became of batches, in the order in which they were handed over.
#[derive(Debug)]
pub enum Settled {
    /// All batches of this generation up to this one are on disk.
    Stored {
        /// The last of them.
        batch: u64,
        /// Their generation.
        generation: u64,
        /// How many events they had.
        events: usize,
    },
    /// These are not on disk, nor will any later one of the generation be.
    Failed {
        /// Their generation.
        generation: u64,
        /// Their events.
        events: Vec<Event>,
        /// Why.
        fault: Fault,
    },
    /// The answer to `probe`.
    Probed(Result<(), Fault>),
}

/// The runner's way to the journal. Neither call waits; the results come by `Node::settled`.
pub trait Journaling {
    /// Hands over a batch; gives it back when too many wait.
    fn submit(&mut self, job: Job) -> Result<(), Job>;
    /// Asks for a trial write; false when it could not be asked now.
    fn probe(&mut self) -> bool;
}

enum Work {
    Job(Job),
    Probe,
}

/// A journal on its own thread.
#[derive(Debug)]
pub struct JournalThread {
    work: SyncSender<Work>,
}

impl JournalThread {
    /// Starts it. A commit begins at once when the last one began over `interval` ago, else when
    /// that is over, and takes along all that came meanwhile. The thread ends, with everything
    /// stored, when the `JournalThread` is dropped.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn start(
        journal: Box<dyn Journal>,
        interval: Duration,
        results: mpsc::Sender<Settled>,
    ) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (work, inbox) = sync_channel(COMMITS_IN_FLIGHT);
        let writer =
            Writer { journal, interval, results, failed: None, last: None, merged: Vec::new() };
        let thread =
            std::thread::Builder::new().name("journal".into()).spawn(move || writer.run(&inbox))?;
        Ok((Self { work }, thread))
    }
}

impl Journaling for JournalThread {
    fn submit(&mut self, job: Job) -> Result<(), Job> {
        use std::sync::mpsc::TrySendError;
        match self.work.try_send(Work::Job(job)) {
            Ok(()) => Ok(()),
            Err(
                TrySendError::Full(Work::Job(job)) | TrySendError::Disconnected(Work::Job(job)),
            ) => Err(job),
            Err(TrySendError::Full(Work::Probe) | TrySendError::Disconnected(Work::Probe)) => {
                unreachable!("a job was sent")
            }
        }
    }

    fn probe(&mut self) -> bool {
        self.work.try_send(Work::Probe).is_ok()
    }
}

struct Writer {
    journal: Box<dyn Journal>,
    interval: Duration,
    results: mpsc::Sender<Settled>,
    /// The generation that failed: the rest of it is not tried.
    failed: Option<u64>,
    /// When the last commit began.
    last: Option<Instant>,
    merged: Vec<Event>,
}

impl Writer {
    fn run(mut self, inbox: &Receiver<Work>) {
        let mut jobs = Vec::new();
        while let Ok(first) = inbox.recv() {
            let mut next = Some(first);
            while let Some(work) = next.take() {
                match work {
                    Work::Job(job) => {
                        jobs.push(job);
                        let probe = self.gather(inbox, &mut jobs);
                        self.commit(&mut jobs);
                        next = probe.then_some(Work::Probe);
                    }
                    Work::Probe => {
                        let tried = self.journal.probe();
                        self.tell(Settled::Probed(tried));
                    }
                }
            }
        }
    }

    /// Takes what else waits, giving it the rest of the interval to come. True: a probe follows.
    fn gather(&self, inbox: &Receiver<Work>, jobs: &mut Vec<Job>) -> bool {
        let mut events: usize = jobs.iter().map(|job| job.events.len()).sum();
        while events < EVENTS_PER_COMMIT {
            let left =
                self.last.map_or(Duration::ZERO, |at| self.interval.saturating_sub(at.elapsed()));
            let got = if left.is_zero() {
                inbox.try_recv().map_err(|_| RecvTimeoutError::Timeout)
            } else {
                inbox.recv_timeout(left)
            };
            match got {
                Ok(Work::Job(job)) => {
                    events += job.events.len();
                    jobs.push(job);
                }
                Ok(Work::Probe) => return true,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return false,
            }
        }
        false
    }

    fn commit(&mut self, jobs: &mut Vec<Job>) {
        self.last = Some(Instant::now());
        while let Some(generation) = jobs.first().map(|job| job.generation) {
            let count = jobs.iter().take_while(|job| job.generation == generation).count();
            let mut batch = 0;
            self.merged.clear();
            for mut job in jobs.drain(..count) {
                batch = job.batch;
                self.merged.append(&mut job.events);
            }
            let stored = if self.failed == Some(generation) {
                Err(Fault { doing: "store events", cause: "an earlier batch failed".into() })
            } else {
                self.journal.append(&self.merged)
            };
            let settled = match stored {
                Ok(()) => Settled::Stored { batch, generation, events: self.merged.len() },
                Err(fault) => {
                    self.failed = Some(generation);
                    Settled::Failed { generation, events: std::mem::take(&mut self.merged), fault }
                }
            };
            self.tell(settled);
        }
    }

    /// Nobody listens any more when the server is stopping; what waits is stored all the same.
    fn tell(&self, settled: Settled) {
        let _ = self.results.blocking_send(settled);
    }
}
