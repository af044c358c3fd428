//! Runtimes of the digit example on Lambda, beside each other: what they take to start, and to answer events, one in ten of which
//! is malformed; under the emulator of `cargo lambda`, and before a bare server, which adds next to nothing.
//!
//! A runtime is a folder with an executable `bootstrap`, given as `NAME=FOLDER`; `../lambda` holds one in Python,
//! `../peers/lambda` is one in Rust.

use base64::Engine;
use mu_tests::emulator::{Emulator, FUNCTION, Process};
use serde_json::{Value, json};
use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Events for each runtime, in rounds that alternate between the runtimes.
const EVENTS: usize = 10_000;
const ROUND: usize = 500;
/// Starts of each runtime.
const STARTS: usize = 11;

type Done<T> = Result<T, Box<dyn Error>>;

struct Runtime {
    name: String,
    folder: PathBuf,
}

/// Prints the table for the runtimes on the command line.
pub fn table(arguments: &[String]) -> Done<()> {
    let runtime = |argument: &String| {
        let (name, folder) = argument.split_once('=').ok_or(format!("`{argument}` is not of the form NAME=FOLDER"))?;
        let folder = std::fs::canonicalize(folder).map_err(|e| format!("{folder}: {e}"))?;
        Ok::<_, Box<dyn Error>>(Runtime { name: name.into(), folder })
    };
    let runtimes: Vec<Runtime> = arguments.iter().map(runtime).collect::<Result<_, _>>()?;
    let picture = std::fs::read(mu_tests::root().join("examples/digits/pictures/seven.png"))?;
    let good = json!({ "image": base64::engine::general_purpose::STANDARD.encode(picture) }).to_string();
    let us = |times: &[f64], share: f64| format!("{:.0}", at(times, share) * 1e6);
    println!("| runtime | start ms |\n| --- | --- |");
    for (runtime, times) in runtimes.iter().zip(starts(&runtimes, &good)?) {
        println!("| {} | {:.1} |", runtime.name, at(&times, 0.5) * 1e3);
    }
    println!("\n| runtime, bare server | median us | p95 us |\n| --- | --- | --- |");
    for (runtime, times) in runtimes.iter().zip(bare(&runtimes, &good)?) {
        println!("| {} | {} | {} |", runtime.name, us(&times, 0.5), us(&times, 0.95));
    }
    println!("\n| what | ns |\n| --- | --- |");
    println!("| a call handed to another thread and back | {:.0} |", handed() * 1e9);
    println!("| a deadline noted and taken back | {:.0} |", noted() * 1e9);
    // The longest at the end.
    println!("\n| runtime, emulator | median us | p95 us | resident MB after {ROUND} events | after {EVENTS} |");
    println!("| --- | --- | --- | --- | --- |");
    for (runtime, (times, first, last)) in runtimes.iter().zip(emulated(&runtimes, &good)?) {
        println!("| {} | {} | {} | {first:.1} | {last:.1} |", runtime.name, us(&times, 0.5), us(&times, 0.95));
    }
    Ok(())
}

/// The value at a share of the sorted times.
fn at(times: &[f64], share: f64) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times.get(((times.len() as f64 - 1.0) * share) as usize).copied().unwrap_or(f64::NAN)
}

/// Seconds from the start of the process to the answer of its first event, under the emulator.
fn starts(runtimes: &[Runtime], good: &str) -> Done<Vec<Vec<f64>>> {
    let mut all = vec![Vec::new(); runtimes.len()];
    for _ in 0..STARTS {
        for (runtime, times) in runtimes.iter().zip(&mut all) {
            let emulator = Emulator::start();
            let seconds = std::thread::scope(|scope| {
                let asked = scope.spawn(|| emulator.invoke(good));
                // The event waits when the process starts.
                std::thread::sleep(Duration::from_millis(200));
                let start = Instant::now();
                let _process = emulator.run(&runtime.folder, Stdio::null());
                let answer = asked.join().map_err(|_| "the emulator is gone")?;
                let seconds = start.elapsed().as_secs_f64();
                check(&runtime.name, 0, &answer.1).map(|()| seconds)
            })?;
            times.push(seconds);
        }
    }
    Ok(all)
}

/// The event at a place: one in ten is malformed.
fn event(place: usize, good: &str) -> &str {
    if place % 10 == 9 { r#"{"image": "bm8gcGljdHVyZQ=="}"# } else { good }
}

fn check(name: &str, place: usize, answer: &Value) -> Done<()> {
    let right = if place % 10 == 9 { answer.get("errorType").is_some() } else { *answer == json!("7") };
    if right { Ok(()) } else { Err(format!("{name} answers event {place} with {answer}").into()) }
}

/// Seconds of each good event under the emulator, and the resident memory in MB after the first round and after the last.
fn emulated(runtimes: &[Runtime], good: &str) -> Done<Vec<(Vec<f64>, f64, f64)>> {
    let emulators: Vec<Emulator> = runtimes.iter().map(|_| Emulator::start()).collect();
    let started = emulators.iter().zip(runtimes);
    let processes: Vec<Process> = started.map(|(e, runtime)| e.run(&runtime.folder, Stdio::null())).collect();
    let mut all = vec![(Vec::new(), 0.0, 0.0); runtimes.len()];
    for round in 0..EVENTS / ROUND {
        for (i, (times, first, last)) in all.iter_mut().enumerate() {
            let (Some(emulator), Some(process), Some(runtime)) = (emulators.get(i), processes.get(i), runtimes.get(i))
            else {
                continue;
            };
            for place in round * ROUND..(round + 1) * ROUND {
                let start = Instant::now();
                let (_, answer) = emulator.invoke(event(place, good));
                let seconds = start.elapsed().as_secs_f64();
                check(&runtime.name, place, &answer)?;
                // The first event is the cold one.
                times.extend((place % 10 != 9 && place > 0).then_some(seconds));
            }
            *last = resident(process.0.id())?;
            if round == 0 {
                *first = *last;
            }
        }
    }
    Ok(all)
}

/// In MB.
fn resident(process: u32) -> Done<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1e3)
}

