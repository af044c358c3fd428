//! `mulc models optimize`: other forms of a model, kept where they are faster.

use super::Session;
use crate::cli::models::optimize::Optimize;
use crate::failure::Failure;
use crate::progress::Bar;
use crate::runtime;
use crate::today::today;
use mu_models::measure::Request;
use mu_models::optimize::{Optimized, Tried, optimize};
use std::process::ExitCode;

pub fn run(session: &Session, asked: &Optimize) -> Result<ExitCode, Failure> {
    let runtime = runtime::read()?;
    let request = Request {
        shares: vec![1.0],
        period: 0.0,
        calls: asked.calls.clamp(20, 100_000),
        spaced: 0,
        processes: asked.processes.clamp(1, 100),
        platform: None,
        date: today(),
        runtime: &runtime,
    };
    let mut bar = Bar::default();
    let optimized = optimize(&session.catalog(), &asked.model, &request, &mut bar)?;
    drop(bar);
    session.answer(&optimized, text)
}

fn text(optimized: &Optimized) -> String {
    let time = |p50: &Option<[f64; 3]>| match p50 {
        Some([value, low, high]) => {
            format!("{:.3} ms ({:.3} to {:.3}) a call at the median", value * 1e3, low * 1e3, high * 1e3)
        }
        None => "not measured".to_owned(),
    };
    if optimized.tried.is_empty() {
        return format!(
            "`{}` has no other form: nothing in it is quantised, kept in 16 bits or normalised\n",
            optimized.model
        );
    }
    let line = |form: &Tried| {
        let fate = match (&form.refused, form.kept) {
            (Some(why), _) => format!("refused: {why}"),
            (None, true) => format!("kept: {}", time(&form.p50)),
            (None, false) => format!("not faster: {}", time(&form.p50)),
        };
        format!("  {}: {}\n    {fate}\n", form.name, form.does.join(", "))
    };
    let forms: String = optimized.tried.iter().map(line).collect();
    let files: String = optimized.files.iter().map(|file| format!("  wrote {file}\n")).collect();
    format!("`{}`: {}\n{forms}{files}", optimized.model, time(&optimized.p50))
}
