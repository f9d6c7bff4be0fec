//! A page as it is kept: what is the same for every reader.

use actix_web::http::StatusCode;

use super::reading::Head;

/// A page that is to be answered.
pub(super) struct Page {
    pub(super) title: String,
    pub(super) main: String,
    pub(super) status: StatusCode,
    pub(super) head: Option<Head>,
    pub(super) views: Vec<View>,
    pub(super) call: Option<String>,
}

/// The page in another format.
pub(super) struct View {
    pub(super) name: &'static str,
    pub(super) href: String,
}

impl Page {
    /// Makes a page with this title and main part.
    pub(super) fn new(title: impl Into<String>, main: String) -> Self {
        Self { title: title.into(), main, status: StatusCode::OK, head: None, views: Vec::new(), call: None }
    }

    /// With another status.
    pub(super) fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// Sets the moment that the page is about.
    pub(super) fn at_head(self, head: Head) -> Self {
        Self { head: Some(head), ..self }
    }

    /// About how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        self.main.len().saturating_add(self.title.len()).saturating_add(1_024)
    }
}
