//! Types that were renamed: what stands in the same position of both surfaces.

use super::{
    lines::{BASE, REVISION},
    side::Side,
};
use conversations_codegen::surface::Item;
use std::collections::{BTreeMap, HashMap};

/// Types that stand in the same position of the same operation under another name.
#[derive(Debug, Default)]
pub(super) struct Renames<'s> {
    to: [HashMap<&'s str, &'s str>; 2],
}

impl<'s> Renames<'s> {
    /// Walks both surfaces side by side, from what operations take and answer.
    pub(super) fn of_surfaces(
        sides: &[Side<'s>; 2],
        methods: &[[Option<&'s str>; 2]],
        builder: impl Fn(usize, &str) -> Option<&'s str>,
    ) -> Self {
        let mut walk = Walk { sides, out: Self::default(), seen: HashMap::new(), todo: Vec::new() };
        for pair in methods {
            let [Some(old), Some(new)] = *pair else { continue };
            let (Some(old), Some(new)) = (builder(BASE, old), builder(REVISION, new)) else {
                continue;
            };
            walk.members(&format!("builder::{old}::"), &format!("builder::{new}::"));
            walk.members(&format!("{old}Answer::"), &format!("{new}Answer::"));
        }
        // What no signature mentions, such as the bodies of errors, is known by its place.
        for (old, item) in sides[BASE].surface.types() {
            if let Some(new) = sides[REVISION].type_at(&item.place)
                && !walk.seen.contains_key(old)
            {
                walk.pair(old, new);
            }
        }
        while let Some((old, new)) = walk.todo.pop() {
            walk.members(&format!("types::{old}::"), &format!("types::{new}::"));
        }
        walk.out
    }

    /// The type of the other surface that has this one's place.
    pub(super) fn of(&self, side: usize, name: &str) -> Option<&'s str> {
        self.to[side].get(name).copied()
    }
}

struct Walk<'w, 's> {
    sides: &'w [Side<'s>; 2],
    out: Renames<'s>,
    seen: HashMap<&'s str, &'s str>,
    todo: Vec<(&'s str, &'s str)>,
}

impl<'s> Walk<'_, 's> {
    fn members(&mut self, old: &str, new: &str) {
        let others: BTreeMap<&str, &Item> = self.sides[REVISION].below(new).collect();
        for (name, item) in self.sides[BASE].below(old) {
            let Some(other) = others.get(name) else { continue };
            let (before, after): (Vec<_>, Vec<_>) =
                (self.types(BASE, item), self.types(REVISION, other));
            if before.len() == after.len() {
                before.into_iter().zip(after).for_each(|(old, new)| self.pair(old, new));
            }
        }
        // Those that stand in for each other must be followed before their places are asked.
        while let Some((old, new)) = self.todo.pop() {
            self.members(&format!("types::{old}::"), &format!("types::{new}::"));
        }
    }

    fn types(&self, side: usize, item: &'s Item) -> Vec<&'s str> {
        item.types().into_iter().filter(|it| self.sides[side].has_type(it)).collect()
    }

    fn pair(&mut self, old: &'s str, new: &'s str) {
        if self.seen.contains_key(old) {
            return;
        }
        self.seen.insert(old, new);
        self.todo.push((old, new));
        let free = !self.out.to[REVISION].contains_key(new);
        if free && !self.sides[REVISION].has_type(old) && !self.sides[BASE].has_type(new) {
            self.out.to[BASE].insert(old, new);
            self.out.to[REVISION].insert(new, old);
        }
    }
}
