//! An index says what was put in, reads little to say it, and takes no bytes for an index that are none.

use mu_index::{
    Aspect, Basis, CardEntry, Content, DataSet, Error, FileEntry, Goal, Index, Key, Operand, Query, Require, build,
};
use mu_select::Op;

const TASK: &str = "image_classification<Digit>";

fn measured(path: &str) -> Key {
    let dataset = DataSet { name: "holdout".into(), sha256: "ab".into() };
    Key { path: path.into(), basis: Basis::Measured { dataset }, aspect: Aspect::Value }
}

fn claimed(path: &str) -> Key {
    Key { path: path.into(), basis: Basis::Claimed { dataset: Some("holdout".into()) }, aspect: Aspect::Value }
}

fn size() -> Key {
    Key { path: "size".into(), basis: Basis::File, aspect: Aspect::Value }
}

fn operand(keys: &[Key]) -> Operand {
    Operand { keys: keys.to_vec() }
}

fn at_least(keys: &[Key], bound: f64) -> Require {
    Require { operand: operand(keys), op: Op::Ge, bound }
}

/// Cards of a seeded catalog: every third one measured, all claimed, two licences, a second task.
fn catalog(count: u32) -> (Vec<FileEntry>, Vec<CardEntry>) {
    let mut seed = 7_u64;
    let mut number = move || {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> 40) as f64 / (1_u64 << 24) as f64
    };
    let file = |card: u32| FileEntry { path: format!("models/m{card}.mu"), size: 400, sha256: [card as u8; 32] };
    let card = |card: u32| {
        let mut values = vec![(claimed("top1"), number()), (size(), (number() * 1e6).round())];
        if card.is_multiple_of(3) {
            values.push((measured("top1"), number()));
        }
        CardEntry {
            name: format!("m{card}"),
            task: if card.is_multiple_of(10) { "speech".into() } else { TASK.into() },
            license: if card.is_multiple_of(2) { "MIT".into() } else { "GPL-3.0-only".into() },
            file: card,
            evidence: card.is_multiple_of(3).then_some(card),
            notes: card,
            values,
        }
    };
    ((0..count).map(file).collect(), (0..count).map(card).collect())
}

fn made(files: &[FileEntry], cards: &[CardEntry]) -> Result<Vec<u8>, Error> {
    build(&Content { made_by: "test".into(), files: files.to_vec(), cards: cards.to_vec(), ..Content::default() })
}

fn value(card: &CardEntry, keys: &[Key]) -> Option<f64> {
    keys.iter().find_map(|key| card.values.iter().find(|(other, _)| other == key).map(|(_, value)| *value))
}

#[test]
fn what_is_found_is_what_a_scan_finds() {
    let (files, cards) = catalog(3000);
    let bytes = made(&files, &cards).unwrap();
    let index = Index::open(bytes.as_slice()).unwrap();
    index.verify().unwrap();
    let group = index.group(TASK).unwrap();
    for keys in [vec![measured("top1")], vec![measured("top1"), claimed("top1")], vec![claimed("other")]] {
        for bound in [0.0, 0.5, 0.97, 1.5] {
            let allows = |license: &str| license == "MIT";
            let query = Query { requires: vec![at_least(&keys, bound)], license: Some(&allows) };
            let mut expected: Vec<&CardEntry> = cards.iter().filter(|card| card.task == TASK).collect();
            expected.retain(|card| card.license == "MIT" && value(card, &keys).is_some_and(|v| v >= bound));
            expected.sort_by(|a, b| a.name.cmp(&b.name));
            let found = index.filter(group, &query).unwrap();
            let found: Vec<_> = found.into_iter().map(|place| index.card(group, place).unwrap()).collect();
            let names = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
            let found_names = names(found.iter().map(|card| card.name.as_str()).collect());
            assert_eq!(found_names, names(expected.iter().map(|card| card.name.as_str()).collect()));
            assert!(found.iter().zip(&expected).all(|(a, b)| (a.file, a.evidence) == (b.file, b.evidence)));
            let goal = Goal { operand: operand(&[claimed("top1")]), maximize: true };
            let best = index.best(group, &query, &[goal]).unwrap();
            let best = best.map(|place| index.card(group, place).unwrap().name);
            let top = |card: &&&CardEntry| value(card, &[claimed("top1")]).unwrap();
            let wanted = expected.iter().max_by(|a, b| top(a).total_cmp(&top(b))).map(|card| card.name.clone());
            assert_eq!(best, wanted);
        }
    }
    assert_eq!(index.file(17).unwrap().path, "models/m17.mu");
    assert_eq!(index.all_files().unwrap().len(), 3000);
    assert!(index.group("none").is_none());
}

