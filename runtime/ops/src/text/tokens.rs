//! Token ids by a Hugging Face `tokenizer.json`.

use crate::call::Call;
use crate::context::Context;
use crate::error::{OpError, Outcome};
use crate::view::tensor;
use mu_format::value::Value;
use std::sync::PoisonError;
use tokenizers::utils::truncation::{TruncationParams, TruncationStrategy};
use tokenizers::{PostProcessor, Tokenizer, TruncationDirection};

/// Reads the file. The padding and the truncation it asks for are left out: both belong to the call.
pub(crate) fn read_tokenizer(bytes: &[u8]) -> Outcome<Tokenizer> {
    let mut tokenizer =
        Tokenizer::from_bytes(bytes).map_err(|error| OpError::bad(format!("the file is no tokenizer: {error}")))?;
    let cleared = tokenizer.with_padding(None).with_truncation(None);
    cleared.map_err(|error| OpError::bad(format!("the file is no tokenizer: {error}")))?;
    Ok(tokenizer)
}

pub(crate) fn tokenize(call: &Call, cx: &Context) -> Outcome<Value> {
    let tokenizer = cx.tokenizer(call.asset(0)?)?;
    let mut tokenizer = tokenizer.lock().unwrap_or_else(PoisonError::into_inner);
    let at_most = call.dim(1)?;
    let special = tokenizer.get_post_processor().map_or(0, |processor| processor.added_tokens(false));
    if at_most < special {
        return Err(call.bad(&format!("at most {at_most} tokens, but {special} are special ones")));
    }
    let failed = |error| call.bad(&format!("{error}"));
    let cut = TruncationParams {
        max_length: at_most,
        strategy: TruncationStrategy::LongestFirst,
        stride: 0,
        direction: TruncationDirection::Right,
    };
    tokenizer.with_truncation(Some(cut)).map_err(failed)?;
    let encoding = tokenizer.encode_fast(call.text(0)?, true).map_err(failed)?;
    let ids: Vec<i64> = encoding.get_ids().iter().map(|id| i64::from(*id)).collect();
    Ok(tensor(&[ids.len()], ids))
}
