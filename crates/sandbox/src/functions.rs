//! What expressions of `sandbox.yaml` can call: identifiers, times and small object tools.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{Kwargs, Rest, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior, Value};

use super::scope::Scope;
use super::template::{self, Template};

/// Names that helpers see besides their parameters.
const AMBIENT: [&str; 5] = ["request", "state", "now", "base_url", "credential"];

/// A named template with parameters.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Helper {
    #[serde(rename = "of", default)]
    pub(super) parameters: Vec<String>,
    pub(super) value: Template,
}

/// Where identifiers come from: random numbers from a seed, and counters.
#[derive(Debug)]
pub(super) struct Identifiers {
    random: fastrand::Rng,
    serials: BTreeMap<String, u64>,
}

impl Identifiers {
    pub(super) fn new(seed: u64) -> Self {
        Self { random: fastrand::Rng::with_seed(seed), serials: BTreeMap::new() }
    }

    pub(super) fn uuid(&mut self) -> String {
        let bytes: [u8; 16] = self.random.u128(..).to_be_bytes();
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    fn digits(&mut self, count: usize, base: u32) -> String {
        (0..count).filter_map(|_| char::from_digit(self.random.u32(0..base), base)).collect()
    }

    fn serial(&mut self, name: String) -> u64 {
        let serial = self.serials.entry(name).or_default();
        *serial += 1;
        *serial
    }
}

/// An environment with everything but the helpers.
pub(super) fn environment(identifiers: &Arc<Mutex<Identifiers>>) -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Chainable);

    let ids = Arc::clone(identifiers);
    env.add_function("uuid", move || lock(&ids).uuid());
    let ids = Arc::clone(identifiers);
    env.add_function("hex", move |count: usize| lock(&ids).digits(count.min(4096), 16));
    let ids = Arc::clone(identifiers);
    env.add_function("digits", move |count: usize| lock(&ids).digits(count.min(4096), 10));
    let ids = Arc::clone(identifiers);
    env.add_function("serial", move |name: String| lock(&ids).serial(name));

    env.add_function("rfc3339", |ms: Value| timestamp(&ms).map(|it| format!("{it:.3}")));
    env.add_function("datetime", |ms: Value| {
        timestamp(&ms).map(|it| it.strftime("%Y-%m-%d %H:%M:%S").to_string())
    });
    env.add_function("seconds", |ms: Value| number(&ms).map(|it| it / 1000.0));
    env.add_function("milliseconds", |seconds: Value| {
        let ms = number(&seconds).map(|it| (it * 1000.0).round());
        // Whole, so that it compares and prints like every other time of the state.
        ms.map_or(Value::UNDEFINED, |it| Value::from(it as i64))
    });
    env.add_function("number", |value: Value| number(&value).map_or(Value::UNDEFINED, whole));

    env.add_filter("merge", |left: Value, right: Value| {
        let mut members = object(&left)?;
        for (key, value) in object(&right)? {
            match members.iter_mut().find(|(it, _)| *it == key) {
                Some(member) => member.1 = value,
                None => members.push((key, value)),
            }
        }
        Ok::<_, Error>(members.into_iter().collect::<Value>())
    });
    env.add_filter("pick", |it: Value, keys: Rest<String>| {
        Ok::<_, Error>(
            object(&it)?.into_iter().filter(|(key, _)| keys.contains(key)).collect::<Value>(),
        )
    });
    env.add_filter("without", |it: Value, keys: Rest<String>| {
        Ok::<_, Error>(
            object(&it)?.into_iter().filter(|(key, _)| !keys.contains(key)).collect::<Value>(),
        )
    });
    env.add_filter("present", |it: Value| {
        Ok::<_, Error>(
            object(&it)?
                .into_iter()
                .filter(|(_, it)| !it.is_none() && !it.is_undefined())
                .collect::<Value>(),
        )
    });
    env
}

/// Adds the helpers: functions of their name, and the filter `each` over lists.
pub(super) fn add_helpers(env: &mut Environment<'static>, helpers: &BTreeMap<String, Helper>) {
    for (name, helper) in helpers {
        let helper = helper.clone();
        env.add_function(name.clone(), move |state: &State<'_, '_>, arguments: Rest<Value>| {
            call(state, &helper, &arguments)
        });
    }
    let helpers = helpers.clone();
    env.add_filter(
        "each",
        move |state: &State<'_, '_>,
              list: Value,
              name: String,
              more: Rest<Value>,
              _kwargs: Kwargs| {
            let helper =
                helpers.get(&name).ok_or_else(|| fault(format!("no helper is called `{name}`")))?;
            template::elements(&list)
                .into_iter()
                .map(|element| {
                    let arguments: Vec<Value> =
                        std::iter::once(element).chain(more.iter().cloned()).collect();
                    call(state, helper, &arguments)
                })
                .collect::<Result<Vec<Value>, Error>>()
        },
    );
}

fn call(state: &State<'_, '_>, helper: &Helper, arguments: &[Value]) -> Result<Value, Error> {
    let mut names = BTreeMap::new();
    for name in AMBIENT {
        if let Some(value) = state.lookup(name) {
            names.insert(name.to_owned(), value);
        }
    }
    for (index, name) in helper.parameters.iter().enumerate() {
        names.insert(name.clone(), arguments.get(index).cloned().unwrap_or(Value::UNDEFINED));
    }
    template::render(state.env(), &helper.value, &Scope::new(names)).map_err(fault)
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn fault(text: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, text)
}

fn object(value: &Value) -> Result<Vec<(String, Value)>, Error> {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => Ok(Vec::new()),
        ValueKind::Map => Ok(value
            .try_iter()?
            .map(|key| {
                let member = value.get_item(&key).unwrap_or(Value::UNDEFINED);
                (key.to_string(), member)
            })
            .collect()),
        kind => Err(fault(format!("expected an object, found {kind}"))),
    }
}

fn number(value: &Value) -> Option<f64> {
    match value.as_str() {
        Some(text) => text.trim().parse().ok().filter(|it: &f64| it.is_finite()),
        None => f64::try_from(value.clone()).ok(),
    }
}

fn whole(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 9.0e15 {
        Value::from(number as i64)
    } else {
        Value::from(number)
    }
}

fn timestamp(ms: &Value) -> Result<jiff::Timestamp, Error> {
    let number =
        number(ms).ok_or_else(|| fault(format!("`{ms}` is not a time in milliseconds")))?;
    jiff::Timestamp::from_millisecond(number as i64).map_err(|error| fault(error.to_string()))
}
