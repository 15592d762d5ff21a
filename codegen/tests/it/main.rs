//! The generator's stages, one module each.

mod corpus;