#[test]
fn equal_goals_are_decided_by_size_and_then_by_name() {
    let card = |name: &str, bytes: f64| CardEntry {
        name: name.into(),
        task: TASK.into(),
        license: "MIT".into(),
        file: 0,
        evidence: None,
        notes: 0,
        values: vec![(claimed("top1"), 0.5), (size(), bytes)],
    };
    let files = [FileEntry { path: "models/all.mu".into(), size: 1, sha256: [0; 32] }];
    let bytes = made(&files, &[card("z", 5.0), card("b", 4.0), card("a", f64::NAN), card("c", 4.0)]).unwrap();
    let index = Index::open(bytes.as_slice()).unwrap();
    let group = index.group(TASK).unwrap();
    let best = |goals: &[Goal]| index.best(group, &Query::default(), goals).unwrap();
    let goal = |key: Key| Goal { operand: operand(&[key]), maximize: true };
    let name = |place: Option<u32>| index.card(group, place.unwrap()).unwrap().name;
    assert_eq!(name(best(&[goal(claimed("top1"))])), "b");
    assert_eq!(name(best(&[])), "b");
    assert_eq!(name(best(&[goal(measured("top1"))])), "b");
}

#[test]
fn only_the_columns_that_are_asked_for_are_read() {
    let (files, cards) = catalog(200_000);
    let bytes = made(&files, &cards).unwrap();
    let index = Index::open(bytes.as_slice()).unwrap();
    let opened = index.bytes_read();
    assert!(opened < 80_000, "opening read {opened} of {} bytes", bytes.len());
    let group = index.group(TASK).unwrap();
    let requires = vec![at_least(&[measured("top1")], 0.999)];
    let found = index.filter(group, &Query { requires, license: None }).unwrap();
    let column = u64::from(group.cards()) * 8;
    let read = index.bytes_read() - opened;
    assert!(!found.is_empty() && read <= column + 2 * 65_536, "a column has {column} bytes, {read} were read");
    let before = index.bytes_read();
    index.card(group, found[0]).unwrap();
    assert!(index.bytes_read() - before <= 5 * 2 * 65_536);
}

#[test]
fn the_same_catalog_gives_the_same_bytes() {
    let (files, mut cards) = catalog(100);
    let first = made(&files, &cards).unwrap();
    cards.reverse();
    assert_eq!(made(&files, &cards).unwrap(), first);
}

#[test]
fn a_flipped_bit_is_found_wherever_it_is() {
    let (files, cards) = catalog(40);
    let bytes = made(&files, &cards).unwrap();
    for place in 0..bytes.len() {
        for bit in [0, 3, 7] {
            let mut flipped = bytes.clone();
            flipped[place] ^= 1 << bit;
            let answer = Index::open(flipped.as_slice()).and_then(|index| index.verify());
            assert!(answer.is_err(), "bit {bit} of byte {place}");
        }
    }
}

#[test]
fn no_bytes_make_it_fall_over() {
    let (files, cards) = catalog(40);
    let bytes = made(&files, &cards).unwrap();
    for end in 0..bytes.len() {
        assert!(Index::open(&bytes[..end]).is_err(), "cut at {end}");
    }
    assert_eq!(
        Index::open(&b"PK\x03\x04 not an index, but long enough to have a header of one ...."[..]).err(),
        Some(Error::NotAnIndex)
    );
    let mut newer = bytes.clone();
    newer[8] = 9;
    assert_eq!(Index::open(newer.as_slice()).err(), Some(Error::Newer { version: 9 }));
    // Lengths that lie, with checksums that are right.
    for (at, value) in [(16, u64::MAX), (16, 1 << 40), (24, u64::MAX), (32, u64::MAX), (32, 0), (24, 0)] {
        let mut lying = bytes.clone();
        lying[at..at + 8].copy_from_slice(&value.to_le_bytes());
        let crc = crc32fast::hash(&lying[..60]);
        lying[60..64].copy_from_slice(&crc.to_le_bytes());
        let answer = Index::open(lying.as_slice()).and_then(|index| index.verify());
        assert!(answer.is_err(), "{value} at {at}");
    }
    // A payload of noise whose checksums are right.
    let mut seed = 1_u32;
    for _ in 0..400 {
        let blocks = HEADER_AND_TABLE;
        let mut noise = bytes.clone();
        for byte in &mut noise[blocks..] {
            seed = seed.wrapping_mul(1664525).wrapping_add(1013904223);
            if seed >> 29 == 0 {
                *byte = (seed >> 16) as u8;
            }
        }
        let sum = crc32fast::hash(&noise[blocks..]);
        noise[64..68].copy_from_slice(&sum.to_le_bytes());
        let table = crc32fast::hash(&noise[64..68]);
        noise[12..16].copy_from_slice(&table.to_le_bytes());
        let header = crc32fast::hash(&noise[..60]);
        noise[60..64].copy_from_slice(&header.to_le_bytes());
        if let Ok(index) = Index::open(noise.as_slice()) {
            let _ = index.verify();
            for group in index.groups() {
                for key in group.keys() {
                    let _ = index.column(group, key);
                }
            }
        }
    }
}

/// Of an index with one block.
const HEADER_AND_TABLE: usize = 64 + 4;
