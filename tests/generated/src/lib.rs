//! Clients of two documents of our own. What they send and read is checked in `tests/it.rs`.

/// The client of an OpenAPI 3.1 document.
pub mod shop {
    include!(concat!(env!("OUT_DIR"), "/shop.rs"));
}

/// The client of a Swagger 2.0 document.
pub mod ledger {
    include!(concat!(env!("OUT_DIR"), "/ledger.rs"));
}
