//! One operation on a pipe, counted over all pipes of a bench, that does not do what it should. Which one, a test says.

use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

/// What becomes of a read, a write, a flush or a shutdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Break {
    /// It fails, and so does everything that follows on its pipe.
    Error(io::ErrorKind),
    /// It fails, and what follows works.
    Once(io::ErrorKind),
    /// The pipe is at its end for good.
    End,
    /// Not now, but soon.
    Later,
    /// One byte at the most.
    Little,
}

#[derive(Debug, Default)]
pub(crate) struct Breaks {
    operations: AtomicUsize,
    plan: Mutex<Option<(usize, Break)>>,
}

impl Breaks {
    /// The operation of that number, counted from 0, is to break.
    pub(crate) fn at(&self, number: usize, how: Break) {
        *self.plan.lock().unwrap() = Some((number, how));
    }

    pub(crate) fn operations(&self) -> usize {
        self.operations.load(Ordering::SeqCst)
    }

    pub(crate) fn next(&self) -> Option<Break> {
        let number = self.operations.fetch_add(1, Ordering::SeqCst);
        let plan = *self.plan.lock().unwrap();
        plan.filter(|(at, _)| *at == number).map(|(_, how)| how)
    }

    /// What a socket does that would block: whoever asked is woken when it is worth asking again, and not before.
    pub(crate) fn later<T>(cx: &Context<'_>) -> Poll<T> {
        let waker = cx.waker().clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(5)).await;
            waker.wake();
        });
        Poll::Pending
    }
}
