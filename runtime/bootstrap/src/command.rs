//! The command line.

use lexopt::Arg::{Long, Short, Value};
use lexopt::{Parser, ValueExt};
use std::path::PathBuf;
use std::time::Duration;

pub const HELP: &str = "\
The runtime of a MuLambda bundle.

Usage:
  bootstrap call FUNCTION --input NAME=VALUE...   answers once, as JSON on stdout
  bootstrap serve [--port N] [--host H]           serves plain JSON over HTTP (default 127.0.0.1:8080)
  bootstrap                                       on Lambda, where AWS_LAMBDA_RUNTIME_API is set

Options:
  --input NAME=VALUE   an input: a text or a label as it is, anything else as JSON
  --input NAME=@FILE   an input from a file (.png, .jpg, .wav, .npy, .json, text)
  --prefer W           what the call weighs where requests choose the model: 0.7,0.3 or latency.p95=0.7,top1=0.3
  --bundle DIR         the bundle; default: the folder of this executable
  --help, --version

Examples:
  bootstrap call read_digit --input image=@seven.png
  bootstrap serve --port 8080
  curl --data-binary @seven.png -H 'content-type: image/png' http://127.0.0.1:8080/read_digit
";

pub struct Options {
    pub bundle: Option<PathBuf>,
    pub command: Option<Command>,
}

pub enum Command {
    Help,
    Version,
    Call {
        function: String,
        inputs: Vec<String>,
        prefer: Option<String>,
    },
    Serve {
        host: String,
        port: u16,
    },
    /// For `mulc models measure`; the help does not speak of it.
    Measure(Measure),
    /// For `mulc build`, likewise: freezes the models of a bundle into a file.
    Freeze {
        out: PathBuf,
    },
    /// One process of it; prints what it made at an address.
    FreezeAt(usize),
    /// Another: compares what was frozen with the models.
    FreezeProve(PathBuf),
}

/// One process of a measurement.
pub struct Measure {
    pub function: String,
    /// A file with an object of inputs on each line; calls take them in turn.
    pub inputs: PathBuf,
    /// How many calls follow the first one.
    pub calls: usize,
    /// The least pause before each call; the longest is half as long again.
    pub spacing: Duration,
    /// The control group to enter before anything is loaded.
    pub group: Option<PathBuf>,
}

/// Reads the arguments. The error is a sentence for the user.
pub fn parse(parser: Parser) -> Result<Options, String> {
    parse_all(parser).map_err(|e| format!("{e}; see bootstrap --help"))
}

fn parse_all(mut parser: Parser) -> Result<Options, lexopt::Error> {
    let (mut bundle, mut host, mut port, mut prefer) = (None, None, None, None);
    let (mut words, mut inputs) = (Vec::new(), Vec::new());
    let (mut file, mut calls, mut spacing, mut group, mut out) = (None, None, None, None, None);
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(Options { bundle, command: Some(Command::Help) }),
            Short('V') | Long("version") => return Ok(Options { bundle, command: Some(Command::Version) }),
            Long("bundle") => bundle = Some(PathBuf::from(parser.value()?)),
            Long("input") => inputs.push(parser.value()?.string()?),
            Long("prefer") => prefer = Some(parser.value()?.string()?),
            Long("host") => host = Some(parser.value()?.string()?),
            Long("port") => port = Some(parser.value()?.parse()?),
            Long("inputs") => file = Some(PathBuf::from(parser.value()?)),
            Long("calls") => calls = Some(parser.value()?.parse()?),
            Long("spacing") => spacing = Some(parser.value()?.parse()?),
            Long("out") => out = Some(PathBuf::from(parser.value()?)),
            Long("group") => group = Some(PathBuf::from(parser.value()?)),
            Value(word) => words.push(word.string()?),
            _ => return Err(arg.unexpected()),
        }
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let command = match words.as_slice() {
        [] => None,
        ["call", function] => Some(Command::Call {
            function: function.to_string(),
            inputs: std::mem::take(&mut inputs),
            prefer: prefer.take(),
        }),
        ["call"] => return Err("`call` needs the name of a function".into()),
        ["serve"] => Some(Command::Serve {
            host: host.take().unwrap_or_else(|| "127.0.0.1".to_string()),
            port: port.take().unwrap_or(8080),
        }),
        ["measure", function] => Some(Command::Measure(Measure {
            function: function.to_string(),
            inputs: file.take().ok_or("`measure` needs --inputs FILE")?,
            calls: calls.take().ok_or("`measure` needs --calls N")?,
            spacing: Duration::from_millis(spacing.take().unwrap_or(0)),
            group: group.take(),
        })),
        ["freeze"] => Some(Command::Freeze { out: out.take().ok_or("`freeze` needs --out FILE")? }),
        ["freeze-prove"] => Some(Command::FreezeProve(out.take().ok_or("`freeze-prove` needs --out FILE")?)),
        ["freeze-at", place] => Some(Command::FreezeAt(place.parse().map_err(|_| "`freeze-at` needs an address")?)),
        ["measure"] => return Err("`measure` needs the name of a function".into()),
        ["call" | "measure", _, extra, ..] | ["serve" | "freeze", extra, ..] => {
            return Err(format!("`{extra}` is one word too many").into());
        }
        [other, ..] => return Err(format!("there is no command `{other}`").into()),
    };
    if !inputs.is_empty() || prefer.is_some() {
        return Err("--input and --prefer belong to `call`".into());
    }
    if host.is_some() || port.is_some() {
        return Err("--host and --port belong to `serve`".into());
    }
    if file.is_some() || calls.is_some() || spacing.is_some() || group.is_some() {
        return Err("--inputs, --calls, --spacing and --group belong to `measure`".into());
    }
    if out.is_some() {
        return Err("--out belongs to `freeze`".into());
    }
    Ok(Options { bundle, command })
}
