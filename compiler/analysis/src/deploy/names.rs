//! What names, identifiers and ARNs of AWS look like, for the settings of a `deploy` and for `mu.toml`.

/// What a text must be.
#[derive(Clone, Copy)]
pub struct Rule {
    /// In words, with an example, after "needs".
    pub needs: &'static str,
    pub fits: fn(&str) -> bool,
}

/// The rules, each by the name of what it is about.
pub mod rule {
    use super::{Rule, arn, is_name, is_region, numbered};

    pub const ACCOUNT: Rule = Rule {
        needs: "the number of an AWS account: 12 digits",
        fits: |text| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()),
    };
    pub const REGION: Rule = Rule { needs: "a region of AWS, as \"eu-central-1\"", fits: is_region };
    pub const ROLE: Rule = Rule {
        needs: "the ARN of a role, as \"arn:aws:iam::123456789012:role/name\"",
        fits: |text| arn(text, "iam").is_some_and(|rest| rest.starts_with("role/") && rest.len() > 5),
    };
    pub const BOUNDARY: Rule = Rule {
        needs: "the ARN of a policy, as \"arn:aws:iam::123456789012:policy/name\"",
        fits: |text| arn(text, "iam").is_some_and(|rest| rest.starts_with("policy/") && rest.len() > 7),
    };
    pub const KEY: Rule = Rule {
        needs: "the ARN of a key, as \"arn:aws:kms:eu-central-1:123456789012:key/...\"",
        fits: |text| arn(text, "kms").is_some_and(|rest| rest.starts_with("key/") && rest.len() > 4),
    };
    pub const DEAD_LETTER: Rule = Rule {
        needs: "the ARN of an SQS queue or an SNS topic, as \"arn:aws:sqs:eu-central-1:123456789012:name\"",
        fits: |text| ["sqs", "sns"].iter().any(|service| arn(text, service).is_some_and(|rest| !rest.is_empty())),
    };
    pub const SUBNET: Rule = Rule { needs: "a subnet, as \"subnet-0a1b2c3d\"", fits: |text| numbered(text, "subnet-") };
    pub const SECURITY_GROUP: Rule =
        Rule { needs: "a security group, as \"sg-0a1b2c3d\"", fits: |text| numbered(text, "sg-") };
    pub const ALIAS: Rule = Rule {
        needs: "a name of letters, digits, `-` and `_` that is not only digits, as \"live\"",
        fits: |text| is_name(text, 128) && !text.bytes().all(|b| b.is_ascii_digit()),
    };
    pub const PREFIX: Rule =
        Rule { needs: "at most 32 letters, digits, `-` and `_`", fits: |text| text.is_empty() || is_name(text, 32) };
    pub const ENV: Rule = Rule { needs: "at most 32 letters, digits, `-` and `_`", fits: |text| is_name(text, 32) };
    pub const BUCKET: Rule = Rule {
        needs: "the name of a bucket: 3 to 63 small letters, digits, `.` and `-`",
        fits: |text| {
            let edge = |byte: Option<u8>| byte.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
            (3..=63).contains(&text.len())
                && edge(text.bytes().next())
                && edge(text.bytes().last())
                && text.bytes().all(|b| edge(Some(b)) || b == b'-' || b == b'.')
        },
    };
    pub const VARIABLE: Rule = Rule {
        needs: "two or more letters, digits and `_`, the first a letter",
        fits: |text| {
            text.len() >= 2
                && text.starts_with(|c: char| c.is_ascii_alphabetic())
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        },
    };
    /// `mulambda:` is kept for what a deployment notes there itself.
    pub const TAG: Rule = Rule {
        needs: "1 to 128 letters, digits, spaces and `+ - = . _ : / @` that start with neither `aws:` nor `mulambda:`",
        fits: |text| {
            let small = text.to_lowercase();
            !text.is_empty() && is_tag(text, 128) && !small.starts_with("aws:") && !small.starts_with("mulambda:")
        },
    };
    pub const TAG_VALUE: Rule =
        Rule { needs: "at most 256 letters, digits, spaces and `+ - = . _ : / @`", fits: |text| is_tag(text, 256) };

    fn is_tag(text: &str, most: usize) -> bool {
        text.chars().count() <= most && text.chars().all(|c| c.is_alphanumeric() || c == ' ' || "+-=._:/@".contains(c))
    }
}

