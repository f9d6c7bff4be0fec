//! `openapi`: the document, for client generators and for `openapi/openapi.json`.

use clap::Args;

use super::output::print;
use crate::app;
use crate::error::Result;

/// Print the OpenAPI document
///
/// The same bytes as the running service answers at /openapi.json.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  partnership-registry openapi > openapi/openapi.json")]
pub(super) struct Openapi {}

impl Openapi {
    pub(super) fn run(self) -> Result<()> {
        print(app::openapi_json().trim_end())
    }
}
