//! Tables: tasks on their rows.

/// Puts one label of `L` on a row.
task tabular_classification<R: Record, L: Labels>(row: R) -> Ranking<L> {
    hub "tabular-classification"
    truth L
    metric accuracy: ratio, higher is better = mean(hit(output, truth, 1))
}

/// A number for a row, in the unit `U`.
task tabular_regression<R: Record, U: Unit>(row: R) -> f32<U> {
    hub "tabular-regression"
    truth f32<U>
    metric mae: U, lower is better = mean(abs(output - truth))
    metric r2: ratio, higher is better = 1.0 - mean(square(output - truth)) / variance(truth)
}
