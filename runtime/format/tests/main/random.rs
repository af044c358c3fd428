//! Random programs, types and values. A seed gives the same ones everywhere.

use mu_format::decision::{Alternative, Decision};
use mu_format::ir::*;
use mu_format::op::Op;
use mu_format::tensor::{DType, Data, Tensor};
use mu_format::types::{Dim, Type};
use mu_format::value::{Audio, Image, Value};
use std::sync::Arc;

/// A generator of numbers (xorshift64*).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.bits() >> 16) as usize % n.max(1)
    }

    pub fn yes(&mut self) -> bool {
        self.below(2) == 0
    }

    pub fn list<T>(&mut self, most: usize, mut item: impl FnMut(&mut Random) -> T) -> Vec<T> {
        (0..self.below(most + 1)).map(|_| item(self)).collect()
    }

    fn text(&mut self) -> String {
        let parts = ["", "a", "label", "größe", "\"", "\\", "\n", "; no comment", "%1", "x:0", "日本", "\u{7f}\u{0}"];
        let texts = self.list(3, |r| parts[r.below(parts.len())]);
        texts.concat()
    }

    /// Any bits: NaN with payloads, infinities, -0 and subnormal numbers are among them.
    fn f32(&mut self) -> f32 {
        let special = [0.0, -0.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MIN_POSITIVE, 1e-45, 0.1, -1e30];
        if self.yes() { special[self.below(special.len())] } else { f32::from_bits(self.bits() as u32) }
    }

    fn f64(&mut self) -> f64 {
        let special = [0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 5e-324, 0.1, 1e300];
        if self.yes() { special[self.below(special.len())] } else { f64::from_bits(self.bits()) }
    }

    fn i64(&mut self) -> i64 {
        if self.yes() { self.below(100) as i64 - 50 } else { self.bits() as i64 }
    }

    fn dim(&mut self) -> Dim {
        let n = self.below(4) as u64;
        [Dim::Is(n), Dim::UpTo(n), Dim::Any][self.below(3)]
    }

    pub fn ty(&mut self, depth: usize) -> Type {
        let choices = if depth == 0 { 8 } else { 12 };
        match self.below(choices) {
            0 => Type::Text,
            1 => Type::Bytes,
            2 => Type::Image,
            3 => Type::Audio,
            4 => Type::Label(self.below(2) as u32),
            5 => Type::Ranking(self.below(2) as u32),
            6 => Type::scalar(DType::ALL[self.below(6)]),
            7 => Type::Tensor(DType::ALL[self.below(6)], self.list(3, Random::dim)),
            8 => Type::Option(Box::new(self.ty(depth - 1))),
            9 => Type::Result(Box::new(self.ty(depth - 1))),
            10 => Type::List(Box::new(self.ty(depth - 1)), self.below(9) as u64),
            _ => {
                let fields = self.list(3, |r| (r.text(), r.ty(depth - 1)));
                Type::Record(fields.into_iter().enumerate().map(|(i, (name, ty))| (format!("{name}{i}"), ty)).collect())
            }
        }
    }

    fn data(&mut self, dtype: DType, count: usize) -> Data {
        let items = |r: &mut Random| (0..count).map(|_| r.bits()).collect::<Vec<_>>();
        match dtype {
            DType::Bool => Data::Bool(items(self).into_iter().map(|b| b & 1 == 0).collect()),
            DType::U8 => Data::U8(items(self).into_iter().map(|b| b as u8).collect()),
            DType::I32 => Data::I32(items(self).into_iter().map(|b| b as i32).collect()),
            DType::I64 => Data::I64(items(self).into_iter().map(|b| b as i64).collect()),
            DType::F32 => Data::F32((0..count).map(|_| self.f32()).collect()),
            DType::F64 => Data::F64((0..count).map(|_| self.f64()).collect()),
        }
    }

    /// A value of a type; label sets have two labels.
    pub fn value(&mut self, ty: &Type) -> Value {
        match ty {
            Type::Text => Value::Text(self.text().into()),
            Type::Bytes => Value::Bytes(Arc::new(self.list(4, |r| r.bits() as u8))),
            Type::Image if self.yes() => {
                let data = Arc::new(self.list(6, |r| r.bits() as u8));
                Value::Image(Image::Pixels { width: data.len() as u32, height: 1, channels: 1, data })
            }
            Type::Image => Value::Image(Image::Encoded(Arc::new(self.list(4, |r| r.bits() as u8)))),
            Type::Audio if self.yes() => {
                Value::Audio(Audio::Samples { rate: 16000, data: Arc::new(self.list(4, Random::f32)) })
            }
            Type::Audio => Value::Audio(Audio::Encoded(Arc::new(self.list(4, |r| r.bits() as u8)))),
            Type::Label(_) => Value::Label(self.below(2) as u32),
            Type::Ranking(_) => Value::Ranking(Arc::new(vec![(1, self.f32()), (0, self.f32())])),
            Type::Option(inner) => Value::Option(self.yes().then(|| Arc::new(self.value(inner)))),
            Type::Result(_) if self.yes() => Value::Result(Err(self.text().into())),
            Type::Result(inner) => Value::Result(Ok(Arc::new(self.value(inner)))),
            Type::List(element, bound) => Value::List(Arc::new(self.list(*bound as usize, |r| r.value(element)))),
            Type::Record(fields) => Value::Record(Arc::new(fields.iter().map(|(_, ty)| self.value(ty)).collect())),
            Type::Tensor(dtype, dims) => {
                let shape: Vec<usize> = dims
                    .iter()
                    .map(|dim| match dim {
                        Dim::Is(n) => *n as usize,
                        Dim::UpTo(n) => self.below(*n as usize + 1),
                        Dim::Any => self.below(4),
                    })
                    .collect();
                let data = self.data(*dtype, shape.iter().product());
                Value::from_tensor(Arc::new(Tensor { shape, data }))
            }
        }
    }

    fn attr(&mut self) -> Attr {
        match self.below(6) {
            0 => Attr::Int(self.i64()),
            1 => Attr::Float(self.f64()),
            2 => Attr::Text(self.text()),
            3 => Attr::Ints(self.list(3, Random::i64)),
            4 => Attr::Asset(self.below(9) as u32),
            _ => Attr::Classes(self.list(3, |r| r.below(9) as u32)),
        }
    }

    /// A program whose values are numbered as the format asks; what it does makes no sense.
    pub fn program(&mut self) -> Program {
        let port = |r: &mut Random| (r.text(), r.ty(1));
        let mut program = Program {
            labels: self.list(2, |r| r.list(3, Random::text)),
            constants: self.list(3, |r| {
                let ty = r.ty(3);
                Constant { name: r.text(), value: r.value(&ty), ty }
            }),
            assets: self.list(2, |r| Asset { name: r.text(), sha256: r.text() }),
            models: self.list(2, |r| Model {
                name: r.text(),
                sha256: r.text(),
                inputs: r.list(2, port),
                outputs: r.list(2, port),
            }),
            functions: Vec::new(),
            entries: Vec::new(),
            decisions: self.list(2, |r| {
                let alternative = |r: &mut Random| Alternative { card: r.text(), values: r.list(3, Random::f64) };
                let (slot, terms) = (r.text(), r.list(3, Random::text));
                Decision { slot, terms, options: r.list(3, alternative), breaks: r.list(3, Random::f64) }
            }),
        };
        for i in 0..1 + self.below(3) {
            let mut values = Vec::new();
            let body = self.block(&mut values, i as u32, 3);
            let name = format!("{}{i}", self.text());
            program.functions.push(Function { name, result: self.ty(2), values, body });
        }
        program.entries = self.list(2, |r| Entry {
            name: r.text(),
            function: r.below(program.functions.len()) as u32,
            params: r.list(2, |r| Param { name: r.text(), ty: r.ty(2) }),
            result: r.ty(2),
            docs: r.text(),
        });
        program
    }

    fn define(&mut self, values: &mut Vec<Type>) -> ValueId {
        values.push(self.ty(2));
        values.len() as u32 - 1
    }

    fn block(&mut self, values: &mut Vec<Type>, functions: u32, depth: usize) -> Block {
        let params = self.list(2, |r| r.define(values));
        let insts = self.list(4, |r| {
            let kind = r.kind(values, functions, depth);
            let result = r.define(values);
            let kind = kind.unwrap_or_else(|| Kind::Literal(r.value(&values[result as usize])));
            Inst { result, kind }
        });
        Block { params, insts, yields: self.list(2, |r| r.below(values.len()) as u32) }
    }

    /// `None` stands for a literal.
    fn kind(&mut self, values: &mut Vec<Type>, functions: u32, depth: usize) -> Option<Kind> {
        let any = |r: &mut Random| r.below(9) as u32;
        let choices = if depth == 0 { 12 } else { 17 };
        Some(match self.below(choices) {
            0 => Kind::Const(any(self)),
            1 | 2 => {
                let op = Op::ALL[self.below(Op::ALL.len())];
                Kind::Op { op, attrs: self.list(3, Random::attr), args: self.list(3, any) }
            }
            3 if functions > 0 => {
                Kind::Call { function: self.below(functions as usize) as u32, args: self.list(3, any) }
            }
            4 => Kind::Infer { model: any(self), args: self.list(3, any) },
            5 => Kind::Record(self.list(3, any)),
            6 => Kind::List(self.list(3, any)),
            7 => Kind::Field { record: any(self), index: any(self) },
            8 => Kind::Some(any(self)),
            9 => Kind::None,
            10 => Kind::Ok(any(self)),
            11 => Kind::Err(any(self)),
            12 => Kind::If {
                condition: any(self),
                then: self.block(values, functions, depth - 1),
                otherwise: self.block(values, functions, depth - 1),
            },
            13 => Kind::Match {
                subject: any(self),
                present: self.block(values, functions, depth - 1),
                absent: self.block(values, functions, depth - 1),
            },
            14 => Kind::For {
                list: any(self),
                filter: if self.yes() { Some(self.block(values, functions, depth - 1)) } else { None },
                body: self.block(values, functions, depth - 1),
            },
            15 => {
                Kind::Scan { list: any(self), init: self.list(3, any), body: self.block(values, functions, depth - 1) }
            }
            16 if functions > 0 => Kind::Dispatch {
                decision: any(self),
                functions: self.list(3, |r| r.below(functions as usize) as u32),
                args: self.list(3, any),
            },
            _ => return None,
        })
    }
}
