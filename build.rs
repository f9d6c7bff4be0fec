//! Cargo does not see a new file under `migrations`, which the program embeds.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