/// A server that hands out one event after the other and times the answers.
struct Bare {
    events: Sender<Vec<u8>>,
    answers: Receiver<(f64, Value)>,
    _process: Process,
}

impl Bare {
    fn start(runtime: &Runtime) -> Done<Bare> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let mut command = Command::new(runtime.folder.join("bootstrap"));
        command.env_clear().env("AWS_LAMBDA_RUNTIME_API", listener.local_addr()?.to_string());
        command.envs(FUNCTION).current_dir(&runtime.folder).stderr(Stdio::null());
        let (events, queue) = channel();
        let (sender, answers) = channel();
        let (queue, sent) = (Arc::new(Mutex::new(queue)), Arc::new(Mutex::new(Instant::now())));
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let (queue, sent, sender) = (queue.clone(), sent.clone(), sender.clone());
                std::thread::spawn(move || serve(stream, &queue, &sent, &sender).ok());
            }
        });
        Ok(Bare { events, answers, _process: Process(command.spawn()?) })
    }

    /// Seconds from the event's last byte to the answer's.
    fn ask(&self, event: &str) -> Done<(f64, Value)> {
        self.events.send(event.into())?;
        Ok(self.answers.recv_timeout(Duration::from_secs(60))?)
    }
}

/// One connection of a runtime.
fn serve(
    stream: TcpStream,
    queue: &Mutex<Receiver<Vec<u8>>>,
    sent: &Mutex<Instant>,
    answers: &Sender<(f64, Value)>,
) -> Done<()> {
    stream.set_nodelay(true)?;
    let mut out = stream.try_clone()?;
    let mut stream = BufReader::new(stream);
    loop {
        let (mut first, mut length) = (String::new(), 0);
        stream.read_line(&mut first)?;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line)? <= 2 {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        if first.starts_with("GET") {
            let event = queue.lock().unwrap_or_else(PoisonError::into_inner).recv()?;
            let mut reply = format!(
                "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 1\r\nLambda-Runtime-Deadline-Ms: 9000000000000\r\n\
                Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:x:1:function:digits\r\ncontent-length: {}\r\n\r\n",
                event.len()
            )
            .into_bytes();
            reply.extend(event);
            *sent.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
            out.write_all(&reply)?;
        } else {
            let seconds = sent.lock().unwrap_or_else(PoisonError::into_inner).elapsed().as_secs_f64();
            out.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n")?;
            answers.send((seconds, serde_json::from_slice(&body)?))?;
        }
    }
}

/// Seconds of each good event before the bare server.
fn bare(runtimes: &[Runtime], good: &str) -> Done<Vec<Vec<f64>>> {
    let servers: Vec<Bare> = runtimes.iter().map(Bare::start).collect::<Result<_, _>>()?;
    let mut all = vec![Vec::new(); runtimes.len()];
    for round in 0..EVENTS / ROUND {
        for ((server, runtime), times) in servers.iter().zip(runtimes).zip(&mut all) {
            for place in round * ROUND..(round + 1) * ROUND {
                let (seconds, answer) = server.ask(event(place, good))?;
                check(&runtime.name, place, &answer)?;
                times.extend((place % 10 != 9 && place > 0).then_some(seconds));
            }
        }
    }
    Ok(all)
}

/// Seconds of a call that another thread makes, as a runtime that waits for the answer or the deadline would have it.
fn handed() -> f64 {
    let (calls, queue) = channel::<usize>();
    let (done, answers) = channel::<usize>();
    std::thread::spawn(move || queue.iter().try_for_each(|call| done.send(call)));
    let far = Duration::from_secs(900);
    let times: Vec<f64> = (0..20_000)
        .map(|i| {
            let start = Instant::now();
            calls.send(i).ok();
            answers.recv_timeout(far).ok();
            start.elapsed().as_secs_f64()
        })
        .collect();
    at(&times, 0.5)
}

/// Seconds of what a call costs that a sleeping thread watches: its name and its end are noted under a lock, and taken back.
fn noted() -> f64 {
    let state: Mutex<Option<(Instant, String)>> = Mutex::new(None);
    let times: Vec<f64> = (0..20_000)
        .map(|_| {
            let start = Instant::now();
            let until = Instant::now() + Duration::from_secs(3);
            *state.lock().unwrap_or_else(PoisonError::into_inner) = Some((until, "8476a536-e9f4-11e8".repeat(2)));
            *state.lock().unwrap_or_else(PoisonError::into_inner) = None;
            start.elapsed().as_secs_f64()
        })
        .collect();
    at(&times, 0.5)
}
