//! A timeline in one line of text: what came, when the fault began, when the link was left and there again. Every mark
//! is one column wide.

use std::time::Duration;

use super::grade::Graded;
use super::world::Mark;
use crate::time::Ts;

/// Columns of a picture.
pub(super) const WIDTH: usize = 40;
/// So much is shown of what was before the fault.
const BEFORE: Duration = Duration::from_secs(2);

/// In rising order of what is worth a column.
fn rank(mark: Mark) -> u8 {
    match mark {
        Mark::Data(_) => 0,
        Mark::Beat => 1,
        Mark::Ended => 2,
        Mark::Knock => 3,
        Mark::Turned => 4,
        Mark::Open => 5,
        Mark::Left => 6,
        Mark::Fault => 7,
    }
}

pub(super) fn picture(graded: &Graded, ascii: bool) -> String {
    let from = graded.fault_at.map_or(graded.from, |at| back(at, BEFORE).max(graded.from));
    let length = (graded.until - from).max(Duration::from_millis(100));
    let column = |at: Ts| {
        let share = (at - from).as_nanos().saturating_mul(WIDTH as u128) / length.as_nanos().max(1);
        usize::try_from(share).unwrap_or(WIDTH).min(WIDTH - 1)
    };
    let mut data = [0_u64; WIDTH];
    let mut best: [Option<Mark>; WIDTH] = [None; WIDTH];
    let mut open = [false; WIDTH];
    let mut state = (0, graded.open);
    for (at, mark) in &graded.marks {
        let at_column = if *at < from { 0 } else { column(*at) };
        let now_open = match mark {
            Mark::Open | Mark::Data(_) | Mark::Beat => Some(true),
            Mark::Left | Mark::Ended => Some(false),
            Mark::Fault | Mark::Knock | Mark::Turned => None,
        };
        if let Some(now_open) = now_open {
            open.iter_mut().take(at_column).skip(state.0).for_each(|open| *open = state.1);
            state = (at_column, now_open);
        }
        if *at < from {
            continue;
        }
        if let Mark::Data(count) = mark {
            data[at_column] = data[at_column].saturating_add(*count);
        }
        if best[at_column].is_none_or(|known| rank(known) < rank(*mark)) {
            best[at_column] = Some(*mark);
        }
    }
    open.iter_mut().skip(state.0).for_each(|open| *open = state.1);
    let most = data.iter().copied().max().unwrap_or(0).max(1);
    let cell = |at: usize| {
        let [fancy, plain] = match best[at] {
            Some(Mark::Data(_)) => {
                let level = usize::try_from(data[at].saturating_mul(5) / most).unwrap_or(5).min(5);
                [['▁', '▂', '▃', '▄', '▅', '▆'][level], ['-', '-', '=', '=', '#', '#'][level]]
            }
            Some(Mark::Beat) => ['♥', 'h'],
            Some(Mark::Ended) => ['¦', '|'],
            Some(Mark::Knock) => ['○', 'o'],
            Some(Mark::Turned) => ['⊘', '/'],
            Some(Mark::Open) => ['●', 'O'],
            Some(Mark::Left) => ['!', '!'],
            Some(Mark::Fault) => ['✕', 'X'],
            None if open[at] => ['·', '.'],
            None => [' ', ' '],
        };
        if ascii { plain } else { fancy }
    };
    (0..WIDTH).map(cell).collect()
}

fn back(at: Ts, by: Duration) -> Ts {
    Ts::from_nanos(at.as_nanos().saturating_sub(u64::try_from(by.as_nanos()).unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drill::grade::Measured;

    #[test]
    fn a_fault_is_seen_from_left_to_right() {
        let at = |secs: f64| Ts::ZERO + Duration::from_secs_f64(secs);
        let marks = vec![
            (at(0.5), Mark::Open),
            (at(8.2), Mark::Data(1)),
            (at(9.1), Mark::Data(9)),
            (at(10.0), Mark::Fault),
            (at(12.0), Mark::Beat),
            (at(14.0), Mark::Left),
            (at(16.0), Mark::Knock),
            (at(16.1), Mark::Open),
            (at(17.0), Mark::Data(9)),
        ];
        let (findings, measured) = (Vec::new(), Measured::default());
        let graded =
            Graded { findings, measured, fault_at: Some(at(10.0)), from: at(1.0), until: at(18.0), open: false, marks };
        let plain = picture(&graded, true);
        let order: String = plain.chars().filter(|c| "XhoO!#".contains(*c)).collect();
        assert_eq!(order, "#Xh!O#", "{plain}");
        assert_eq!(picture(&graded, true).chars().count(), WIDTH);
        assert!(picture(&graded, true).is_ascii());
    }
}
