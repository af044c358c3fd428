//! The command line as data: what may be written and the help on it.

pub mod deploy;
pub mod models;

use crate::render::Format;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use mu_driver::Stage;
use std::path::PathBuf;

#[derive(Parser)]
#[command(
    name = "mulc",
    version,
    about = "The MuLambda compiler: checks, builds and runs programs that leave the choice of their models to it",
    after_help = "\
Examples:
  mulc new flowers                     make a project that builds at once
  mulc check                           check the project in this folder
  mulc run examples/digits read_digit --input image=@seven.png
  mulc explain no-model-fits           the long story of a diagnostic

Exit status: 0 done, 1 the program or the request is wrong, 2 the command line is wrong, 3 the outside world failed.",
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Make a project that builds at once
    #[command(after_help = "\
Examples:
  mulc new flowers
  mulc run flowers name_iris --input 'flower={\"sepal_length\": 6.7, \"sepal_width\": 3.0, \"petal_length\": 5.6, \
                            \"petal_width\": 2.4}'")]
    New {
        /// The folder to make; its last part is the project's name
        dir: PathBuf,
    },
    /// Check types, constraints, and whether models can be chosen
    #[command(after_help = "\
Examples:
  mulc check
  mulc check examples/digits
  mulc check one.mu --message-format sarif > report.sarif
  mulc check --locked                            fail where mu.lock would decide otherwise

With `json` and `sarif` the diagnostics are the answer and go to stdout.")]
    Check {
        #[command(flatten)]
        program: Program,
        /// Refuse to choose other models than mu.lock says
        #[arg(long)]
        locked: bool,
    },
    /// Write the bundle
    #[command(after_help = "\
Examples:
  mulc build                                     .mulc/bundle in the project's folder
  mulc build examples/digits --target lambda --out digits.zip
  mulc build --locked                            fail where mu.lock would change
  mulc build --timings                           how long each stage took")]
    Build {
        #[command(flatten)]
        program: Program,
        /// What the bundle is for
        #[arg(long, value_enum, default_value_t = Target::Local)]
        target: Target,
        /// Where to write it; by default `.mulc/bundle`, for lambda `.mulc/NAME.zip`, in the project's folder
        #[arg(long, value_name = "PATH")]
        out: Option<PathBuf>,
        /// How much of the processor the machine code may use
        #[arg(long = "isa", value_enum, value_name = "LEVEL", default_value_t = Level::Baseline)]
        level: Level,
        /// Say on stderr how long each stage took
        #[arg(long)]
        timings: bool,
        #[command(flatten)]
        lock: Lock,
        /// Leave the models as ONNX files, which start more slowly
        #[arg(long)]
        no_freeze: bool,
    },
    /// Deploy on AWS Lambda: show what would change, ask, and do it
    #[command(after_help = "\
Examples:
  mulc deploy                                    show the plan, ask, and carry it out
  mulc deploy examples/digits --dry-run          only the plan; with --json for a program
  mulc deploy --env prod --yes                   the environment that mu.toml calls prod
  mulc deploy --policy                           the rights that a deployment needs
  mulc deploy --export terraform --out infra     the same for another tool")]
    Deploy(deploy::Deploy),
    /// Say what is deployed: versions, what came before, addresses
    #[command(after_help = "\
Examples:
  mulc status
  mulc status examples/digits --env prod --json")]
    Status(deploy::Status),
    /// Send callers back to the version that was live before
    #[command(after_help = "\
Examples:
  mulc rollback                                  all functions; a share on trial ends
  mulc rollback --env prod --function read_digit --to 7")]
    Rollback(deploy::Rollback),
    /// Remove what was deployed, and nothing else: functions, roles, logs, zips
    #[command(after_help = "\
Examples:
  mulc destroy --dry-run
  mulc destroy examples/digits --env dev --yes")]
    Destroy(deploy::Destroy),
    /// Build for this machine, call a function once, print its answer as JSON
    #[command(after_help = "\
Examples:
  mulc run examples/digits read_digit --input image=@examples/digits/pictures/seven.png
  mulc run rank_digit --input image=@seven.png
  mulc run one.mu area --input width=2 --input height=3.5

A VALUE is JSON; for a text or a label it may stand without quotes. @FILE reads a file: PNG, JPEG, WAV, .npy, JSON or text,
as the parameter's type needs it.")]
    Run {
        /// A project's folder or one `.mu` file; default: here
        path: Option<String>,
        /// The function to call; may be left out where there is only one
        function: Option<String>,
        /// An argument of the function; may be repeated
        #[arg(long = "input", value_name = "NAME=VALUE|NAME=@FILE")]
        inputs: Vec<String>,
        /// What the call weighs, where requests choose the model: `0.7,0.3` or `latency.p95=0.7,top1=0.3`
        #[arg(long, value_name = "WEIGHTS", allow_hyphen_values = true)]
        prefer: Option<String>,
        #[command(flatten)]
        lock: Lock,
        #[command(flatten)]
        messages: Messages,
    },
    /// Run the project's own tests
    #[command(after_help = "\
