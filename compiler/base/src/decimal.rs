//! Exact decimal numbers: literals, unit factors, money.

pub use rust_decimal::Decimal;
