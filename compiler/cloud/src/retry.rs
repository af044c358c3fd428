//! Asking again: the one loop for all requests, with growing pauses and an end.

use crate::error::{Again, Failed};
use aws_sdk_s3::config::{AsyncSleep, SharedAsyncSleep};
use std::time::Duration;

/// Requests are asked at most this often: one that fails half the time fails once in 4,096.
const MOST: u32 = 12;
/// As [`MOST`], where nobody answers at all.
const FEW: u32 = 5;
/// As [`MOST`], for what is known to take its time: a new role, an update that is under way.
const LONG: u32 = 60;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How to wait: as the settings of AWS say, so that a test need not; by the clock where they do not.
#[derive(Debug, Clone, Default)]
pub(crate) struct Patience(pub Option<SharedAsyncSleep>);

impl Patience {
    pub async fn pause(&self, time: Duration) {
        match &self.0 {
            Some(sleep) => sleep.sleep(time).await,
            None => tokio::time::sleep(time).await,
        }
    }

    /// Asks until there is an answer, an error that stays, or no patience left.
    pub async fn retry<T>(&self, mut ask: impl AsyncFnMut() -> Result<T, Failed>) -> Result<T, Failed> {
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
            self.pause(pause(attempt)).await;
            attempt += 1;
        }
    }
}

/// As [`Patience::retry`], by the clock.
pub(crate) async fn retry<T>(ask: impl AsyncFnMut() -> Result<T, Failed>) -> Result<T, Failed> {
    Patience::default().retry(ask).await
}

/// The pause after this attempt, from 1.
fn pause(attempt: u32) -> Duration {
    (FIRST_PAUSE * 2u32.pow((attempt - 1).min(10))).min(LONGEST_PAUSE)
}
