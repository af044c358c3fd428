//! The same deployment for other tools: CloudFormation, SAM and Terraform, each in its JSON form.

mod cloudformation;
mod sam;
mod terraform;

use crate::desired::Desired;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// For which tool a deployment is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    CloudFormation,
    Sam,
    Terraform,
}

impl Export {
    pub fn name(self) -> &'static str {
        match self {
            Export::CloudFormation => "cloudformation",
            Export::Sam => "sam",
            Export::Terraform => "terraform",
        }
    }

    /// How the tool wants the file to be called.
    pub fn file_name(self) -> &'static str {
        match self {
            Export::CloudFormation | Export::Sam => "template.json",
            Export::Terraform => "main.tf.json",
        }
    }

    /// The deployment in the tool's words. `zip` is the name of the bundle's zip, which lies beside the file.
    pub fn of(self, desired: &Desired, zip: &str) -> Value {
        match self {
            Export::CloudFormation => cloudformation::template(desired),
            Export::Sam => sam::template(desired, zip),
            Export::Terraform => terraform::configuration(desired, zip),
        }
    }

    /// What a reader does with the file, and what it cannot say.
    pub fn notes(self, desired: &Desired, zip: &str) -> Vec<String> {
        let Desired { project, environment, region, .. } = desired;
        let stack = format!("{project}-{environment}");
        let key = cloudformation::key(desired);
        let (bucket, given) = match cloudformation::bucket(desired) {
            Some(bucket) => (bucket, String::new()),
            None => ("BUCKET", " --parameter-overrides CodeBucket=BUCKET".to_owned()),
        };
        let mut notes = match self {
            Export::CloudFormation => vec![
                format!("aws s3 cp {zip} s3://{bucket}/{key} --region {region}"),
                format!(
                    "aws cloudformation deploy --template-file {} --stack-name {stack} --region {region} \
                     --capabilities CAPABILITY_NAMED_IAM{given}",
                    self.file_name()
                ),
            ],
            Export::Sam => vec![format!(
                "sam deploy --template-file {} --stack-name {stack} --region {region} --resolve-s3 \
                 --capabilities CAPABILITY_NAMED_IAM",
                self.file_name()
            )],
            Export::Terraform => vec!["terraform init && terraform apply".to_owned()],
        };
        if desired.functions.iter().any(|function| function.alias.canary.is_some()) {
            notes.push("the share of `canary` is not in it: which version is live is known to AWS only".to_owned());
        }
        notes
    }
}

/// A name of letters and digits for each function, in their order: `read_digit` is `ReadDigit`.
fn ids(desired: &Desired) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let id = |entry: &str| {
        let words = entry.split('_').filter(|word| !word.is_empty());
        let capital = words.map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_uppercase() + rest
        });
        let name: String = capital.collect();
        if name.starts_with(|c: char| c.is_ascii_alphabetic()) { name } else { format!("F{name}") }
    };
    let ids = desired.functions.iter().map(|function| {
        let name = id(&function.entry);
        let numbered = (2..).map(|number| format!("{name}{number}"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|id| !taken.contains(id)).unwrap_or(name);
        taken.insert(free.clone());
        free
    });
    ids.collect()
}

/// Fields that have a value.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn with(mut self, name: &str, value: impl Into<Value>) -> Fields {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    fn maybe(self, name: &str, value: Option<impl Into<Value>>) -> Fields {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

impl From<Fields> for Value {
    fn from(fields: Fields) -> Value {
        Value::Object(fields.0)
    }
}
