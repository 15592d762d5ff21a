//! Names that an expression sees: a chain of small maps, so that a rule over a thousand
//! messages does not copy its surroundings a thousand times.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object};

/// One link of the chain.
#[derive(Debug, Default)]
pub(super) struct Scope {
    names: BTreeMap<String, Value>,
    parent: Option<Arc<Scope>>,
}

impl Scope {
    pub(super) fn new(names: BTreeMap<String, Value>) -> Arc<Self> {
        Arc::new(Self { names, parent: None })
    }

    /// The same names and these.
    pub(super) fn with(self: &Arc<Self>, names: BTreeMap<String, Value>) -> Arc<Self> {
        Arc::new(Self { names, parent: Some(Arc::clone(self)) })
    }

    /// The same names and this one.
    pub(super) fn with_one(self: &Arc<Self>, name: &str, value: Value) -> Arc<Self> {
        self.with(BTreeMap::from([(name.to_owned(), value)]))
    }

    fn find(&self, name: &str) -> Option<Value> {
        let mut scope = Some(self);
        while let Some(it) = scope {
            if let Some(value) = it.names.get(name) {
                return Some(value.clone());
            }
            scope = it.parent.as_deref();
        }
        None
    }
}

impl Object for Scope {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.find(key.as_str()?)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }
}
