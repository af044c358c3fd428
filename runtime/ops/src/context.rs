//! What operations need besides their arguments: label sets, files, and what was made of them once.

use crate::error::{OpError, Outcome};
use crate::image::Pixels;
use mu_format::ir::AssetId;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokenizers::Tokenizer;

/// Tokenizers parsed so far, shared by all contexts of one program. Parsing one takes far longer than using it.
#[derive(Clone, Default)]
pub struct Tokenizers {
    parsed: Arc<Mutex<BTreeMap<AssetId, Arc<Mutex<Tokenizer>>>>>,
}

/// The label sets and files of a program, by place.
pub struct Context<'a> {
    labels: &'a [Vec<String>],
    assets: &'a [Arc<Vec<u8>>],
    tokenizers: Tokenizers,
    /// The picture decoded last: cropping sixteen boxes out of one decodes it once.
    pub(crate) decoded: Option<(Arc<Vec<u8>>, Pixels)>,
}

impl<'a> Context<'a> {
    pub fn new(labels: &'a [Vec<String>], assets: &'a [Arc<Vec<u8>>]) -> Context<'a> {
        Context::sharing(labels, assets, Tokenizers::default())
    }

    /// As [`Context::new`], with tokenizers that another context of the same program may have parsed already.
    pub fn sharing(labels: &'a [Vec<String>], assets: &'a [Arc<Vec<u8>>], tokenizers: Tokenizers) -> Context<'a> {
        Context { labels, assets, tokenizers, decoded: None }
    }

    pub(crate) fn labels(&self, set: u32) -> Outcome<&'a [String]> {
        let labels = self.labels.get(set as usize);
        labels.map(Vec::as_slice).ok_or_else(|| OpError::internal(format!("label set {set} does not exist")))
    }

    pub(crate) fn tokenizer(&self, asset: AssetId) -> Outcome<Arc<Mutex<Tokenizer>>> {
        let mut parsed = self.tokenizers.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tokenizer) = parsed.get(&asset) {
            return Ok(tokenizer.clone());
        }
        let bytes = self.assets.get(asset as usize);
        let bytes = bytes.ok_or_else(|| OpError::internal(format!("file {asset} does not exist")))?;
        let tokenizer = Arc::new(Mutex::new(crate::text::read_tokenizer(bytes)?));
        parsed.insert(asset, tokenizer.clone());
        Ok(tokenizer)
    }
}
