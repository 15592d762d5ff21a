//! One of the two surfaces, and how its items hang together.

use super::lines::{Role, mentioned, role};
use conversations_codegen::surface::Surface;
use std::collections::{BTreeSet, HashMap};

/// A surface with the ways through it.
pub(super) struct Side<'s> {
    pub(super) surface: &'s Surface,
    /// The items whose signatures mention a type, by the type.
    users: HashMap<&'s str, Vec<&'s str>>,
    /// The client's method that leads to a builder, by the builder.
    methods: HashMap<&'s str, &'s str>,
    /// The type that was made of a place, by the place.
    types_at: HashMap<&'s str, &'s str>,
}

impl<'s> Side<'s> {
    pub(super) fn of(surface: &'s Surface) -> Self {
        let mut side = Self {
            surface,
            users: HashMap::new(),
            methods: HashMap::new(),
            types_at: HashMap::new(),
        };
        for (item, signature) in &surface.items {
            match role(item) {
                Role::Method(method) => {
                    let builder = signature.rsplit("::").next().unwrap_or_default();
                    side.methods.insert(builder, method);
                    continue;
                }
                Role::Type(name) => {
                    let place = surface.places.get(item).map_or("", |it| &**it);
                    side.types_at.entry(place).or_insert(name);
                }
                _ => {}
            }
            let types: BTreeSet<&str> = mentioned(signature).collect();
            for name in types {
                side.users.entry(name).or_default().push(item);
            }
        }
        side
    }

    pub(super) fn signature(&self, item: &str) -> Option<&'s str> {
        self.surface.items.get(item).map(String::as_str)
    }

    /// The place that an item was made of.
    pub(super) fn place(&self, item: &str) -> Option<&'s str> {
        self.surface.places.get(item).map(|it| &**it).filter(|it| !it.is_empty())
    }

    /// The client's method that leads to a builder.
    pub(super) fn method(&self, builder: &str) -> Option<&'s str> {
        self.methods.get(builder).copied()
    }

    /// The type that was made of a place.
    pub(super) fn type_at(&self, place: &str) -> Option<&'s str> {
        self.types_at.get(place).copied()
    }

    pub(super) fn has_type(&self, name: &str) -> bool {
        self.surface.items.contains_key(&format!("types::{name}"))
    }

    /// The items whose signatures mention a type.
    pub(super) fn users(&self, name: &str) -> &[&'s str] {
        self.users.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// The items that begin with `prefix`, by what follows.
    pub(super) fn below<'p>(
        &self,
        prefix: &'p str,
    ) -> impl Iterator<Item = (&'s str, &'s str)> + use<'s, 'p> {
        let from = self.surface.items.range(prefix.to_owned()..);
        let own = from.take_while(move |(item, _)| item.starts_with(prefix));
        own.map(move |(item, signature)| (&item[prefix.len()..], signature.as_str()))
    }

    /// The builders whose users meet a type.
    pub(super) fn builders_of(&self, name: &'s str) -> BTreeSet<&'s str> {
        let mut out = BTreeSet::new();
        let mut seen = BTreeSet::from([name]);
        let mut todo = vec![name];
        while let Some(name) = todo.pop() {
            for user in self.users(name) {
                match role(user) {
                    Role::Member { builder, .. } | Role::Answer { builder } => {
                        out.insert(builder);
                    }
                    Role::Type(owner) | Role::Part { owner, .. } if seen.insert(owner) => {
                        todo.push(owner);
                    }
                    _ => {}
                }
            }
        }
        out
    }
}
