//! How Linux limits a group of processes to a share of the processors: a quota of processor time for each period.
//!
//! The quota is handed out in slices, and what was used is counted at the ticks of the scheduler and at the ends of calls. So a
//! thread can run beyond its quota until the next tick; what it overran is taken from the next period. When the quota is used
//! up, the thread stands until the next period begins. A call therefore either runs at full speed or is stopped whole: its
//! time is not its work divided by the share. Times are in nanoseconds.

/// What a processor hands to a group at once, as `sched_cfs_bandwidth_slice_us` has it by default.
const SLICE: i64 = 5_000_000;
/// The ticks of a kernel built with `CONFIG_HZ=250`, as Amazon Linux, Debian and Ubuntu build theirs.
pub(crate) const TICK: i64 = 4_000_000;
/// What an idle processor keeps of its slice.
const KEPT: i64 = 1_000_000;

/// One thread in a group with a quota.
pub(crate) struct Throttle {
    quota: i64,
    period: i64,
    now: i64,
    next_period: i64,
    next_tick: i64,
    /// Left of the period's quota.
    pool: i64,
    /// Left of what the processor was handed; negative where the thread overran.
    slice: i64,
}

impl Throttle {
    /// `share` is below 1; the period and the share are large enough that the quota is not zero.
    pub(crate) fn new(share: f64, period: i64) -> Throttle {
        let quota = ((share * period as f64) as i64).max(1);
        Throttle { quota, period, now: 0, next_period: period, next_tick: TICK, pool: quota, slice: 0 }
    }

    /// A pause that is long enough for a full quota; the next call comes `in_period` after a period began, with the next tick
    /// `to_tick` later.
    pub(crate) fn pause(&mut self, in_period: i64, to_tick: i64) {
        self.pool = self.quota;
        self.slice = self.slice.min(KEPT);
        self.now = 0;
        self.next_period = (self.period - in_period).max(1);
        self.next_tick = to_tick.max(1);
    }

    /// Moves the ticks against the periods.
    pub(crate) fn shift(&mut self, to_tick: i64) {
        self.next_tick = self.now + to_tick.max(1);
    }

    /// What the clock shows.
    pub(crate) fn now(&self) -> i64 {
        self.now
    }

    /// Uses so much of the processor; what the clock shows when that is done. Time that must be waited for thereafter is not
    /// in it: it falls into the next run, or into a pause.
    pub(crate) fn run(&mut self, demand: i64) -> i64 {
        let mut left = demand;
        while left > 0 {
            let end = (self.now + left).min(self.next_tick).min(self.next_period);
            let ran = end - self.now;
            left -= ran;
            self.slice -= ran;
            self.now = end;
            if end == self.next_period {
                self.begin_period();
            }
            if end == self.next_tick {
                self.next_tick += TICK;
                self.count();
            }
        }
        let done = self.now;
        self.count();
        done
    }

    fn begin_period(&mut self) {
        self.pool = self.quota;
        self.next_period += self.period;
    }

    /// Takes a new slice where the last one is used up, and stands where there is none.
    fn count(&mut self) {
        if self.slice > 0 {
            return;
        }
        self.take(SLICE - self.slice);
        while self.slice <= 0 {
            self.now = self.next_period;
            self.begin_period();
            self.take(1 - self.slice);
        }
        if self.next_tick <= self.now {
            self.next_tick += (self.now - self.next_tick) / TICK * TICK + TICK;
        }
    }

    fn take(&mut self, wanted: i64) {
        let taken = wanted.min(self.pool);
        self.pool -= taken;
        self.slice += taken;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: i64 = 1_000_000;

    #[test]
    fn long_work_gets_its_share_and_no_more() {
        for share in [0.05, 0.25, 0.5, 0.9] {
            let mut throttle = Throttle::new(share, 20 * MS);
            let time = throttle.run(10_000 * MS);
            let got = 10_000.0 * MS as f64 / time as f64;
            assert!((got / share - 1.0).abs() < 0.01, "{got} of {share}");
        }
    }

    #[test]
    fn short_work_after_a_pause_is_not_slowed() {
        let mut throttle = Throttle::new(0.25, 20 * MS);
        for phase in 0..20 {
            throttle.pause(phase * MS, MS);
            assert_eq!(throttle.run(MS), MS);
        }
    }

    #[test]
    fn work_beyond_the_quota_stands_until_the_next_period() {
        let mut throttle = Throttle::new(0.25, 20 * MS);
        throttle.pause(0, MS);
        // Ticks at 1, 5, 9 ms: the quota of 5 ms is seen to be used up at 5 ms.
        assert_eq!(throttle.run(6 * MS), 21 * MS);
    }

    #[test]
    fn back_to_back_calls_pay_for_the_calls_before() {
        let mut throttle = Throttle::new(0.5, 20 * MS);
        let ends: Vec<i64> = (0..40).map(|_| throttle.run(MS)).collect();
        let stood = ends.windows(2).filter(|pair| pair[1] - pair[0] > MS).count();
        assert!((2..=4).contains(&stood), "{ends:?}");
        assert!((60 * MS..=90 * MS).contains(&ends[39]), "{ends:?}");
    }
}
