//! What Lambda and IAM say, in the words of a plan.

use aws_sdk_lambda::types::{Architecture, FunctionConfiguration, LastUpdateStatus, State};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mu_deploy::{Arch, Configuration, Network, Published};
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// `/tmp` where nothing is said, in MB.
const EPHEMERAL: u32 = 512;

/// The code and settings of a version.
pub(super) fn published(found: &FunctionConfiguration) -> Published {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    Published {
        sha256: hexadecimal(found.code_sha256().unwrap_or_default()),
        configuration: configuration(found),
        role: text(found.role()),
        description: text(found.description()),
        modified: text(found.last_modified()),
    }
}

fn configuration(found: &FunctionConfiguration) -> Configuration {
    let number = |number: Option<i32>| number.and_then(|number| u32::try_from(number).ok());
    let some = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    let variables = found.environment().and_then(|environment| environment.variables());
    let network = found.vpc_config().filter(|network| !network.subnet_ids().is_empty());
    let sorted = |names: &[String]| {
        let mut names = names.to_vec();
        names.sort();
        names
    };
    Configuration {
        handler: found.handler().unwrap_or_default().to_owned(),
        runtime: found.runtime().map(|runtime| runtime.as_str().to_owned()).unwrap_or_default(),
        arch: if found.architectures().contains(&Architecture::Arm64) { Arch::Arm64 } else { Arch::X86_64 },
        memory: number(found.memory_size()).unwrap_or_default(),
        timeout: number(found.timeout()).unwrap_or_default(),
        ephemeral: found.ephemeral_storage().and_then(|tmp| number(Some(tmp.size()))).unwrap_or(EPHEMERAL),
        environment: variables.cloned().unwrap_or_default().into_iter().collect(),
        network: network.map(|network| Network {
            subnets: sorted(network.subnet_ids()),
            security_groups: sorted(network.security_group_ids()),
        }),
        kms_key: some(found.kms_key_arn()),
        dead_letter: some(found.dead_letter_config().and_then(|letters| letters.target_arn())),
    }
}

/// How far a change of a function is.
pub(super) enum Progress {
    Settled,
    Changing,
    /// Lambda gave up, for this reason.
    Broken(String),
}

pub(super) fn progress(found: &FunctionConfiguration) -> Progress {
    let reason = |reason: Option<&str>| crate::error::clean(reason.unwrap_or("it says no reason"));
    match (found.state(), found.last_update_status()) {
        (Some(State::Failed), _) => Progress::Broken(reason(found.state_reason())),
        (_, Some(LastUpdateStatus::Failed)) => Progress::Broken(reason(found.last_update_status_reason())),
        (Some(State::Pending), _) | (_, Some(LastUpdateStatus::InProgress)) => Progress::Changing,
        _ => Progress::Settled,
    }
}

/// Lambda writes hashes in base64.
fn hexadecimal(base64: &str) -> String {
    let bytes = STANDARD.decode(base64).unwrap_or_default();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A policy as IAM gives it: JSON, with what is no plain letter written as `%22`.
pub(super) fn document(text: &str) -> Option<Value> {
    serde_json::from_slice(&percent_decode_str(text).collect::<Vec<u8>>()).ok()
}

#[cfg(test)]
mod tests {
    use super::{document, hexadecimal};
    use serde_json::json;

    #[test]
    fn documents_are_read_escaped_or_plain() {
        let wanted = json!({ "Action": ["a:B"], "x": "50%" });
        assert_eq!(document("%7B%22Action%22%3A%5B%22a%3AB%22%5D%2C%22x%22%3A%2250%25%22%7D"), Some(wanted.clone()));
        assert_eq!(document(r#"{"Action":["a:B"],"x":"50%"}"#), Some(wanted));
        assert_eq!(document("no JSON %"), None);
    }

    #[test]
    fn hashes_are_hexadecimal() {
        assert_eq!(hexadecimal("AP8Q"), "00ff10");
    }
}
