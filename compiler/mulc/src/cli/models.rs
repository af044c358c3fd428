//! `mulc models`: its subcommands as data.

pub mod add;
pub mod calibrate;
pub mod evaluate;
pub mod measure;
pub mod optimize;

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum Command {
    /// Add a model: read, rewritten where the runtime needs it, compared with a reference, and given a card
    #[command(after_help = "\
Examples:
  mulc models add iris.onnx --task tabular-classification
  mulc models add kcnn.onnx --task 'image_classification<Digit>' --license MIT
  mulc models add ./all-MiniLM-L6-v2 --task feature-extraction
  mulc models add net.onnx --task image-classification --labels labels.json --reference outputs.npz")]
    Add(Box<add::Add>),
    /// Try other forms of a model (weights widened, quantised arithmetic as floats, norms folded); keep what is faster
    Optimize(optimize::Optimize),
    /// Measure how fast models are on this machine, under the runtime that ships, and keep that in the catalog
    #[command(after_help = "\
Examples:
  mulc models measure                             all models, on a whole processor
  mulc models measure kcnn_32 --cpu 0.25,0.5,1
  mulc models measure kcnn_32 --quick --json

Each process of a measurement is new: it loads the bundle, answers once, then again and again, back to back or with pauses
between calls. Where the machine does not let shares of a processor be granted, they are predicted and said to be so.")]
    Measure(measure::Measure),
    /// See what a model or a function really does on labelled data
    #[command(after_help = "\
Examples:
  mulc models evaluate kcnn_32 --data mnist_holdout      kept as evidence
  mulc models evaluate kcnn_32 --data ./pictures         folders called by labels, or labels.csv
  mulc models evaluate read_digit --data mnist_holdout   the whole function
  mulc models evaluate kcnn_32 --data holdout.npz --raw  the net alone

A table (.csv, .json, .jsonl) has a column for each input, or for each field of a record, and one called `label` or `truth`;
pictures and sounds are named by their file. An archive (.npz) has an array for each, or `x` and `y`. A number is the place
of a label in the declaration of its set, unless the labels are numbers themselves.")]
    Evaluate(evaluate::Evaluate),
    /// See where two models disagree on labelled data, and whether one is better
    #[command(after_help = "\
Examples:
  mulc models diff kcnn_32 kcnn_96 --data mnist_holdout")]
    Diff(evaluate::Diff),
    /// List the models of the catalog, all or those that meet requirements
    #[command(after_help = "\
Examples:
  mulc models list
  mulc models list --task 'image_classification<Digit>' --require 'top1 on mnist_holdout >= 97%'
  mulc models list --require 'latency.p95 <= 5 ms as claimed' --require 'license in [MIT]' --json

A requirement is written as in a slot. With a fresh index (`mulc models index`) no card is parsed.")]
    List {
        /// Models for this task, with its arguments or without
        #[arg(long)]
        task: Option<String>,
        /// What they must meet; may be repeated
        #[arg(long = "require", value_name = "REQUIREMENT")]
        requires: Vec<String>,
    },
    /// Show all that is known of a model: claims beside measurements
    Show {
        /// The card's name
        model: String,
    },
    /// Hold every file, seal and hash of the catalog against what it should be; status 1 where one is wrong
    #[command(after_help = "\
Examples:
  mulc models verify
  mulc models verify --gate         compare each model with onnxruntime once more, and keep that")]
    Verify {
        /// Compare the outputs of every model with those of onnxruntime, too
        #[arg(long)]
        gate: bool,
        /// A Python that has onnxruntime; by default MULC_PYTHON, then python3
        #[arg(long, value_name = "PATH", requires = "gate")]
        python: Option<PathBuf>,
    },
    /// List measurements of older runtimes, other files or other data
    Outdated,
    /// Write the index, by which a large catalog is filtered without a card being parsed
    Index,
    /// Learn what AWS Lambda takes: deploy a probe to your account, call it, delete it
    #[command(after_help = "\
Examples:
  mulc models calibrate --role arn:aws:iam::123456789012:role/probe
  mulc models calibrate kcnn_8 --role ARN --memory 256,1769 --region eu-central-1

The probe is one function that is called some 200 times, which costs less than a cent; it is deleted at the end, whatever
happens. What was learned corrects the figures that are predicted for `target lambda`.")]
    Calibrate(calibrate::Calibrate),
    /// Bring the catalog to a store in S3
    #[command(after_help = "\
Examples:
  mulc models push s3://my-models/team
  mulc models push s3://my-models/team kcnn_32      this model only
  mulc models push                                  where mu.toml names the store: `remote` under `[catalog]`

What is in a store is never overwritten, and a push that is cut changes nothing that others see: say it again, and it goes
on. Credentials, region and AWS_ENDPOINT_URL are those of every AWS tool.")]
    Push {
        /// The store (s3://BUCKET/PREFIX), then names of models; without names all
        #[arg(value_name = "STORE|MODEL")]
        words: Vec<String>,
    },
    /// Bring the catalog here from a store in S3
    #[command(after_help = "\
Examples:
  mulc models pull s3://my-models/team
  mulc models pull s3://my-models/team kcnn_32
  mulc models pull s3://my-models/team --cards      without weights and data: enough for `mulc check`")]
    Pull {
        /// The store (s3://BUCKET/PREFIX), then names of models; without names all
        #[arg(value_name = "STORE|MODEL")]
        words: Vec<String>,
        /// Cards and evidence only
        #[arg(long)]
        cards: bool,
    },
}

/// The catalog a command works on, and how it answers.
#[derive(Args)]
pub struct Catalog {
    /// The project's folder (with mu.toml); default: here
    #[arg(long, global = true, value_name = "DIR")]
    pub project: Option<PathBuf>,
    /// Answer in JSON
    #[arg(long, global = true)]
    pub json: bool,
}
