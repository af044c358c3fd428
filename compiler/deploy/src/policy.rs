//! Who may do what: the rights that a function needs to run, and those that whoever deploys it needs.

use crate::desired::{CodePlace, Configuration, Desired, Store};
use crate::role::{Policy, Role, Statement};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What a function of Lambda may do at most, by the operations that a deployment uses.
const FUNCTION: &[&str] = &[
    "lambda:AddPermission",
    "lambda:CreateAlias",
    "lambda:CreateFunction",
    "lambda:CreateFunctionUrlConfig",
    "lambda:DeleteFunction",
    "lambda:DeleteFunctionConcurrency",
    "lambda:DeleteFunctionUrlConfig",
    "lambda:DeleteProvisionedConcurrencyConfig",
    "lambda:GetAlias",
    "lambda:GetFunction",
    "lambda:GetFunctionUrlConfig",
    "lambda:GetPolicy",
    "lambda:GetProvisionedConcurrencyConfig",
    "lambda:ListTags",
    "lambda:ListVersionsByFunction",
    "lambda:PublishVersion",
    "lambda:PutFunctionConcurrency",
    "lambda:PutProvisionedConcurrencyConfig",
    "lambda:RemovePermission",
    "lambda:TagResource",
    "lambda:UpdateAlias",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "lambda:UpdateFunctionUrlConfig",
];

const LOGS: &[&str] = &[
    "logs:CreateLogGroup",
    "logs:DeleteLogGroup",
    "logs:DeleteRetentionPolicy",
    "logs:ListTagsForResource",
    "logs:PutRetentionPolicy",
    "logs:TagResource",
];

/// What gives a role rights: with a boundary, only under it.
const GIVE: &[&str] = &["iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"];

const ROLES: &[&str] = &[
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:TagRole",
    "iam:UpdateAssumeRolePolicy",
];

const OBJECTS: &[&str] = &["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"];

/// What Lambda does in the function's name where it lies in a private network. EC2 knows no narrower resources for it.
const NETWORK: &[&str] = &[
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
];

impl Policy {
    /// What a function needs: to write its logs, and what its settings bring with them. Models lie in its zip.
    pub fn of_function(log_group: &str, configuration: &Configuration) -> Policy {
        let logs = format!("arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:{log_group}:*");
        let mut statements = vec![allow("WriteLogs", &["logs:CreateLogStream", "logs:PutLogEvents"], [logs])];
        if configuration.network.is_some() {
            statements.push(allow("JoinNetwork", NETWORK, ["*".to_owned()]));
        }
        if let Some(key) = &configuration.kms_key {
            statements.push(allow("ReadVariables", &["kms:Decrypt"], [key.clone()]));
        }
        if let Some(target) = &configuration.dead_letter {
            let action = if target.split(':').nth(2) == Some("sns") { "sns:Publish" } else { "sqs:SendMessage" };
            statements.push(allow("ReportFailures", &[action], [target.clone()]));
        }
        Policy { statements }
    }

    /// What `deploy`, `status`, `rollback` and `destroy` need together, and nothing beyond this project's things.
    pub fn of_deployer(desired: &Desired) -> Policy {
        let Desired { prefix, functions, code, .. } = desired;
        let here = |service: &str, rest: &str| {
            format!("arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{rest}")
        };
        let groups = here("logs", &format!("log-group:/aws/lambda/{prefix}*"));
        let mut statements = vec![
            allow("FindFunctions", &["lambda:ListFunctions"], ["*".to_owned()]),
            allow("DeployFunctions", FUNCTION, [here("lambda", &format!("function:{prefix}*"))]),
            allow("FindLogs", &["logs:DescribeLogGroups"], [here("logs", "log-group:*")]),
            allow("KeepLogs", LOGS, [groups]),
        ];
        statements.extend(roles(desired));
        if let CodePlace::S3(store) = &code.place {
            statements.extend(objects(store));
        }
        if functions.iter().any(|function| function.configuration.network.is_some()) {
            let see = ["ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"];
            statements.push(allow("SeeNetwork", &see, ["*".to_owned()]));
        }
        let keys: BTreeSet<String> =
            functions.iter().filter_map(|function| function.configuration.kms_key.clone()).collect();
        if !keys.is_empty() {
            statements.push(allow("UseKeys", &["kms:CreateGrant", "kms:Decrypt", "kms:Encrypt"], keys));
        }
        Policy { statements }
    }
}

/// To make the roles of our own, and to hand roles to Lambda.
fn roles(desired: &Desired) -> Vec<Statement> {
    let mut statements = Vec::new();
    let mut passed: BTreeSet<String> = BTreeSet::new();
    let mut boundaries: BTreeSet<String> = BTreeSet::new();
    let mut own = BTreeSet::new();
    for function in &desired.functions {
        match &function.role {
            Role::Existing { arn } => {
                passed.insert(arn.clone());
            }
            Role::Own { boundary, .. } => {
                own.insert(format!("arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/{}*", desired.prefix));
                boundaries.extend(boundary.clone());
            }
        }
    }
    if !passed.is_empty() {
        statements.push(allow("SeeRoles", &["iam:GetRole"], passed.clone()));
    }
    if !own.is_empty() {
        statements.push(allow("KeepRoles", ROLES, own.clone()));
        let give = allow("GiveRights", GIVE, own.clone());
        if boundaries.is_empty() {
            // One that was there before may be taken off.
            let take = allow("TakeBoundary", &["iam:DeleteRolePermissionsBoundary"], own.clone());
            statements.extend([give, take]);
        } else {
            let bound = json!({ "StringEquals": { "iam:PermissionsBoundary": Vec::from_iter(boundaries) } });
            statements.push(Statement { condition: bound, ..give });
        }
    }
    passed.extend(own);
    if !passed.is_empty() {
        let pass = allow("HandRoles", &["iam:PassRole"], passed);
        let condition = json!({ "StringEquals": { "iam:PassedToService": "lambda.amazonaws.com" } });
        statements.push(Statement { condition, ..pass });
    }
    statements
}

fn objects(store: &Store) -> [Statement; 2] {
    let Store { bucket, prefix } = store;
    let list = allow("FindCode", &["s3:ListBucket"], [format!("arn:${{AWS::Partition}}:s3:::{bucket}")]);
    [
        allow("KeepCode", OBJECTS, [format!("arn:${{AWS::Partition}}:s3:::{bucket}/{prefix}/*")]),
        Statement { condition: json!({ "StringLike": { "s3:prefix": format!("{prefix}/*") } }), ..list },
    ]
}

fn allow(id: &str, actions: &[&str], resources: impl IntoIterator<Item = String>) -> Statement {
    Statement {
        id: id.to_owned(),
        actions: actions.iter().map(|action| (*action).to_owned()).collect(),
        resources: resources.into_iter().collect(),
        condition: Value::Null,
    }
}
