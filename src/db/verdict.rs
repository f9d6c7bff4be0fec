//! The findings of a diagnosis.

/// The verdict on one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// The service runs, and will be in trouble.
    Warning,
    /// The service does not run, or not safely.
    Failed,
}

/// A finding about one thing.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Diagnosis {
    /// The subject of the check, in a word.
    pub check: &'static str,
    /// The verdict.
    pub status: Verdict,
    /// The same in a sentence.
    pub detail: String,
    /// The remedy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl Diagnosis {
    /// Something that is as it should be.
    pub fn ok(check: &'static str, detail: impl Into<String>) -> Self {
        Self { check, status: Verdict::Ok, detail: detail.into(), advice: None }
    }

    /// Something that will be trouble, and what to do about it.
    pub fn warning(check: &'static str, detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { status: Verdict::Warning, advice: Some(advice.into()), ..Self::ok(check, detail) }
    }

    /// Something that keeps the service from running, and what to do about it.
    pub fn failed(check: &'static str, detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { status: Verdict::Failed, ..Self::warning(check, detail, advice) }
    }
}
