//! One of the two surfaces, and how its items hang together.

use super::lines::{Role, role};
use conversations_codegen::surface::{Item, Kind, Surface, type_path};
use conversations_document::Pointer;
use std::collections::{BTreeSet, HashMap};

/// A surface with the ways through it.
pub(super) struct Side<'s> {
    pub(super) surface: &'s Surface,
    /// The items that mention a type, by the type.
    users: HashMap<&'s str, Vec<(&'s str, &'s Item)>>,
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
        for (path, item) in &surface.items {
            match &item.kind {
                Kind::Method { name, builder } => drop(side.methods.insert(builder, name)),
                Kind::Type { name, .. } => drop(side.types_at.entry(&*item.place).or_insert(name)),
                _ => {}
            }
            let types: BTreeSet<&str> = item.types().into_iter().collect();
            for name in types {
                side.users.entry(name).or_default().push((path, item));
            }
        }
        side
    }

    pub(super) fn item(&self, path: &str) -> Option<&'s Item> {
        self.surface.items.get(path)
    }

    /// The place that an item was made of.
    pub(super) fn place(&self, path: &str) -> Option<&'s Pointer> {
        self.item(path).map(|it| &it.place).filter(|it| !it.is_empty())
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
        self.surface.items.contains_key(&type_path(name))
    }

    /// The items that mention a type, by path.
    pub(super) fn users(&self, name: &str) -> &[(&'s str, &'s Item)] {
        self.users.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// The items that begin with `prefix`, by what follows.
    pub(super) fn below<'p>(
        &self,
        prefix: &'p str,
    ) -> impl Iterator<Item = (&'s str, &'s Item)> + use<'s, 'p> {
        let from = self.surface.items.range(prefix.to_owned()..);
        let own = from.take_while(move |(path, _)| path.starts_with(prefix));
        own.map(move |(path, item)| (&path[prefix.len()..], item))
    }

    /// The builders whose users meet a type.
    pub(super) fn builders_of(&self, name: &'s str) -> BTreeSet<&'s str> {
        let mut out = BTreeSet::new();
        let mut seen = BTreeSet::from([name]);
        let mut todo = vec![name];
        while let Some(name) = todo.pop() {
            for (_, user) in self.users(name) {
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
