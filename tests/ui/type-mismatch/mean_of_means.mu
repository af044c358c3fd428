/// How loud a sound is, between 0 and 1.
task loudness(audio: Audio) -> f32 {
    hub    "audio-classification"
    truth  f32
    metric spread: ratio, lower is better = mean(abs(output - mean(truth)))
}
