//! Pages for people, as a browser asks for them.

mod access;
mod attacks;
mod changes;
mod editing;
mod figures;
mod findings;
mod frame;
mod meeting;
mod provider;
mod sessions;
mod support;
