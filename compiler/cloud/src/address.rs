//! Where a catalog lies: `s3://bucket/prefix`.

use crate::error::Error;
use std::fmt;

/// A prefix in a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub bucket: String,
    /// Without slashes at its ends; empty for the whole bucket.
    pub prefix: String,
}

impl Address {
    /// Reads `s3://bucket/prefix`.
    pub fn parse(text: &str) -> Result<Address, Error> {
        let wrong = |why: &str| {
            let shown = crate::error::clean(text);
            Error::request(format!("`{shown}` is no address of a catalog: {why}"), "write it as s3://BUCKET/PREFIX")
        };
        let rest = text.strip_prefix("s3://").ok_or_else(|| wrong("it does not start with `s3://`"))?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_matches('/');
        let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
        if !(3..=63).contains(&bucket.len()) || !bucket.chars().all(letter) {
            return Err(wrong("a bucket has 3 to 63 of a-z, 0-9, `-` and `.`"));
        }
        let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.chars().any(char::is_control);
        if !prefix.is_empty() && (prefix.len() > 512 || !prefix.split('/').all(plain)) {
            return Err(wrong("the prefix has empty parts, dots or control characters"));
        }
        Ok(Address { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }

    /// The key of an object below the prefix.
    pub(crate) fn key(&self, name: &str) -> String {
        if self.prefix.is_empty() { name.to_owned() } else { format!("{}/{name}", self.prefix) }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}", self.bucket)?;
        if self.prefix.is_empty() { Ok(()) } else { write!(f, "/{}", self.prefix) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_bucket_and_a_prefix() {
        let address = Address::parse("s3://my-models/team/a/").unwrap();
        assert_eq!((address.bucket.as_str(), address.prefix.as_str()), ("my-models", "team/a"));
        assert_eq!(address.key("head"), "team/a/head");
        assert_eq!(address.to_string(), "s3://my-models/team/a");
        assert_eq!(Address::parse("s3://my-models").unwrap().key("head"), "head");
        for wrong in
            ["my-models/a", "s3://", "s3://ab", "s3://Models/a", "s3://models/a//b", "s3://models/../b", "s3://m_s/x"]
        {
            assert!(Address::parse(wrong).is_err(), "{wrong}");
        }
    }
}
