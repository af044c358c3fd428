use std.text

slot embed: feature_extraction {
    select at request by latency.p95 / 10 ms, size / 1 MB
}