/// The name of a deployed function in an AWS account.
pub fn function_name(prefix: &str, project: &str, function: &str) -> String {
    format!("{prefix}{project}-{function}")
}

fn is_name(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// `eu-central-1`, `us-gov-west-1`: words of small letters, the last part a number.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let Some((number, words)) = parts.split_last() else { return false };
    let all = |part: &str, fits: fn(&u8) -> bool| !part.is_empty() && part.as_bytes().iter().all(fits);
    words.len() >= 2 && all(number, u8::is_ascii_digit) && words.iter().all(|word| all(word, u8::is_ascii_lowercase))
}

/// What stands after the account in an ARN of a service: `role/name`.
fn arn<'a>(text: &'a str, service: &str) -> Option<&'a str> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [start, partition, of, region, account, rest] = parts.as_slice() else { return None };
    let known = *start == "arn" && matches!(*partition, "aws" | "aws-cn" | "aws-us-gov") && *of == service;
    // IAM knows no regions, and AWS's own policies no account.
    let region = if service == "iam" { region.is_empty() } else { is_region(region) };
    let account = (rule::ACCOUNT.fits)(account) || service == "iam" && *account == "aws";
    (known && region && account && !rest.chars().any(char::is_whitespace)).then_some(*rest)
}

fn numbered(text: &str, start: &str) -> bool {
    text.strip_prefix(start).is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_takes_fits_and_nothing_else() {
        let cases: &[(Rule, &[&str], &[&str])] = &[
            (
                rule::REGION,
                &["eu-central-1", "us-gov-west-1", "ap-southeast-12"],
                &["", "eu", "eu-central", "EU-central-1", "eu--1", "eu-central-1a", "-"],
            ),
            (
                rule::ROLE,
                &["arn:aws:iam::123456789012:role/x", "arn:aws-cn:iam::123456789012:role/a/b"],
                &["x", "arn:aws:iam::123456789012:role/", "arn:aws:iam::1:role/x", "arn:aws:iam::123456789012:user/x"],
            ),
            (rule::BOUNDARY, &["arn:aws:iam::aws:policy/x"], &["arn:aws:iam::123456789012:role/x"]),
            (rule::KEY, &["arn:aws:kms:eu-central-1:123456789012:key/1-2"], &["arn:aws:kms::123456789012:key/1"]),
            (
                rule::DEAD_LETTER,
                &["arn:aws:sns:eu-west-1:123456789012:t", "arn:aws:sqs:eu-west-1:123456789012:q"],
                &["arn:aws:sqs:eu-west-1:123456789012:", "q", "arn:aws:s3:eu-west-1:123456789012:q"],
            ),
            (rule::SUBNET, &["subnet-0a1b"], &["subnet-", "sg-1", "subnet-1 2"]),
            (rule::ALIAS, &["live", "v1_2-x"], &["", "12", "a b", "$LATEST"]),
            (rule::PREFIX, &["", "dev-"], &["a b", "é"]),
            (rule::BUCKET, &["a.b-3"], &["ab", "-abc", "Abc", "abc."]),
            (rule::VARIABLE, &["MU_LOG"], &["A", "_X", "1A", "A-B", ""]),
            (rule::TAG, &["team", "a:b/c@d"], &["", "aws:x", "MuLambda:project", "a#b"]),
            (rule::ACCOUNT, &["123456789012"], &["12345678901", "12345678901a"]),
        ];
        for (rule, good, bad) in cases {
            good.iter().for_each(|text| assert!((rule.fits)(text), "{text} is {}", rule.needs));
            bad.iter().for_each(|text| assert!(!(rule.fits)(text), "{text} is not {}", rule.needs));
        }
    }
}
