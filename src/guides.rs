//! Whole tasks from beginning to end. The pages stand in `docs/guides/`; their programs run against the sandbox, as tests.

#[doc = include_str!("../docs/guides/inbox.md")]
pub mod inbox {}
#[doc = include_str!("../docs/guides/limits_and_errors.md")]
pub mod limits_and_errors {}
#[doc = include_str!("../docs/guides/migrating.md")]
pub mod migrating {}
#[doc = include_str!("../docs/guides/requests.md")]
pub mod requests {}
#[doc = include_str!("../docs/guides/testing.md")]
pub mod testing {}
#[doc = include_str!("../docs/guides/webhooks.md")]
pub mod webhooks {}
