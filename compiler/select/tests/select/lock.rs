//! The lock is read as it was written, is the same text every time, and tells what changed.

use crate::instances::{evidence, key};
use mu_select::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn lock() -> Lock {
    let top1 = Evidence { samples: Some(2000), ..Evidence::new(0.977, Source::Card) };
    let size = Evidence { source: Source::File, ..evidence(38890.0) };
    let traits =
        vec![LockedTrait::new(&key("top1"), &top1, Some("b".repeat(64))), LockedTrait::new(&key("size"), &size, None)];
    let slot = LockedSlot {
        model: "kcnn_32".into(),
        sha256: "a".repeat(64),
        task: "image_classification<Digit>".into(),
        traits,
    };
    Lock { slots: BTreeMap::from([("reader".into(), slot)]) }
}

#[test]
fn the_text_is_fixed() {
    let (a, b) = ("a".repeat(64), "b".repeat(64));
    let text = format!(
        "# Written by mulc: which model fills each slot. Commit this file.
version = 1

[slot.reader]
model = \"kcnn_32\"
sha256 = \"{a}\"
task = \"image_classification<Digit>\"

[[slot.reader.trait]]
path = \"size\"
value = 38890.0
source = \"file\"

[[slot.reader.trait]]
path = \"top1\"
dataset = \"holdout\"
dataset_sha256 = \"{b}\"
value = 0.977
source = \"card\"
samples = 2000
"
    );
    assert_eq!(lock().to_text().unwrap(), text);
    assert_eq!(Lock::parse(&text).unwrap().to_text().unwrap(), text);
    assert!(Lock::parse(&text).unwrap().differences(&lock()).is_empty());
}

#[test]
fn damaged_and_newer_locks_are_refused() {
    let text = lock().to_text().unwrap();
    assert_eq!(
        Lock::parse(&text.replace("version = 1", "version = 2\nnews = 3")),
        Err(LockError::Newer { version: 2 })
    );
    assert_eq!(Lock::parse(&text.replace("aaaa", "AAAA")), Err(LockError::BadSha256 { slot: "reader".into() }));
    for wrong in [
        "",
        "version = ",
        "version = \"1\"",
        "nonsense",
        &text.replace("model", "modle"),
        &text.replace("0.977", "true"),
    ] {
        assert!(matches!(Lock::parse(wrong), Err(LockError::Malformed { .. })), "{wrong}");
    }
    assert_eq!(Lock::parse("version = 1"), Ok(Lock::default()));
}

#[test]
fn differences_are_told_in_words() {
    let told = |change: &dyn Fn(&mut LockedSlot)| {
        let mut new = lock();
        new.slots.values_mut().for_each(change);
        lock().differences(&new).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert!(told(&|_| ()).is_empty());
    assert_eq!(
        told(&|slot| slot.model = "kcnn_96".into()),
        ["`reader` was filled by `kcnn_32` and would be by `kcnn_96`"]
    );
    assert_eq!(
        told(&|slot| slot.sha256 = "c".repeat(64)),
        ["the file of `kcnn_32`, which fills `reader`, has another sha256"]
    );
    assert_eq!(
        told(&|slot| slot.traits[0].value = 0.9),
        ["`top1 on holdout` of `kcnn_32`, which fills `reader`, was 0.977 and is 0.9"]
    );
    assert_eq!(
        told(&|slot| slot.traits[0].source = Source::Measured),
        ["`top1 on holdout` of `kcnn_32`, which fills `reader`, was claimed by the card and is measured"]
    );
    assert_eq!(
        told(&|slot| slot.traits.truncate(1)),
        ["`size` of `kcnn_32`, which fills `reader`, was used and is not any more"]
    );
    let words: Vec<String> = lock().differences(&Lock::default()).iter().map(ToString::to_string).collect();
    assert_eq!(words, ["`reader` (`kcnn_32`) is in the lock and no longer in the program"]);
    assert_eq!(Lock::default().differences(&lock()).len(), 1);
}

proptest! {
    #[test]
    fn any_lock_is_read_as_it_was_written(names in prop::collection::btree_map(any::<String>(), any::<String>(), 0..4), value in -1e300..1e300f64) {
        let evidence = Evidence::new(value, Source::Measured);
        let slot = |model: String| LockedSlot {
            task: model.clone(),
            model,
            sha256: "0".repeat(64),
            traits: vec![LockedTrait::new(&key("cost"), &evidence, None)],
        };
        let lock = Lock { slots: names.into_iter().map(|(name, model)| (name, slot(model))).collect() };
        let text = lock.to_text().unwrap();
        prop_assert_eq!(Lock::parse(&text).unwrap(), lock);
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = Lock::parse(&text);
    }
}
