//! The query protocol that IAM and STS speak: forms in, XML out.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests may panic too

use super::fake::{ACCOUNT, Answer};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub fn read(body: &[u8]) -> BTreeMap<String, String> {
    let text = String::from_utf8(body.to_vec()).unwrap();
    let pair = |pair: &str| pair.split_once('=').map(|(key, value)| (plain(key), plain(value))).unwrap();
    text.split('&').map(pair).collect()
}

fn plain(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let pair = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&pair).unwrap(), 16).unwrap()
            }
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8(bytes).unwrap()
}

/// As IAM writes documents.
fn escaped(document: &Value) -> String {
    document
        .to_string()
        .bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

pub fn tags(form: &BTreeMap<String, String>) -> Value {
    let tag = |number: usize| {
        let key = form.get(&format!("Tags.member.{number}.Key"))?;
        Some((key.clone(), json!(form[&format!("Tags.member.{number}.Value")])))
    };
    Value::Object((1..50).map_while(tag).collect())
}

pub fn role(name: &str, role: &Value) -> String {
    let tags = role["tags"].as_object().unwrap().iter();
    let tags: String = tags
        .map(|(key, value)| format!("<member><Key>{key}</Key><Value>{}</Value></member>", value.as_str().unwrap()))
        .collect();
    let boundary = role["boundary"].as_str().map_or(String::new(), |arn| {
        format!("<PermissionsBoundary><PermissionsBoundaryArn>{arn}</PermissionsBoundaryArn></PermissionsBoundary>")
    });
    format!(
        "<Role><Path>/</Path><RoleName>{name}</RoleName><RoleId>AROA</RoleId><Arn>arn:aws:iam::{ACCOUNT}:role/{name}</Arn>\
         <CreateDate>2026-11-22T00:00:00Z</CreateDate><AssumeRolePolicyDocument>{}</AssumeRolePolicyDocument>\
         <Tags>{tags}</Tags>{boundary}</Role>",
        escaped(&role["trust"])
    )
}

pub fn policy(name: &str, document: &Value) -> String {
    format!(
        "<RoleName>{name}</RoleName><PolicyName>mulambda</PolicyName><PolicyDocument>{}</PolicyDocument>",
        escaped(document)
    )
}

pub fn answer(operation: &str, result: &str) -> Answer {
    let body = format!("<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>");
    (200, String::new(), body)
}

pub fn refused(status: u16, code: &str) -> Answer {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{code}</Message></Error></ErrorResponse>"
    );
    (status, code.to_owned(), body)
}
