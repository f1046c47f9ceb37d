//! The journal on a thread of its own: batches go in, one commit holds all that wait, results
//! come back in order. It knows events as cargo only.

use crate::base::limits::{COMMITS_IN_FLIGHT, EVENTS_PER_COMMIT};
use crate::desk::language::fact::Event;
use crate::store::{Expired, Fault, Journal};
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
    /// Has words that are past their time erased, when there is nothing else to do; false when it could
    /// not be asked now. What keeps everything may leave it at that.
    fn prune(&mut self, _expired: Expired) -> bool {
        true
    }
}

/// How long nothing comes before something past its time is erased.
const IDLE: Duration = Duration::from_millis(5);
/// Events erased at once: what comes meanwhile waits no longer than for a commit.
const PRUNED_AT_ONCE: usize = 64;

/// When a commit begins that has something to store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// At once when the last one ended at least as long ago as it took, else then; at most this long
    /// after the last one began. So a quick disk is asked often, and never kept busy.
    UpTo(Duration),
    /// This long after the last one began, and at once when that is over.
    For(Duration),
}

enum Work {
    Job(Job),
    Probe,
    Prune(Expired),
}

/// A journal on its own thread.
#[derive(Debug)]
pub struct JournalThread {
    work: SyncSender<Work>,
}

impl JournalThread {
    /// Starts it. A commit begins when `pace` says so, and takes along all that came meanwhile.
    /// The thread ends, with everything stored, when the `JournalThread` is dropped.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn start(
        journal: Box<dyn Journal>,
        pace: Pace,
        results: mpsc::Sender<Settled>,
    ) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (work, inbox) = sync_channel(COMMITS_IN_FLIGHT);
        let merged = Vec::new();
        let writer =
            Writer { journal, pace, results, failed: None, next: None, merged, expired: None };
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
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                unreachable!("a job was sent")
            }
        }
    }

    fn probe(&mut self) -> bool {
        self.work.try_send(Work::Probe).is_ok()
    }

    fn prune(&mut self, expired: Expired) -> bool {
        self.work.try_send(Work::Prune(expired)).is_ok()
    }
}

struct Writer {
    journal: Box<dyn Journal>,
    pace: Pace,
    results: mpsc::Sender<Settled>,
    /// The generation that failed: the rest of it is not tried.
    failed: Option<u64>,
    /// When the next commit may begin.
    next: Option<Instant>,
    merged: Vec<Event>,
    /// What is still to be erased.
    expired: Option<Expired>,
}

impl Writer {
    fn run(mut self, inbox: &Receiver<Work>) {
        let mut jobs = Vec::new();
        while let Some(first) = self.await_work(inbox) {
            let mut next = Some(first);
            while let Some(work) = next.take() {
                match work {
                    Work::Job(job) => {
                        jobs.push(job);
                        next = self.gather(inbox, &mut jobs);
                        self.commit(&mut jobs);
                    }
                    Work::Prune(expired) => self.expired = Some(expired),
                    Work::Probe => {
                        let tried = self.journal.probe();
                        self.tell(Settled::Probed(tried));
                    }
                }
            }
        }
    }

    /// What is to be done next; while there is nothing, a little of what is past its time is erased.
    fn await_work(&mut self, inbox: &Receiver<Work>) -> Option<Work> {
        while let Some(expired) = self.expired {
            match inbox.recv_timeout(IDLE) {
                Ok(work) => return Some(work),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {}
            }
            let pruned = self.journal.prune(&expired, PRUNED_AT_ONCE).unwrap_or_else(|fault| {
                tracing::error!(%fault, "words past their time stay for now; they are tried again later");
                false
            });
            self.expired = pruned.then_some(expired);
        }
        inbox.recv().ok()
    }

