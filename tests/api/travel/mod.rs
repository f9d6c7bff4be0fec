//! Time travel (contract §6): what was once shown is shown again.

mod keeping;
mod law;
mod moments;
