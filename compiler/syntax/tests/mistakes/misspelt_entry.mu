slot reader: image_classification<Digit> {
    requires latency.p95 <= 5 ms
}
