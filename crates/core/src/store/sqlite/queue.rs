//! Where jobs wait for the one thread that does them.
//!
//! Waking a thread costs more than many a job. So a job that may wait wakes nobody but a thread that has nothing to do;
//! that one then sleeps on until a moment has passed, enough has come, or something comes that is urgent.

use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Jobs on their way to one thread.
pub(super) struct Queue<T> {
    waiting: Mutex<Waiting<T>>,
    wake: Condvar,
    linger: Duration,
    enough: usize,
}

struct Waiting<T> {
    jobs: Vec<T>,
    has_urgent: bool,
    is_closed: bool,
}

impl<T> Queue<T> {
    /// A queue whose jobs wait so long for company, unless there is enough of it.
    pub(super) const fn new(linger: Duration, enough: usize) -> Self {
        let waiting = Waiting { jobs: Vec::new(), has_urgent: false, is_closed: false };
        Self { waiting: Mutex::new(waiting), wake: Condvar::new(), linger, enough }
    }

    /// Adds a job; answers whether it is taken, which it is not once the queue was closed.
    pub(super) fn push(&self, job: T, is_urgent: bool) -> bool {
        let mut waiting = self.lock();
        if waiting.is_closed {
            return false;
        }
        let is_first = waiting.jobs.is_empty();
        waiting.jobs.push(job);
        waiting.has_urgent |= is_urgent;
        let is_enough = waiting.jobs.len() == self.enough;
        drop(waiting);
        if is_first || is_urgent || is_enough {
            self.wake.notify_one();
        }
        true
    }

    /// Waits for jobs, and takes all that are there, in their order; `None` once there will be no more.
    pub(super) fn take(&self) -> Option<Vec<T>> {
        let waiting = self.lock();
        let waiting = self
            .wake
            .wait_while(waiting, |waiting| waiting.jobs.is_empty() && !waiting.is_closed)
            .unwrap_or_else(PoisonError::into_inner);
        let may_wait =
            |waiting: &mut Waiting<T>| !waiting.has_urgent && !waiting.is_closed && waiting.jobs.len() < self.enough;
        let waited = self.wake.wait_timeout_while(waiting, self.linger, may_wait);
        let (mut waiting, _) = waited.unwrap_or_else(PoisonError::into_inner);
        waiting.has_urgent = false;
        let jobs = mem::take(&mut waiting.jobs);
        (!jobs.is_empty()).then_some(jobs)
    }

    /// Takes no more jobs. Those that were taken are still to be done.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.wake.notify_one();
    }

    /// Takes no more jobs, and forgets those that nobody will do.
    pub(super) fn abandon(&self) {
        self.close();
        let jobs = mem::take(&mut self.lock().jobs);
        drop(jobs);
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    /// Longer than any test lasts.
    const FOR_EVER: Duration = Duration::from_hours(1);

    #[test]
    fn what_may_wait_is_taken_with_what_is_urgent() {
        let queue = Queue::new(FOR_EVER, 10);
        thread::scope(|scope| {
            let taken = scope.spawn(|| queue.take());
            assert!(queue.push("a", false) && queue.push("b", false) && queue.push("c", true));
            assert_eq!(taken.join().unwrap().unwrap(), ["a", "b", "c"]);
        });
        assert!(queue.push("d", true));
        assert_eq!(queue.take().unwrap(), ["d"]);
    }

    #[test]
    fn enough_of_what_may_wait_waits_no_longer() {
        let queue = Queue::new(FOR_EVER, 3);
        thread::scope(|scope| {
            let taken = scope.spawn(|| queue.take());
            assert!((0..3).all(|n| queue.push(n, false)));
            assert_eq!(taken.join().unwrap().unwrap(), [0, 1, 2]);
        });
    }

    #[test]
    fn what_has_no_company_is_taken_after_a_while() {
        let queue = Queue::new(Duration::from_millis(1), 3);
        assert!(queue.push("a", false));
        assert_eq!(queue.take().unwrap(), ["a"]);
    }

    #[test]
    fn a_closed_queue_gives_out_what_it_has_and_takes_no_more() {
        let queue = Queue::new(FOR_EVER, 3);
        assert!(queue.push("a", false));
        queue.close();
        assert!(!queue.push("b", true));
        assert_eq!(queue.take().unwrap(), ["a"]);
        assert_eq!(queue.take(), None);
    }

    #[test]
    fn who_waits_is_told_of_the_end() {
        let queue: Queue<()> = Queue::new(FOR_EVER, 3);
        thread::scope(|scope| {
            let taken = scope.spawn(|| queue.take());
            queue.close();
            assert_eq!(taken.join().unwrap(), None);
        });
    }

    #[test]
    fn an_abandoned_queue_has_nothing() {
        let queue = Queue::new(FOR_EVER, 3);
        assert!(queue.push("a", true));
        queue.abandon();
        assert!(!queue.push("b", true));
        assert_eq!(queue.take(), None);
    }
}
