//! Work on deep trees, which recurses.

use crate::fault::{Code, Fault, Faults, Result};
use std::thread::{Builder, Scope, ScopedJoinHandle, scope};

/// Runs on a stack that no document can exhaust within the limits that [`load`](crate::load) sets, and turns a panic of a
/// stage into a fault.
pub fn deep<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T> {
    scope(|scope| join(spawn(scope, work)))
}

/// What becomes of two works that are done side by side, each as by [`deep`].
pub fn deep_both<A: Send, B: Send>(
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B + Send,
) -> Result<(A, B)> {
    scope(|scope| {
        let (one, other) = (spawn(scope, one), spawn(scope, other));
        let (one, other) = (join(one), join(other));
        Ok((one?, other?))
    })
}

/// What becomes of each input, in their order, with all of them worked on side by side, each as by [`deep`].
pub fn deep_each<I: Sync, T: Send>(
    inputs: &[I],
    work: impl Fn(&I) -> Result<T> + Sync,
) -> Vec<Result<T>> {
    let work = &work;
    scope(|scope| {
        let threads: Vec<_> =
            inputs.iter().map(|input| spawn(scope, move || work(input))).collect();
        threads.into_iter().map(|thread| join(thread)?).collect()
    })
}

fn spawn<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, T>> {
    const STACK: usize = 512 << 20;
    Builder::new().stack_size(STACK).spawn_scoped(scope, work).map_err(|error| {
        let code = Code::NoThread { error: error.to_string() };
        fault(code, "free some memory and try again")
    })
}

fn join<T>(thread: Result<ScopedJoinHandle<'_, T>>) -> Result<T> {
    thread?.join().map_err(|_| fault(Code::Panicked, "please report it with the document"))
}

fn fault(code: Code, help: &str) -> Faults {
    Fault::of_file("generator", code, help).into()
}

#[cfg(test)]
#[test]
fn a_panic_is_the_fault_of_its_input() {
    let made = deep_each(&[2, 0, 5], |it| Ok(10 / it));
    let (sound, faults): (Vec<_>, Vec<_>) = made.into_iter().partition(|it| it.is_ok());
    assert_eq!(sound.into_iter().flatten().collect::<Vec<_>>(), [5, 2]);
    let code = faults.into_iter().find_map(Result::err).and_then(|it| it.0.into_iter().next());
    assert!(code.is_some_and(|it| *it.code == Code::Panicked));
}
