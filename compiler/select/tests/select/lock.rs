//! The lock is read as it was written, is the same text every time, and tells what changed.

use crate::instances::{evidence, key};
use mu_select::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn lock() -> Lock {
    let top1 = Evidence { samples: Some(2000), interval: Some((0.9695, 0.9827)), ..Evidence::new(0.977, Source::Card) };
    let size = Evidence { source: Source::File, ..evidence(38890.0) };
    let traits =
        vec![LockedTrait::new(&key("top1"), &top1, Some("b".repeat(64))), LockedTrait::new(&key("size"), &size, None)];
    let slot = LockedSlot {
        model: "kcnn_32".into(),
        sha256: "a".repeat(64),
        task: "image_classification<Digit>".into(),
        traits,
    };
    let gap = Gap { goal: 0, bound: Some(1.0), absolute: Some(0.5), relative: None };
    let entry = LockedEntry {
        asked: "e".repeat(64),
        memory: Some(512),
        nodes: 7,
        proven: false,
        gap: Some(gap),
        at_request: Default::default(),
        goals: vec![
            LockedGoal { text: "size".into(), value: Some(38890.0) },
            LockedGoal { text: "cost".into(), value: None },
        ],
    };
    Lock {
        catalog: Some("c".repeat(64)),
        entries: BTreeMap::from([("read".into(), entry)]),
        slots: BTreeMap::from([("reader".into(), slot)]),
    }
}

#[test]
fn the_text_is_fixed() {
    let (a, b, c, e) = ("a".repeat(64), "b".repeat(64), "c".repeat(64), "e".repeat(64));
    let text = format!(
        "# Written by mulc: which model fills each slot. Commit this file.
version = 2
catalog = \"{c}\"

[entry.read]
asked = \"{e}\"
memory = 512
nodes = 7
proven = false

[entry.read.gap]
goal = 0
bound = 1.0
absolute = 0.5

[[entry.read.goal]]
text = \"size\"
value = 38890.0

[[entry.read.goal]]
text = \"cost\"

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
interval = [0.9695, 0.9827]
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
        Lock::parse(&text.replace("version = 2", "version = 3\nnews = 3")),
        Err(LockError::Newer { version: 3 })
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
fn a_lock_of_the_first_version_decides_the_same() {
    let Lock { slots, .. } = lock();
    let first = Lock { slots, ..Lock::default() }.to_text().unwrap();
    let first = first.replace("version = 2", "version = 1").replace("interval = [0.9695, 0.9827]\n", "");
    assert_eq!(Lock::parse(&first).unwrap().differences(&lock()), []);
}

#[test]
fn days_platforms_and_the_work_of_the_search_are_no_decisions() {
    let mut other = lock();
    other.catalog = None;
    other.entries.values_mut().for_each(|entry| entry.nodes = 8);
    other.slots.values_mut().flat_map(|slot| &mut slot.traits).for_each(|one| one.date = Some("2026-11-21".into()));
    assert_eq!(lock().differences(&other), []);
    other.entries.values_mut().for_each(|entry| entry.memory = Some(1769));
    let words: Vec<String> = lock().differences(&other).iter().map(ToString::to_string).collect();
    assert_eq!(words, ["`read` had 512 MB and would have 1769 MB"]);
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
        let lock = Lock { slots: names.into_iter().map(|(name, model)| (name, slot(model))).collect(), ..Lock::default() };
        let text = lock.to_text().unwrap();
        prop_assert_eq!(Lock::parse(&text).unwrap(), lock);
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = Lock::parse(&text);
    }
}
