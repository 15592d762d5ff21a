//! Parameters that repeat a security scheme: they become requirements of their operation.

use crate::security::{Carriers, requirements, written};
use serde_json::{Map, Value, json};

/// What becomes of the parameters that are credentials.
#[derive(Debug)]
pub(super) struct Credentials {
    carriers: Carriers,
    /// The document without its operations.
    shared: Value,
    /// Those of the operation at hand: where each travels, its name, whether a call must have it.
    taken: Vec<(String, String, bool)>,
    /// Whether the scheme that the document does not declare was asked for.
    implied: bool,
}

impl Credentials {
    /// For the operations of a document whose own requirements are well-formed.
    pub(super) fn of(root: &Value) -> Self {
        let shared = root.get("security").map_or(json!({}), |it| json!({ "security": it }));
        Self { carriers: Carriers::of(root), shared, taken: Vec::new(), implied: false }
    }

    /// Whether the parameter is a credential; it is kept for the operation's requirements.
    pub(super) fn take(&mut self, parameter: &Value, location: &str, name: &str) -> bool {
        let carried = self.carriers.carries(location, name);
        if carried {
            let required = parameter.get("required") == Some(&Value::Bool(true));
            self.taken.push((location.to_owned(), name.to_owned(), required));
        }
        carried
    }

    /// Lets the operation require what its parameters asked for.
    pub(super) fn demand(&mut self, operation: &mut Map<String, Value>) {
        let taken = std::mem::take(&mut self.taken);
        if taken.is_empty() {
            return;
        }
        let own = operation.get("security").map_or(json!({}), |it| json!({ "security": it }));
        let held = requirements(&self.shared, &own).unwrap_or_default();
        let parameters = taken.iter().map(|it| (it.0.as_str(), it.1.as_str(), it.2));
        let demanded = self.carriers.demand(held.clone(), parameters);
        if demanded == held {
            return;
        }
        if let Some(implied) = self.carriers.implied() {
            self.implied |= demanded.iter().flatten().any(|it| it.0 == implied);
        }
        operation.insert("security".to_owned(), written(&demanded));
    }

    /// Declares the scheme that was missing.
    pub(super) fn declare(self, root: &mut Value) {
        if self.implied {
            self.carriers.declare_implied(root);
        }
    }
}
