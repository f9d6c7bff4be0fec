//! Pages for people, as a browser asks for them.

mod access;
mod attacks;
mod editing;
mod figures;
mod frame;
mod meeting;
mod support;
