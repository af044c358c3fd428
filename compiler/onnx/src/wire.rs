//! Walks the protobuf bytes once before they are decoded: counts what decoding would copy, finds where a file is cut off, and
//! bounds how deep graphs nest. Two bytes of an empty message become a hundred in memory, so counting must come first.

use crate::Limits;
use crate::error::Error;
use prost::encoding::{WireType, decode_key, decode_varint};

/// The messages that are walked into, and the fields that are copied whole.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Model,
    Function,
    Graph,
    Node,
    Attribute,
    Tensor,
    Sparse,
    /// A port with its type: at most one entry for every byte.
    Port,
    /// A text, or a message of two fields.
    Leaf,
    /// Packed numbers: as many entries as bytes at the most.
    Numbers,
}

/// What a field of a message holds, where it is decoded at all. This mirrors `proto.rs`.
fn field(message: Kind, number: u32) -> Option<Kind> {
    match (message, number) {
        (Kind::Model, 7) | (Kind::Attribute, 6 | 11) => Some(Kind::Graph),
        (Kind::Model, 25) => Some(Kind::Function),
        (Kind::Graph, 11 | 12) => Some(Kind::Port),
        (Kind::Model, 2 | 3 | 8 | 14) | (Kind::Node, 1 | 2 | 4 | 7) | (Kind::Tensor, 8 | 13) => Some(Kind::Leaf),
        (Kind::Function, 7) | (Kind::Graph, 1) => Some(Kind::Node),
        (Kind::Graph, 5) | (Kind::Attribute, 5) | (Kind::Sparse, 1) => Some(Kind::Tensor),
        (Kind::Graph, 15) => Some(Kind::Sparse),
        // Only rewriting keeps these.
        (Kind::Node, 3) | (Kind::Attribute, 1 | 9 | 10 | 15 | 23) | (Kind::Tensor, 6) => Some(Kind::Leaf),
        (Kind::Node, 5) => Some(Kind::Attribute),
        (Kind::Tensor, 1) => Some(Kind::Numbers),
        _ => None,
    }
}

struct Walk<'a> {
    limits: &'a Limits,
    file: u64,
    nodes: u64,
    entries: u64,
    /// Whether the file has begun as ONNX does, so that an early end is a cut and not another format.
    begun: bool,
}

/// Holds the bytes of a file against the limits; returns the number of nodes.
pub(crate) fn walk(bytes: &[u8], limits: &Limits) -> Result<u64, Error> {
    let file = bytes.len() as u64;
    if file > limits.bytes {
        return Err(Error::TooMany { what: "bytes", count: file, limit: limits.bytes });
    }
    let mut walk = Walk { limits, file, nodes: 0, entries: 0, begun: false };
    walk.message(Kind::Model, bytes, 0, 0)?;
    Ok(walk.nodes)
}

impl Walk<'_> {
    /// `start` is the message's place in the file, `depth` the number of graphs around it.
    fn message(&mut self, kind: Kind, bytes: &[u8], start: u64, depth: u32) -> Result<(), Error> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let at = start + (bytes.len() - rest.len()) as u64;
            let broken = Error::NotProtobuf { at };
            let (number, wire) = decode_key(&mut rest).map_err(|_| broken.clone())?;
            let content = field(kind, number);
            if wire != WireType::LengthDelimited && content.is_some_and(|content| content != Kind::Numbers) {
                return Err(broken);
            }
            let length = match wire {
                WireType::Varint => {
                    let value = decode_varint(&mut rest).map_err(|_| broken.clone())?;
                    // The first field of every model is the version of its format.
                    self.begun |= kind == Kind::Model && number == 1 && (1..1000).contains(&value);
                    0
                }
                WireType::ThirtyTwoBit => 4,
                WireType::SixtyFourBit => 8,
                WireType::LengthDelimited => decode_varint(&mut rest).map_err(|_| broken.clone())?,
                WireType::StartGroup | WireType::EndGroup => return Err(broken),
            };
            let here = start + (bytes.len() - rest.len()) as u64;
            let Some((inner, after)) = usize::try_from(length).ok().and_then(|n| rest.split_at_checked(n)) else {
                return Err(self.overrun(kind, broken, here.saturating_add(length)));
            };
            rest = after;
            if let Some(content) = content {
                self.count(content, inner.len() as u64)?;
                if wire == WireType::LengthDelimited {
                    self.enter(content, inner, here, depth)?;
                }
            }
        }
        Ok(())
    }

    fn enter(&mut self, kind: Kind, bytes: &[u8], start: u64, depth: u32) -> Result<(), Error> {
        match kind {
            Kind::Leaf | Kind::Numbers | Kind::Port => Ok(()),
            Kind::Graph if depth == self.limits.depth => {
                let (count, limit) = (u64::from(depth) + 1, u64::from(self.limits.depth));
                Err(Error::TooMany { what: "graphs within each other", count, limit })
            }
            Kind::Graph => self.message(kind, bytes, start, depth + 1),
            _ => self.message(kind, bytes, start, depth),
        }
    }

    /// A field claims to end behind its message: at the top the file is cut off, deeper the bytes are wrong.
    fn overrun(&self, kind: Kind, broken: Error, need: u64) -> Error {
        if kind == Kind::Model && self.begun && need <= self.limits.bytes {
            Error::Truncated { have: self.file, need }
        } else {
            broken
        }
    }

    fn count(&mut self, kind: Kind, bytes: u64) -> Result<(), Error> {
        self.nodes += u64::from(kind == Kind::Node);
        self.entries += if matches!(kind, Kind::Numbers | Kind::Port) { bytes.max(1) } else { 1 };
        for (what, count, limit) in
            [("nodes", self.nodes, self.limits.nodes), ("entries", self.entries, self.limits.entries)]
        {
            if count > limit {
                return Err(Error::TooMany { what, count, limit });
            }
        }
        Ok(())
    }
}
