//! How long work reports how far it is.

/// Receives progress; a terminal shows a bar.
pub trait Progress {
    /// A step of the work begins: `what` in a few words, `total` units of it.
    fn start(&mut self, what: &str, total: u64);
    /// So many units of the step are done.
    fn advance(&mut self, units: u64);
}

/// Shows nothing.
pub struct Silent;

impl Progress for Silent {
    fn start(&mut self, _: &str, _: u64) {}
    fn advance(&mut self, _: u64) {}
}
