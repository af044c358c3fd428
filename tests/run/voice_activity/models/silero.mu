//! Silero VAD 6.2.3, two exports of one network. The net hears 512 samples at 16 kHz after the last 64 of the frame before, and
//! hands a state from each frame to the next.

use std.audio

/// 24 sounds of 8 s: synthetic speech, most with noise, hum or a tone.
dataset spoken: voice_activity_detection {
    file     "spoken.npz"
    sha256   "08d7653a673df44f515067284c8ad17cfeddd22f24b10fcdf2648d25bd2c7e98"
    revision "1"
}

model silero_16k: voice_activity_detection {
    net     "silero_vad_openvino_16k.onnx" sha256 "7776b81ad1b0350c15d7f1555943b9232eb53e9ca5d989c6d0cea9ebc8664d87"
            (input: f32[1, 576], state: f32[2, 1, 128]) -> (output: f32[1, 1], stateN: f32[2, 1, 128])
    license MIT
    origin  "Silero Team, PyPI silero-vad 6.2.3"
    claim   accuracy on spoken = 95.2% (n 6000)
    claim   latency.p95 = 200 ms
    adapt {
        scan w in audio |> resample(16000) |> frames(512, 8192) with state = zeros(2, 1, 128), context = zeros(64) {
            let r = infer(input: concat(context, w) |> batch, state: state)
            next state = r.stateN
            next context = w[448..512]
            r.output |> first |> first
        }
    }
}

model silero_ifless: voice_activity_detection {
    net     "silero_vad_op18_ifless.onnx" sha256 "7671cd04b004e9076da0d4a7b1a5aec36adf161c39230c1cb94a4fd5db6bbd28"
            (input: f32[N, 576], sr: i64, state: f32[2, N, 128]) -> (output: f32[N, 1], stateN: f32[2, N, 128])
    license MIT
    origin  "Silero Team, PyPI silero-vad 6.2.3"
    claim   accuracy on spoken = 95.2% (n 6000)
    claim   latency.p95 = 220 ms
    adapt {
        scan w in audio |> resample(16000) |> frames(512, 8192) with state = zeros(2, 1, 128), context = zeros(64) {
            let r = infer(input: concat(context, w) |> batch, sr: 16000, state: state)
            next state = r.stateN
            next context = w[448..512]
            r.output |> first |> first
        }
    }
}
