//! Work on deep trees, which recurses.

use crate::fault::{Code, Fault, Result};

/// Runs on a stack that no document can exhaust within the limits that [`load`](crate::load) sets, and turns a panic of a
/// stage into a fault.
pub fn deep<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T> {
    const STACK: usize = 512 << 20;
    let fault = |code: Code, help: &str| Fault::of_file("generator", code, help).into();
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        let thread = thread.map_err(|error| {
            let code = Code::NoThread { error: error.to_string() };
            fault(code, "free some memory and try again")
        })?;
        thread.join().map_err(|_| fault(Code::Panicked, "please report it with the document"))
    })
}
