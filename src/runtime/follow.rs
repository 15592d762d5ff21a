//! New items of a list, polled.
use super::call::Call;
use crate::Error;
use futures_core::Stream;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

/// New items as they appear.
#[derive(Debug)]
pub struct Follow<T> {
    call: Option<Result<Call, Error>>,
    item: PhantomData<fn() -> T>,
}

/// A place in the list, to be stored and resumed from.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
pub struct FollowCursor {}

/// Starts following.
#[must_use]
pub fn start<T: DeserializeOwned + Send + 'static>(call: Result<Call, Error>) -> Follow<T> {
    Follow { call: Some(call), item: PhantomData }
}

impl<T> Stream for Follow<T> {
    type Item = Result<T, Error>;
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.call.take() {
            Some(Err(error)) => Poll::Ready(Some(Err(error))),
            Some(Ok(_)) | None => Poll::Ready(None),
        }
    }
}
