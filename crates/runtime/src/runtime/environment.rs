//! What the environment has for a client: credentials, and the base URL.

use std::ffi::OsString;

use crate::credential::Credential;

/// The builder method of a credential, and the variables that hold it: one for a secret, two for a name and a secret.
pub(crate) type Variables = (&'static str, &'static [&'static str]);

/// What was found, and what was looked for.
#[derive(Default)]
pub(crate) struct Environment {
    pub(crate) credentials: Vec<(&'static str, Credential)>,
    pub(crate) base_url: Option<String>,
    pub(crate) looked_for: Vec<&'static [&'static str]>,
    /// What is wrong, with the builder method whose call makes up for it.
    pub(crate) faults: Vec<(&'static str, String)>,
}

/// Looks for these credentials and the base URL. An empty variable counts as unset.
pub(crate) fn read(
    credentials: &[Variables],
    base_url: &'static str,
    lookup: impl Fn(&str) -> Option<OsString>,
) -> Environment {
    let text = |name: &'static str| match lookup(name).map(OsString::into_string) {
        None => Ok(None),
        Some(Ok(text)) => Ok(Some(text).filter(|it| !it.is_empty())),
        Some(Err(_)) => Err(format!("the environment variable `{name}` is not Unicode")),
    };
    let mut found = Environment::default();
    for (method, names) in credentials {
        found.looked_for.push(names);
        let values: Result<Vec<_>, _> = names.iter().map(|name| text(name)).collect();
        let mut values = match values {
            Ok(values) => values,
            Err(fault) => {
                found.faults.push((method, fault));
                continue;
            }
        };
        match values.iter().position(Option::is_none) {
            None => {
                let secret = values.pop().flatten().unwrap_or_default().into();
                let name = values.pop().flatten().unwrap_or_default();
                found.credentials.push((method, Credential { name, secret, variables: names }));
            }
            Some(unset) if values.iter().any(Option::is_some) => {
                let unset = names[unset];
                let text = format!("of {} the environment lacks `{unset}`", names.join(" and "));
                found.faults.push((method, text));
            }
            Some(_) => {}
        }
    }
    match text(base_url) {
        Ok(url) => found.base_url = url,
        Err(fault) => found.faults.push(("base_url", fault)),
    }
    found
}
