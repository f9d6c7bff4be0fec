//! The documentation of a route.

use utoipa::__dev::{SchemaReferences, Tags};
use utoipa::openapi::path::{Operation, Parameter};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{Ref, RefOr};

use super::problems::problem_name;
use super::schemas::Named;

/// The operation of a route, and the schemas that it brings along.
pub struct Described {
    pub(super) operation: Operation,
    pub(super) schemas: Named,
}

/// Makes the documentation of a route.
pub(crate) type Describe = fn() -> Described;

impl From<Operation> for Described {
    fn from(operation: Operation) -> Self {
        Self { operation, schemas: Named::new() }
    }
}

impl Described {
    /// Adds schemas.
    pub(super) fn with(mut self, schemas: impl IntoIterator<Item = (String, RefOr<Schema>)>) -> Self {
        self.schemas.extend(schemas);
        self
    }

    /// Adds a parameter.
    pub(super) fn at(mut self, parameter: Parameter) -> Self {
        self.operation.parameters.get_or_insert_default().push(parameter.into());
        self
    }

    /// Adds problems that it may answer beside the usual ones.
    pub(in crate::http) fn refused_with(mut self, statuses: &[u16]) -> Self {
        for status in statuses.iter().copied() {
            let problem = Ref::from_response_name(problem_name(status));
            self.operation.responses.responses.insert(status.to_string(), problem.into());
        }
        self
    }
}

/// Returns the documentation that `#[utoipa::path]` has made of a handler.
pub(in crate::http) fn documented<P: Documented>() -> Described {
    let (mut operation, mut schemas) = (P::operation(), Named::new());
    operation.tags = Some(P::tags().into_iter().map(str::to_owned).collect());
    P::schemas(&mut schemas);
    Described { operation, schemas }
}

/// The things that `#[utoipa::path]` makes beside a handler, as `utoipa-axum` takes them up.
pub(in crate::http) trait Documented: utoipa::Path + SchemaReferences + Tags<'static> {}

impl<P: utoipa::Path + SchemaReferences + Tags<'static>> Documented for P {}
