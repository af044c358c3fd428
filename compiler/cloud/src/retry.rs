//! Asking again: the one loop for all requests, with growing pauses and an end.

use crate::error::{Again, Failed};
use std::time::Duration;
use tokio::time::sleep;

/// Requests are asked at most this often: one that fails half the time fails once in 4,096.
const MOST: u32 = 12;
/// As [`MOST`], where nobody answers at all.
const FEW: u32 = 5;
/// As [`MOST`], for what is known to take its time: a new role, an update that is under way.
const LONG: u32 = 60;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Asks until there is an answer, an error that stays, or no patience left.
pub(crate) async fn retry<T>(ask: impl AsyncFnMut() -> Result<T, Failed>) -> Result<T, Failed> {
    retry_with(sleep, ask).await
}

/// As [`retry`], with another way to wait.
pub(crate) async fn retry_with<T>(
    wait: impl AsyncFn(Duration),
    mut ask: impl AsyncFnMut() -> Result<T, Failed>,
) -> Result<T, Failed> {
    let mut attempt = 1;
    loop {
        let failed = match ask().await {
            Ok(answer) => return Ok(answer),
            Err(failed) => failed,
        };
        let most = match failed.again {
            Again::No => 1,
            Again::Few => FEW,
            Again::Many => MOST,
            Again::Long => LONG,
        };
        if attempt >= most {
            return Err(failed);
        }
        wait(pause(attempt)).await;
        attempt += 1;
    }
}

/// The pause after this attempt, from 1.
fn pause(attempt: u32) -> Duration {
    (FIRST_PAUSE * 2u32.pow((attempt - 1).min(10))).min(LONGEST_PAUSE)
}
