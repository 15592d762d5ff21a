//! The loop around the attempts of a call.
use super::answer::Answer;
use super::call::Call;
use crate::Error;
use crate::error::Kind;

pub(crate) async fn send(call: &Call) -> Result<Answer, Error> {
    let _ = call.core.shared.auth.ticket(&call.core.shared).await?;
    Err(Error::new(Kind::Transport, "not sent").with_operation(call.operation))
}
