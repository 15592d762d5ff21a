//! Lists read page by page.
use super::call::Call;
use crate::Error;
use futures_core::Stream;
use serde::de::DeserializeOwned;

/// The items of all pages.
pub fn stream<T: DeserializeOwned + Send + 'static>(
    call: Result<Call, Error>,
) -> impl Stream<Item = Result<T, Error>> + Send + Unpin + 'static {
    let first = call.err().map(Err);
    Box::pin(futures_util::stream::iter(first))
}
