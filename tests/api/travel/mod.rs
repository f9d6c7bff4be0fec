//! Time travel: what was once shown is shown again.

mod days;
mod keeping;
pub(crate) mod law;
mod moments;
