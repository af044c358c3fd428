//! What every peer does alike: its command line, its inputs from `.npy` files, its answer, its timing.
//!
//! `PEER call MODEL NAME=FILE.npy...` answers once; `PEER warm COUNT MODEL NAME=FILE.npy...` loads the model, calls it once and
//! then so many times more, and says what each call took.

use std::time::Instant;

/// The elements of a tensor, of the types that the models take.
#[derive(Clone)]
pub enum Data {
    F32(Vec<f32>),
    I32(Vec<i32>),
    I64(Vec<i64>),
}

/// An input by its name in the file of the model.
#[derive(Clone)]
pub struct Input {
    pub name: String,
    pub shape: Vec<usize>,
    pub data: Data,
}

/// What is said of a model's first output: its largest element, and the sum of the squares of all.
pub struct Answer {
    pub largest: f32,
    pub energy: f32,
}

impl Answer {
    pub fn of(output: &[f32]) -> Answer {
        Answer {
            largest: output.iter().copied().fold(f32::NEG_INFINITY, f32::max),
            energy: output.iter().map(|x| x * x).sum(),
        }
    }
}

/// Runs a peer. `load` reads the model and readies it for these inputs; what it gives is called for each answer.
pub fn run<C: FnMut() -> Answer>(load: impl FnOnce(&str, Vec<Input>) -> C) {
    let mut words = std::env::args().skip(1);
    let mut word = || words.next().expect("call MODEL INPUTS or warm COUNT MODEL INPUTS");
    let calls = match word().as_str() {
        "warm" => Some(word().parse::<usize>().expect("a count")),
        _ => None,
    };
    let model = word();
    let inputs = words.map(|input| read(&input)).collect();
    let mut call = load(&model, inputs);
    let start = Instant::now();
    let Answer { largest, energy } = call();
    match calls {
        None => println!("{{\"largest\":{largest},\"energy\":{energy}}}"),
        Some(calls) => {
            let first = start.elapsed().as_nanos();
            let mut wall = Vec::with_capacity(calls);
            for _ in 0..calls {
                let start = Instant::now();
                call();
                wall.push(start.elapsed().as_nanos());
            }
            println!("{{\"first\":{first},\"wall\":{wall:?}}}");
        }
    }
}

/// Reads `NAME=FILE.npy`.
fn read(input: &str) -> Input {
    let (name, file) = input.split_once('=').expect("NAME=FILE");
    let bytes = std::fs::read(file).expect("a file");
    let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let (head, body) = bytes[10..].split_at(length);
    let head = std::str::from_utf8(head).expect("a head of ASCII");
    let between =
        |from: &str, to: &str| head.split_once(from).and_then(|(_, rest)| rest.split_once(to)).map(|(x, _)| x);
    let shape = between("'shape': (", ")").expect("a shape").split(',').map(str::trim).filter(|dim| !dim.is_empty());
    let data = match between("'descr': '", "'").expect("a type") {
        "<f4" => Data::F32(body.as_chunks::<4>().0.iter().map(|x| f32::from_le_bytes(*x)).collect()),
        "<i4" => Data::I32(body.as_chunks::<4>().0.iter().map(|x| i32::from_le_bytes(*x)).collect()),
        "<i8" => Data::I64(body.as_chunks::<8>().0.iter().map(|x| i64::from_le_bytes(*x)).collect()),
        other => panic!("no model here takes {other}"),
    };
    Input { name: name.into(), shape: shape.map(|dim| dim.parse().expect("a number")).collect(), data }
}