    /// Takes what else waits, giving it until the next commit may begin to come; and what follows.
    fn gather(&self, inbox: &Receiver<Work>, jobs: &mut Vec<Job>) -> Option<Work> {
        let mut events: usize = jobs.iter().map(|job| job.events.len()).sum();
        while events < EVENTS_PER_COMMIT {
            let left =
                self.next.map_or(Duration::ZERO, |at| at.saturating_duration_since(Instant::now()));
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
                Ok(work) => return Some(work),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return None,
            }
        }
        None
    }

    fn commit(&mut self, jobs: &mut Vec<Job>) {
        let began = Instant::now();
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
        self.next = Some(match self.pace {
            Pace::For(span) => began + span,
            Pace::UpTo(most) => began + most.min(began.elapsed() * 2),
        });
    }

    /// Nobody listens any more when the server is stopping; what waits is stored all the same.
    fn tell(&self, settled: Settled) {
        let _ = self.results.blocking_send(settled);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::Seq;
    use crate::base::text::{AccountName, Line};
    use crate::base::time::Timestamp;
    use crate::desk::language::command::Verb;
    use crate::desk::language::fact::Fact;
    use crate::desk::language::people::Actor;
    use crate::store::memory::Memory;

    fn job(batch: u64, generation: u64, seqs: std::ops::RangeInclusive<u64>) -> Job {
        let to = AccountName::parse("bob").unwrap();
        let event = |seq| Event {
            seq: Seq(seq),
            at: Timestamp(seq),
            actor: Actor::Desk,
            fact: Fact::PrivateSaid { to: to.clone(), verb: Verb::Privmsg },
            words: vec![Line::scrubbed("hi")],
        };
        Job { batch, generation, events: seqs.map(event).collect() }
    }

    fn start(memory: &Memory) -> (JournalThread, JoinHandle<()>, mpsc::Receiver<Settled>) {
        let (results, stored) = mpsc::channel(16);
        let journal = Box::new(memory.journal());
        let (thread, handle) =
            JournalThread::start(journal, Pace::For(Duration::ZERO), results).unwrap();
        (thread, handle, stored)
    }

    #[test]
    fn batches_are_stored_in_order_and_all_of_them_before_the_thread_ends() {
        let memory = Memory::new();
        let (mut journal, handle, mut results) = start(&memory);
        for (batch, seqs) in [(0, 1..=2), (1, 3..=3), (2, 4..=9)] {
            journal.submit(job(batch, 0, seqs)).unwrap();
        }
        drop(journal);
        handle.join().unwrap();
        let seqs: Vec<u64> = memory.events().iter().map(|event| event.seq.0).collect();
        assert_eq!(seqs, (1..=9).collect::<Vec<_>>());
        let (mut events_told, mut last) = (0, 0);
        while let Some(settled) = results.blocking_recv() {
            let Settled::Stored { batch, events, .. } = settled else { panic!("{settled:?}") };
            assert!(batch >= last);
            (events_told, last) = (events_told + events, batch);
        }
        assert_eq!((events_told, last), (9, 2));
    }

    #[test]
    fn what_is_past_its_time_is_erased_between_commits() {
        let memory = Memory::new();
        let (mut journal, handle, mut results) = start(&memory);
        // `job` says its lines at the moment of their number, and the journal keeps accounts' words.
        let mut said = job(0, 0, 1..=300);
        let by = AccountName::parse("anna").unwrap();
        said.events.iter_mut().for_each(|e| e.actor = Actor::Staff(by.clone()));
        journal.submit(said).unwrap();
        assert!(journal.prune(Expired { rooms: Timestamp(0), private: Timestamp(201) }));
        journal.submit(job(1, 0, 301..=301)).unwrap();
        let erased = || memory.events().iter().filter(|event| event.words.is_empty()).count();
        while erased() < 200 {
            std::thread::yield_now();
        }
        journal.submit(job(2, 0, 302..=302)).unwrap();
        drop(journal);
        handle.join().unwrap();
        assert!(matches!(results.blocking_recv(), Some(Settled::Stored { .. })));
        let events = memory.events();
        assert_eq!((events.len(), erased()), (302, 200));
        assert!(events[..200].iter().all(|event| event.words.is_empty()));
    }

    #[test]
    fn behind_a_failure_nothing_of_its_generation_is_stored() {
        let memory = Memory::new();
        memory.fail_until_healed();
        let (mut journal, _handle, mut results) = start(&memory);
        journal.submit(job(0, 0, 1..=2)).unwrap();
        let Some(Settled::Failed { events, generation: 0, .. }) = results.blocking_recv() else {
            panic!("it fails")
        };
        assert_eq!(events.len(), 2);
        memory.heal();
        journal.submit(job(1, 0, 3..=3)).unwrap();
        assert!(matches!(results.blocking_recv(), Some(Settled::Failed { generation: 0, .. })));
        assert!(journal.probe());
        assert!(matches!(results.blocking_recv(), Some(Settled::Probed(Ok(())))));
        journal.submit(job(2, 1, 1..=1)).unwrap();
        let stored = results.blocking_recv();
        assert!(matches!(stored, Some(Settled::Stored { batch: 2, generation: 1, events: 1 })));
        assert_eq!(memory.events().len(), 1);
    }
}
