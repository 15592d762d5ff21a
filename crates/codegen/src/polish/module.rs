//! A module whose parts are printed as soon as they are polished.

use super::prelude::Shortener;
use crate::print::Printed;
use syn::{Item, ItemMod};

/// What there is of a module so far.
pub(super) struct Module {
    paths: Shortener,
    items: Printed,
    /// What stands behind all the other items.
    last: Printed,
}

impl Module {
    /// A module that stands among these items, and has items of these names.
    pub(super) fn among<'a>(items: &Printed, names: impl IntoIterator<Item = &'a str>) -> Self {
        let paths = Shortener::of(names);
        Self { paths, items: items.inside(), last: items.inside() }
    }

    /// The items so far, for a module among them.
    pub(super) fn items(&mut self) -> &mut Printed {
        &mut self.items
    }

    pub(super) fn add(&mut self, items: impl IntoIterator<Item = Item>) {
        self.items.items(items.into_iter().map(|it| self.paths.shortened(it)));
    }

    /// Adds items behind all that [`add`](Self::add) adds.
    pub(super) fn add_last(&mut self, items: impl IntoIterator<Item = Item>) {
        self.last.items(items.into_iter().map(|it| self.paths.shortened(it)));
    }

    /// Prints the module as `head` opens it.
    pub(super) fn print(self, head: ItemMod, imports: Option<Item>, out: &mut Printed) {
        let mut all = out.inside();
        all.items(self.paths.import().into_iter().chain(imports));
        all.append(&self.items);
        all.append(&self.last);
        out.module(head, &all);
    }
}
