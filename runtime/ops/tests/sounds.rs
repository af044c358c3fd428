//! WAV files of all kinds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{call, sound};
use hound::{SampleFormat, WavSpec, WavWriter};
use mu_format::ir::Attr;
use mu_format::op::Op;
use mu_format::types::Type;
use mu_format::value::{Audio, Value};
use mu_ops::check_audio;
use std::io::Cursor;

fn wav<S: hound::Sample + Copy>(channels: u16, bits: u16, format: SampleFormat, samples: &[S]) -> Vec<u8> {
    let spec = WavSpec { channels, sample_rate: 8_000, bits_per_sample: bits, sample_format: format };
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut bytes, spec).unwrap();
    samples.iter().for_each(|sample| writer.write_sample(*sample).unwrap());
    writer.finalize().unwrap();
    bytes.into_inner()
}

/// The samples as the operations see them.
fn samples(file: Vec<u8>) -> Vec<f32> {
    match call(Op::Resample, &[Attr::Int(8_000)], &[sound(file)], &Type::Audio) {
        Ok(Value::Audio(Audio::Samples { data, .. })) => data.to_vec(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn whole_numbers_of_every_width_lie_between_minus_one_and_one() {
    assert_eq!(samples(wav(1, 8, SampleFormat::Int, &[64i8, -128])), [0.5, -1.0]);
    assert_eq!(samples(wav(1, 16, SampleFormat::Int, &[16384i16, -32768])), [0.5, -1.0]);
    assert_eq!(samples(wav(1, 24, SampleFormat::Int, &[1i32 << 22, -(1 << 23)])), [0.5, -1.0]);
    assert_eq!(samples(wav(1, 32, SampleFormat::Int, &[1i32 << 30, i32::MIN])), [0.5, -1.0]);
    assert_eq!(samples(wav(1, 32, SampleFormat::Float, &[0.25f32, -0.5])), [0.25, -0.5]);
}

#[test]
fn channels_become_their_mean() {
    assert_eq!(samples(wav(2, 16, SampleFormat::Int, &[16384i16, -16384, 16384, 0])), [0.0, 0.25]);
}

#[test]
fn the_length_counts_samples_of_one_channel() {
    let file = wav(2, 16, SampleFormat::Int, &[0i16; 8_000]);
    let seconds = call(Op::Duration, &[], &[sound(file)], &Type::scalar(mu_format::tensor::DType::F64));
    assert_eq!(seconds, Ok(Value::F64(0.5)));
}

#[test]
fn what_is_no_sound_is_refused() {
    assert_eq!(check_audio(&wav(1, 16, SampleFormat::Int, &[1i16, 2])), Ok(()));
    let message = |bytes: &[u8]| check_audio(bytes).expect_err("a broken sound").message;
    assert!(message(b"").starts_with("the sound is no WAV file: "), "{}", message(b""));
    assert!(message(b"ID3 mp3").starts_with("the sound is no WAV file: "));
    let mut half = wav(1, 16, SampleFormat::Int, &[1i16; 100]);
    half.truncate(half.len() - 7);
    assert!(message(&half).starts_with("the sound is no WAV file: "));
    let mut slow = wav(1, 16, SampleFormat::Int, &[1i16; 4]);
    slow[24..28].copy_from_slice(&7u32.to_le_bytes());
    slow[28..32].copy_from_slice(&14u32.to_le_bytes());
    assert_eq!(message(&slow), "the sound has 7 samples a second, not 1000 to 768000");
    let loud = wav(1, 32, SampleFormat::Float, &[f32::NAN]);
    assert_eq!(message(&loud), "the sound has samples that are no finite numbers");
}
