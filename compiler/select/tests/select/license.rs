//! Licences as SPDX reads them.

use crate::instances::{candidate, plain};
use mu_select::*;
use proptest::prelude::*;

fn allows(license: &str, allowed: &[&str]) -> bool {
    let model = Candidate { license: Some(license.into()), ..candidate("m", &[]) };
    let check = Check::License { slot: 0, allowed: allowed.iter().map(|a| (*a).to_owned()).collect() };
    let requirements = vec![Requirement { id: 0, text: String::new(), check, unit: plain() }];
    let slots = vec![SlotProblem { name: "s".into(), candidates: vec![model] }];
    matches!(select(&Problem { slots, requirements, ..Problem::default() }, &Limit::default()), Outcome::Chosen(_))
}

#[test]
fn or_needs_one_side_and_and_needs_both() {
    assert!(allows("MIT", &["MIT", "Apache-2.0"]));
    assert!(!allows("BSD-3-Clause", &["MIT", "Apache-2.0"]));
    assert!(allows("MIT OR GPL-3.0", &["MIT"]));
    assert!(!allows("MIT AND Apache-2.0", &["MIT"]));
    assert!(allows("MIT AND (Apache-2.0 OR GPL-2.0-only)", &["MIT", "Apache-2.0"]));
    assert!(!allows("MIT", &[]));
}

#[test]
fn exceptions_are_matched_exactly() {
    assert!(allows("Apache-2.0 WITH LLVM-exception", &["Apache-2.0 WITH LLVM-exception"]));
    assert!(!allows("Apache-2.0 WITH LLVM-exception", &["Apache-2.0"]));
    assert!(!allows("Apache-2.0", &["Apache-2.0 WITH LLVM-exception"]));
}

#[test]
fn a_later_version_serves_where_the_licence_admits_it() {
    assert!(allows("GPL-2.0-or-later", &["GPL-3.0-only"]));
    assert!(allows("GPL-2.0-or-later", &["GPL-2.0-only"]));
    assert!(!allows("GPL-2.0-only", &["GPL-3.0-only"]));
    assert!(allows("GPL-3.0-only", &["GPL-2.0-or-later"]));
    assert!(!allows("GPL-2.0-only", &["GPL-3.0-or-later"]));
    assert!(allows("GPL-3.0", &["GPL-3.0-only"]));
    assert!(!allows("LGPL-2.1-or-later", &["GPL-3.0-only"]));
    assert!(allows("CC-BY-3.0+", &["CC-BY-4.0"]));
    assert!(!allows("CC-BY-SA-4.0", &["CC-BY-4.0"]));
    assert!(allows("LicenseRef-acme", &["LicenseRef-acme"]) && !allows("LicenseRef-acme", &["LicenseRef-other"]));
}

#[test]
fn what_is_no_expression_passes_nothing_and_says_why() {
    assert!(!allows("my own", &["MIT"]) && !allows("MIT", &["MIT OR Apache-2.0"]));
    for right in ["MIT", "MIT OR Apache-2.0", "Apache-2.0 WITH LLVM-exception", "GPL-3.0", "LicenseRef-acme", "(MIT)"] {
        assert_eq!(check_license(right), Ok(()), "{right}");
    }
    let said = |text: &str| check_license(text).unwrap_err();
    assert_eq!(said("Apache2.0"), "`Apache2.0` is no SPDX licence; did you mean `Apache-2.0`?");
    assert_eq!(said("mit"), "`mit` is no SPDX licence; did you mean `MIT`?");
    assert_eq!(said(""), "the licence is empty");
    assert_eq!(said("MIT OR"), "the licence ends where one of `license`, `(` must follow");
    assert_eq!(said("(MIT"), "a `(` of the licence is not closed");
    assert!(said("proprietary by us").contains("LicenseRef-NAME"));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(
        words in prop::collection::vec(
            prop::sample::select(vec!["MIT", "GPL-2.0", "GPL-2.0-only", "AND", "OR", "WITH", "(", ")", "+", "LLVM-exception", "é", "LicenseRef-a", "/", ":"]),
            0..8,
        ),
        space: bool,
        raw in any::<String>(),
    ) {
        let text = words.join(if space { " " } else { "" });
        prop_assert_eq!(check_license(&text).is_ok() || !allows(&text, &["MIT"]), true);
        let _ = check_license(&raw);
        let _ = allows(&raw, &["MIT"]);
    }
}
