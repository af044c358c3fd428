//! Sound: tasks on it and what adapters need. An `Audio` is a WAV file as it came.

/// The probability of speech in each frame of 32 ms.
task voice_activity_detection(audio: Audio) -> List<f32, 8192> {
    hub "voice-activity-detection"
    truth List<bool, 8192>
    metric accuracy: ratio, higher is better = sum(frames_right(output, truth, 0.5)) / sum(count(truth))
    metric false_alarm: ratio, lower is better = sum(frames_alarmed(output, truth, 0.5)) / sum(frames_silent(truth))
}

/// How many frames are on the right side of the threshold (at or over it is speech). Both lists must have one length.
builtin fn frames_right<N: Dim>(output: List<f32, N>, truth: List<bool, N>, threshold: f32) -> i64
/// How many silent frames are at or over the threshold.
builtin fn frames_alarmed<N: Dim>(output: List<f32, N>, truth: List<bool, N>, threshold: f32) -> i64
/// How many frames are silent.
builtin fn frames_silent<N: Dim>(truth: List<bool, N>) -> i64

/// The sound at another rate (samples a second), band-limited (a sinc of 64 zero crossings under a Kaiser window); one channel,
/// the mean of all. The same rate changes nothing. Rates lie between 1,000 and 768,000.
builtin fn resample<R: Dim>(audio: Audio, rate: dim R) -> Audio where 1000 <= R, R <= 768000
/// One channel (the mean of all) cut into frames of `size` samples between -1 and 1, the last one filled with 0; what is over `at_most` frames is an error.
builtin fn frames<S: Dim, N: Dim>(audio: Audio, size: dim S, at_most: dim N) -> List<f32[S], N> where 1 <= S, 1 <= N
/// How long the sound is.
builtin fn duration(audio: Audio) -> f64<s>
