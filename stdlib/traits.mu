//! What every model has, whatever its task. A trait has a unit and a direction; where its value comes from is said here.

/// The size of the model's file, external data included.
trait size: size, lower is better from file
/// The number of weights: the elements of all initializers.
trait parameters: count, lower is better from file
/// The SPDX licence expression of the card.
trait license: license from card
/// Warm handler time at the entry's target.
trait latency.p50: time, lower is better from evidence
trait latency.p95: time, lower is better from evidence
trait latency.p99: time, lower is better from evidence
trait latency.mean: time, lower is better from evidence
/// Initialisation plus the first call's excess over a warm one.
trait cold_start: time, lower is better from evidence
/// Peak resident memory.
trait memory: size, lower is better from evidence
/// Price of requests.
trait cost: money/amount, lower is better from evidence
