slott reader: image_classification<Digit> {
    require latency.p95 <= 5 ms
}
