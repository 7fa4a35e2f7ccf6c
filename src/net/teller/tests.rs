//! A teller with readers that are slow, asleep or gone.

use super::*;
use crate::event::{Batch, Dir, Form, Kind, Row};

fn rows(count: usize) -> Event {
    let row = Row {
        service: Some(ServiceId(1)),
        kind: Kind::Data,
        dir: Dir::In,
        form: Form::Json,
        start: 0,
        len: 0,
        seq: None,
        lag: None,
        at: Ts::ZERO,
        frame: 1,
        part: 0,
        parts: 1,
    };
    Event::Rows(Batch { rows: vec![row; count], ..Batch::default() })
}

/// Everything that can be had now, and what was shed by then.
async fn drain(teller: &mut Teller, reader: &mut mpsc::Receiver<Stamped>) -> (Vec<Event>, u64) {
    let (mut events, mut shed) = (Vec::new(), 0);
    loop {
        while let Ok(stamped) = reader.try_recv() {
            if let Event::Shed { count, .. } = stamped.event {
                shed += count;
            } else {
                events.push(stamped.event);
            }
        }
        if !teller.is_owing() {
            return (events, shed);
        }
        teller.room(Ts::ZERO).await;
    }
}

#[tokio::test]
async fn rows_are_shed_and_counted_and_turns_are_kept_in_order() {
    let (queue, mut reader) = mpsc::channel(MARGIN + 4);
    let mut teller = Teller::new(FeedId(0), [(queue, Patience::Shed)]);
    let mut turns = Vec::new();
    for attempt in 0..500 {
        teller.tell(Ts::ZERO, rows(3));
        teller.tell(Ts::ZERO, Event::Dialing { attempt });
        turns.push(Event::Dialing { attempt });
    }
    let (events, shed) = drain(&mut teller, &mut reader).await;
    let shown = events.iter().filter(|event| matches!(event, Event::Rows(_))).count();
    assert_eq!(shown as u64 * 3 + shed, 1500);
    assert!(shed > 0);
    let told: Vec<_> = events.into_iter().filter(|event| !matches!(event, Event::Rows(_))).collect();
    assert_eq!(told, turns);
}

#[tokio::test]
async fn a_patient_reader_misses_nothing() {
    let (queue, mut reader) = mpsc::channel(2);
    let mut teller = Teller::new(FeedId(0), [(queue, Patience::Wait)]);
    for _ in 0..10 {
        teller.tell(Ts::ZERO, rows(1));
    }
    assert!(teller.is_full());
    let (events, shed) = drain(&mut teller, &mut reader).await;
    assert_eq!((events.len(), shed), (10, 0));
    assert!(!teller.is_full());
}

fn large(mib: usize) -> Event {
    let Event::Rows(batch) = rows(1) else { unreachable!() };
    Event::Rows(Batch { bytes: vec![b'x'; mib << 20].into(), ..batch })
}

/// What lies in the queue, in MiB.
fn lying(reader: &mut mpsc::Receiver<Stamped>) -> usize {
    let size = |stamped: Stamped| if let Event::Rows(batch) = stamped.event { batch.bytes.len() >> 20 } else { 0 };
    std::iter::from_fn(|| reader.try_recv().ok()).map(size).sum()
}

#[tokio::test]
async fn a_queue_holds_so_many_bytes_and_no_more() {
    for patience in [Patience::Shed, Patience::Wait] {
        let (queue, mut reader) = mpsc::channel(1024);
        let mut teller = Teller::new(FeedId(0), [(queue, patience)]);
        // The socket is not read while a patient reader has no room.
        let told = (0..200)
            .take_while(|_| {
                !teller.is_full() && {
                    teller.tell(Ts::ZERO, large(1));
                    true
                }
            })
            .count();
        assert!(lying(&mut reader) <= 65, "{patience:?}");
        assert!(patience == Patience::Shed || told <= 66, "{told}");
    }
}

#[tokio::test]
async fn large_rows_reach_a_patient_reader_one_by_one() {
    let (queue, mut reader) = mpsc::channel(16);
    let mut teller = Teller::new(FeedId(0), [(queue, Patience::Wait)]);
    (0..5).for_each(|_| teller.tell(Ts::ZERO, large(40)));
    teller.tell(Ts::ZERO, Event::Ready);
    assert!(teller.is_full());
    let (events, shed) = drain(&mut teller, &mut reader).await;
    assert_eq!((events.len(), shed), (6, 0));
    assert_eq!(events.last(), Some(&Event::Ready));
    assert!(!teller.is_full());
}

#[tokio::test]
async fn a_slow_reader_keeps_no_other_from_anything() {
    let (slow, _asleep) = mpsc::channel(1);
    let (quick, mut reader) = mpsc::channel(5000);
    let mut teller = Teller::new(FeedId(0), [(slow, Patience::Shed), (quick, Patience::Wait)]);
    for attempt in 0..4000 {
        teller.tell(Ts::ZERO, Event::Dialing { attempt });
    }
    let mut count = 0;
    while reader.try_recv().is_ok() {
        count += 1;
    }
    assert_eq!(count, 4000);
}

#[tokio::test]
async fn what_waits_is_bounded_and_the_rest_is_counted() {
    let (queue, mut reader) = mpsc::channel(1);
    let mut teller = Teller::new(FeedId(0), [(queue, Patience::Shed)]);
    let told = MOST_WAITING * 3;
    for seq in 0..told {
        teller.tell(Ts::ZERO, Event::Repeated { service: ServiceId(0), seq: seq as u64 });
    }
    let (events, shed) = drain(&mut teller, &mut reader).await;
    assert_eq!(events.len() as u64 + shed, told as u64);
    assert!(events.len() <= MOST_WAITING + 2, "{}", events.len());
}

#[tokio::test]
async fn a_reader_that_left_owes_nothing() {
    let (queue, reader) = mpsc::channel(1);
    let mut teller = Teller::new(FeedId(0), [(queue, Patience::Wait)]);
    teller.tell(Ts::ZERO, Event::Ready);
    teller.tell(Ts::ZERO, Event::Ready);
    drop(reader);
    teller.room(Ts::ZERO).await;
    assert!(teller.is_alone() && !teller.is_full() && !teller.is_owing());
}

#[tokio::test]
async fn a_log_hears_turns_alone_and_is_nobody_to_go_on_for() {
    let (log, mut turns) = mpsc::channel(2);
    let (queue, mut reader) = mpsc::channel(MARGIN + 4);
    let mut teller = Teller::new(FeedId(0), [(log, Patience::Turns), (queue, Patience::Shed)]);
    for attempt in 0..9 {
        teller.tell(Ts::ZERO, rows(3));
        teller.tell(Ts::ZERO, Event::Dialing { attempt });
    }
    assert!(!teller.is_full(), "nobody waits for it");
    let (events, shed) = drain(&mut teller, &mut turns).await;
    assert_eq!(events, (0..9).map(|attempt| Event::Dialing { attempt }).collect::<Vec<_>>());
    assert_eq!(shed, 0);
    assert!(!teller.is_alone());
    reader.close();
    assert!(teller.is_alone());
}
