//! Time travel (contract §6): what was once shown is shown again.

mod days;
mod keeping;
mod law;
mod moments;