Examples:
  mulc test
  mulc test examples/digits")]
    Test {
        #[command(flatten)]
        program: Program,
        #[command(flatten)]
        lock: Lock,
    },
    /// Choose anew, move mu.lock, and say what changed and why
    #[command(after_help = "\
Examples:
  mulc update
  mulc update reader                             only this slot; the others stay as they are pinned
  mulc update reader examples/digits
  mulc update examples/digits --json")]
    Update {
        /// Move only this slot; a lone word that names a program is its path
        slot: Option<String>,
        /// A project's folder; default: here
        path: Option<String>,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        messages: Messages,
    },
    /// Manage the models of a project: add, measure, evaluate, compare, share
    Models {
        #[command(subcommand)]
        command: models::Command,
        #[command(flatten)]
        catalog: models::Catalog,
    },
    /// Say why a slot is filled by the model it is filled by
    #[command(after_help = "\
Examples:
  mulc why reader
  mulc why reader examples/digits --compare
  mulc why reader --html why.html
  mulc why reader --entry rank_digit --json

Every candidate with what is known of it, what each requirement excluded, the Pareto front, and the price of the next better
choice. Where nothing fits: what cannot hold together, the nearest models, and the edits that would do.")]
    Why(Why),
    /// Tell the long story of a diagnostic
    #[command(after_help = "\
Examples:
  mulc explain unit-mismatch
  mulc explain --list")]
    Explain {
        /// The code in brackets after `error` or `warning`
        #[arg(required_unless_present = "list")]
        code: Option<String>,
        /// List all codes
        #[arg(long, conflicts_with = "code")]
        list: bool,
    },
    /// Print what a stage of the compiler made
    #[command(after_help = "\
Examples:
  mulc dump syntax one.mu
  mulc dump ir examples/digits")]
    Dump {
        /// The stage, from left to right
        #[arg(value_parser = stages())]
        stage: Stage,
        #[command(flatten)]
        program: Program,
    },
    /// Print a completion script for a shell
    #[command(after_help = "\
Examples:
  mulc completions bash > ~/.local/share/bash-completion/completions/mulc
  mulc completions zsh > ~/.zfunc/_mulc
  mulc completions fish > ~/.config/fish/completions/mulc.fish")]
    Completions {
        #[arg(value_enum)]
        shell: Shell,
    },
}

/// The program and how its diagnostics are shown.
#[derive(Args)]
pub struct Program {
    /// A project's folder (with mu.toml) or one `.mu` file; default: here
    pub path: Option<PathBuf>,
    #[command(flatten)]
    pub messages: Messages,
}

#[derive(Args)]
pub struct Why {
    /// The slot's name
    pub slot: String,
    #[command(flatten)]
    pub program: Program,
    /// The function for which it is filled; by default the first entry that reaches the slot
    #[arg(long, value_name = "FUNCTION")]
    pub entry: Option<String>,
    /// Show what other selectors would have chosen, and how far from the best that is
    #[arg(long)]
    pub compare: bool,
    /// Write a page with plots
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct Messages {
    /// How diagnostics are shown
    #[arg(long = "message-format", value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    pub format: Format,
}

#[derive(Args, Clone, Copy)]
pub struct Lock {
    /// Refuse to choose other models than mu.lock says
    #[arg(long)]
    pub locked: bool,
    /// Fetch nothing from the catalog's store
    #[arg(long)]
    pub offline: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// A folder for this machine
    Local,
    /// A zip for AWS Lambda
    Lambda,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// Any x86-64 since 2008 (SSE4.2), any aarch64
    Baseline,
    /// x86-64 with AVX2, as on AWS Lambda; elsewhere the program is interpreted
    Avx2,
}

impl From<Level> for mu_driver::Level {
    fn from(level: Level) -> mu_driver::Level {
        match level {
            Level::Baseline => mu_driver::Level::Baseline,
            Level::Avx2 => mu_driver::Level::Avx2,
        }
    }
}

fn stages() -> impl TypedValueParser<Value = Stage> {
    PossibleValuesParser::new(Stage::ALL.map(Stage::name)).try_map(|name| Stage::from_name(&name).ok_or("no stage"))
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
