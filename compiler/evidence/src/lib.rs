//! What was measured of models: evaluations with their sample size and interval, profiles with their platform, and the
//! statistics that say how far they carry.
//!
//! Evidence lies in the catalog beside the cards, one file a card, `models/evidence/CARD.toml`. It is written by
//! `mulc models` and only read by everything else. Nothing here measures, and nothing here opens a file.

pub mod calibration;
mod file;
mod platform;
mod predict;
mod record;
mod report_line;
pub mod stats;
pub mod store;
mod throttle;

pub use calibration::{Calibrated, Calibration, CalibrationError, Probe, calibration_path};
pub use file::{FileError, VERSION};
pub use platform::{is_platform_name, platform};
pub use predict::{Pace, Predicted, predict, predict_at};
pub use record::{
    Evaluation, Evidence, Gate, Interval, Latency, Method, PERCENTILES, Platform, Profile, Quantile, Through,
};
pub use report_line::{Invocation, invocations};
pub use store::Store;

/// The folder of the evidence in a project.
pub const FOLDER: &str = "models/evidence";

/// Where the evidence of a card lies, from the project's folder.
pub fn path(card: &str) -> String {
    format!("{FOLDER}/{card}.toml")
}
