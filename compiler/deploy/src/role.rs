//! The role a function runs as: one that exists, or one of our own with exactly the rights that the function needs.

use crate::actual::Identity;
use serde::Serialize;
use serde_json::{Value, json};

/// Whose rights a function has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It is only named; nothing of it is changed.
    Existing { arn: String },
    /// It is made and kept up with the function.
    Own {
        name: String,
        policy: Policy,
        /// The ARN of the policy that no right of the role may exceed.
        boundary: Option<String>,
    },
}

impl Role {
    /// The policy's name within a role of our own.
    pub const POLICY: &'static str = "mulambda";

    /// The last part of its ARN.
    pub fn name(&self) -> &str {
        match self {
            Role::Existing { arn } => arn.rsplit('/').next().unwrap_or(arn),
            Role::Own { name, .. } => name,
        }
    }

    pub fn arn(&self, identity: &Identity) -> String {
        match self {
            Role::Existing { arn } => arn.clone(),
            Role::Own { name, .. } => format!("arn:{}:iam::{}:role/{name}", identity.partition, identity.account),
        }
    }

    /// Who may take a role of our own: Lambda.
    pub fn trust() -> Value {
        json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": { "Service": "lambda.amazonaws.com" },
                "Action": "sts:AssumeRole",
            }],
        })
    }
}

/// What is allowed. Resources may hold `${AWS::Partition}`, `${AWS::Region}` and `${AWS::AccountId}`, as CloudFormation writes
/// them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Policy {
    pub statements: Vec<Statement>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// Letters and digits; says what it is for.
    pub id: String,
    pub actions: Vec<String>,
    pub resources: Vec<String>,
    /// As IAM writes it: an operator, keys and values; `null` where there is none.
    pub condition: Value,
}

impl Policy {
    /// As IAM takes it, with what stands for the account filled in.
    pub fn document(&self, identity: &Identity, region: &str) -> Value {
        self.with(|text| {
            text.replace("${AWS::Partition}", &identity.partition)
                .replace("${AWS::Region}", region)
                .replace("${AWS::AccountId}", &identity.account)
        })
    }

    /// As IAM takes it, with each resource passed through `fill`.
    pub fn with(&self, fill: impl Fn(&str) -> String) -> Value {
        let statement = |statement: &Statement| {
            let resources: Vec<String> = statement.resources.iter().map(|text| fill(text)).collect();
            let mut made = json!({
                "Sid": statement.id,
                "Effect": "Allow",
                "Action": statement.actions,
                "Resource": resources,
            });
            if let (false, Some(fields)) = (statement.condition.is_null(), made.as_object_mut()) {
                fields.insert("Condition".to_owned(), statement.condition.clone());
            }
            made
        };
        json!({ "Version": "2012-10-17", "Statement": self.statements.iter().map(statement).collect::<Vec<_>>() })
    }
}
