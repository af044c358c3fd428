//! Tokens by a small `tokenizer.json`, which asks for padding and truncation that are to be ignored.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::tensor;
use mu_format::ir::Attr;
use mu_format::op::Op;
use mu_format::tensor::{DType, Data};
use mu_format::types::{Dim, Type};
use mu_format::value::Value;
use mu_ops::{Context, OpError, Tokenizers};
use std::sync::Arc;

fn tokens(cx: &mut Context, text: &str, at_most: i64) -> Result<Vec<i64>, OpError> {
    let result = Type::Tensor(DType::I64, vec![Dim::UpTo(at_most.unsigned_abs())]);
    let attrs = [Attr::Asset(0), Attr::Int(at_most)];
    assert_eq!(mu_ops::result_type(Op::Tokenize, &attrs, &[&Type::Text], &result), Ok(()));
    let value = mu_ops::run(Op::Tokenize, &attrs, &[Value::Text(text.into())], &[&Type::Text], &result, cx)?;
    match &tensor(&value).data {
        Data::I64(ids) => Ok(ids.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn word_pieces_stand_between_special_tokens() {
    let assets = [Arc::new(common::file("tokenizer.json"))];
    let mut cx = Context::new(&[], &assets);
    // [CLS] hello world ##s [UNK] [SEP]
    assert_eq!(tokens(&mut cx, "Hello  worlds qqq", 16), Ok(vec![2, 4, 5, 6, 1, 3]));
    assert_eq!(tokens(&mut cx, "", 16), Ok(vec![2, 3]));
}

#[test]
fn a_text_that_is_too_long_is_cut_and_keeps_its_special_tokens() {
    let assets = [Arc::new(common::file("tokenizer.json"))];
    let mut cx = Context::new(&[], &assets);
    assert_eq!(tokens(&mut cx, "hello world hello world", 4), Ok(vec![2, 4, 5, 3]));
    assert_eq!(tokens(&mut cx, "hello", 2), Ok(vec![2, 3]));
    let error = tokens(&mut cx, "hello", 1).expect_err("no room");
    assert_eq!(error.message, "`tokenize`: at most 1 tokens, but 2 are special ones");
}

#[test]
fn a_tokenizer_is_parsed_once_for_all_contexts_that_share_it() {
    let assets = [Arc::new(common::file("tokenizer.json"))];
    let shared = Tokenizers::default();
    assert_eq!(tokens(&mut Context::sharing(&[], &assets, shared.clone()), "hello", 8), Ok(vec![2, 4, 3]));
    // The bytes are not looked at again.
    let broken = [Arc::new(b"{".to_vec())];
    assert_eq!(tokens(&mut Context::sharing(&[], &broken, shared), "hello", 8), Ok(vec![2, 4, 3]));
    let error = tokens(&mut Context::new(&[], &broken), "hello", 8).expect_err("no tokenizer");
    assert!(error.message.starts_with("the file is no tokenizer: "), "{error}");
}
