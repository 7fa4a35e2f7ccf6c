//! The columns of a message pane before the message itself, and the list in which they are chosen.

/// A column that may stand before the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    Time,
    /// Time from the selected message, or from the newest.
    Delta,
    Service,
    Kind,
    Dir,
    Size,
}

impl Column {
    /// In the order in which they stand.
    pub const ALL: [Self; 6] = [Self::Time, Self::Delta, Self::Service, Self::Kind, Self::Dir, Self::Size];

    /// What the configuration calls it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Delta => "delta",
            Self::Service => "service",
            Self::Kind => "kind",
            Self::Dir => "dir",
            Self::Size => "size",
        }
    }
}

/// Which are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    shown: [bool; Column::ALL.len()],
    /// Where the list of them stands.
    pub at: usize,
}

impl Default for Columns {
    fn default() -> Self {
        Self::of(&[Column::Time, Column::Dir])
    }
}

impl Columns {
    pub fn of(columns: &[Column]) -> Self {
        Self { shown: Column::ALL.map(|column| columns.contains(&column)), at: 0 }
    }

    pub fn has(&self, column: Column) -> bool {
        self.iter().any(|shown| shown == column)
    }

    pub fn iter(&self) -> impl Iterator<Item = Column> {
        Column::ALL.into_iter().zip(self.shown).filter(|(_, shown)| *shown).map(|(column, _)| column)
    }

    pub fn turn(&mut self, column: Column) {
        for (known, shown) in Column::ALL.into_iter().zip(&mut self.shown) {
            *shown ^= known == column;
        }
    }

    /// Turns the one at which the list stands.
    pub fn turn_chosen(&mut self) {
        if let Some(shown) = self.shown.get_mut(self.at) {
            *shown = !*shown;
        }
    }

    /// The line of the configuration that says the same.
    pub fn setting(&self) -> String {
        let words: Vec<_> = self.iter().map(|column| format!("\"{}\"", column.word())).collect();
        format!("columns = [{}]", words.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_turned_on_and_off() {
        let mut columns = Columns::default();
        assert_eq!(columns.setting(), r#"columns = ["time", "dir"]"#);
        columns.turn(Column::Delta);
        columns.turn_chosen();
        assert_eq!(columns.iter().collect::<Vec<_>>(), [Column::Delta, Column::Dir]);
        assert!(!columns.has(Column::Time));
    }
}
