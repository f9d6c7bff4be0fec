//! `GET /findings`: the records that break a rule of data quality, with filters, as a page or a file.

use std::sync::LazyLock;

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use crate::db::{DbConn, ReadClass};
use crate::error::{Error, Result};
use crate::http::ask::Ask;
use crate::http::middleware::guard::Viewer;
use crate::http::request::conditional::{Conditions, revision_tag};
use crate::http::request::cursor::{CursorSigner, Cursors};
use crate::http::request::format::{self, Format};
use crate::http::request::links::Links;
use crate::http::request::params;
use crate::http::request::query::{Query, encode, join_list};
use crate::http::response::cached::CachedResponse;
use crate::http::response::spool::{self, Spool};
use crate::http::state::State;
use crate::limits;
use crate::registry::findings::{Count, Finding, Question, RuleName, WITHIN, counts, page};
use crate::registry::list::CursorKeys;
use crate::registry::projects::Project;
use crate::registry::query::{Filter, filter};
use crate::registry::{Collection, Resource, TableRecord};
use crate::snapshots::{AsOf, ReadContext};
use crate::transfer::{Column, TableFormat};
use crate::values::CellFormat;

/// The filters of records that narrow findings: those of the collections.
const NARROW: [&str; 5] = ["nation", "partner_type", "region", "area", "responsible"];

/// The number of findings read at once for a file.
const BATCH: i64 = 500;

type OnProjects = Filter<<Project as TableRecord>::Table>;

/// Returns the filters: by which rules, about which collections, and what narrows the records.
pub(in crate::http) fn filters() -> impl Iterator<Item = &'static OnProjects> {
    static OWN: LazyLock<[OnProjects; 2]> = LazyLock::new(|| {
        let rule = "By any of these rules; the counts are those of every rule nevertheless.";
        let resource = "About records of any of these collections.";
        [
            filter::<_, RuleName>("rule", rule, true, |_| None),
            filter::<_, Collection>("resource", resource, true, |_| None),
        ]
    });
    OWN.iter().chain(Project::filters().iter().filter(|filter| NARROW.contains(&filter.name)))
}

/// Returns the columns of the table.
pub(in crate::http) fn columns() -> Vec<Column> {
    ["rule", "resource", "code", "title", "detail", "href"].map(|name| Column::new(name, CellFormat::Text)).into()
}

/// A request, parsed.
struct FindingsRequest {
    question: Question,
    limit: Option<i64>,
    after: Option<CursorKeys>,
    format: Option<String>,
    as_of: Option<AsOf>,
    /// The maker and reader of its cursors.
    cursors: Cursors,
    /// The parameters, but for the cursor, for the link to the next page.
    again: Vec<(&'static str, String)>,
}

impl FindingsRequest {
    fn parse(query_string: &str, cursor_signer: &CursorSigner) -> Result<Self> {
        let mut query = Query::parse(query_string)?;
        let mut filter_set = params::filters(&mut query, filters())?;
        let mut again: Vec<(&'static str, String)> =
            filter_set.filters.iter().map(|(name, values)| (*name, join_list(values.texts()))).collect();
        let texts = ["within", "limit", "format"].map(|name| (name, query.take(name)));
        let cursor = query.take("cursor");
        let as_of = params::as_of(&mut query)?;
        let mut names: Vec<&str> = filters().map(|filter| filter.name).collect();
        names.extend(["within", "limit", "cursor", "format", "as_of"]);
        query.finish(&names)?;
        let [within, limit, format] = texts.clone().map(|(_, text)| text);
        let within = within.as_deref().map_or(Ok(WITHIN), months)?;
        let limit = limit.as_deref().map(params::parse_limit).transpose()?;
        let moment = params::text_of(&as_of).map(str::to_owned);
        let shape = json!(["findings", filter_set.filters, within, moment]).to_string();
        again.extend(texts.into_iter().chain([("as_of", moment)]).filter_map(|(name, text)| Some((name, text?))));
        let (rules, resources) = (filter_set.filters.remove("rule"), filter_set.filters.remove("resource"));
        let question = Question { filter_set, rules, resources, within };
        let cursors = cursor_signer.of(shape);
        let after = cursor.map(|text| cursors.decode(&text)).transpose()?;
        Ok(Self { question, limit, after, format, as_of, cursors, again })
    }

    /// Returns a finding as it is shown, with a link to the record as it was at the moment that is asked about.
    fn spec(&self, finding: Finding, links: &Links) -> Value {
        let moment = params::text_of(&self.as_of).map(|text| format!("?{}", encode([("as_of", text)])));
        let Finding { rule, resource, code, title, detail } = finding;
        let href = links.to(&format!("/api/v1/{resource}/{code}{}", moment.unwrap_or_default()));
        json!({ "rule": rule, "resource": resource, "code": code, "title": title, "detail": detail, "href": href })
    }

    fn link(&self, links: &Links, cursor: &str) -> String {
        params::next_link(
            &links.to("/api/v1/findings"),
            self.again.iter().map(|(name, text)| (*name, text.as_str())),
            cursor,
        )
    }

    fn json(&self, conn: &mut DbConn, links: &Links) -> Result<(Option<String>, Value)> {
        let found = page(conn, &self.question, self.after.as_ref(), self.limit.unwrap_or(limits::PAGE_DEFAULT))?;
        let counts = counts(conn, &self.question)?;
        let asked_for = |count: &&Count| {
            self.question.rules.as_ref().is_none_or(|rules| rules.texts().iter().any(|name| name == count.rule.name))
        };
        let total: i64 = counts.iter().filter(asked_for).map(|count| count.count).sum();
        let cursor = found.next.as_deref().map(|keys| self.cursors.encode(keys));
        let items: Vec<Value> = found.items.into_iter().map(|finding| self.spec(finding, links)).collect();
        let counts: Vec<Value> = counts.iter().map(counted).collect();
        let link = cursor.as_deref().map(|cursor| self.link(links, cursor));
        Ok((link, json!({ "items": items, "total": total, "next_cursor": cursor, "counts": counts })))
    }

    /// Writes the findings as a table, all of them unless a limit is given; tells where there are more.
    fn table(&self, conn: &mut DbConn, links: &Links, format: TableFormat, out: &mut Spool) -> Result<Option<String>> {
        let mut table = format.open(columns(), out)?;
        let mut after = self.after.clone();
        let mut left = self.limit.unwrap_or(i64::MAX);
        loop {
            let found = page(conn, &self.question, after.as_ref(), left.min(BATCH))?;
            left = left.saturating_sub(i64::try_from(found.items.len()).unwrap_or(i64::MAX));
            for finding in found.items {
                table.row(&self.spec(finding, links))?;
            }
            after = found.next;
            if after.is_none() || left == 0 {
                break;
            }
        }
        table.finish()?;
        Ok(after.map(|keys| self.link(links, &self.cursors.encode(&keys))))
    }
}

fn counted(count: &Count) -> Value {
    json!({
        "rule": count.rule.name,
        "title": count.rule.title_en,
        "title_fr": count.rule.title_fr,
        "count": count.count,
        "dismissed": count.dismissed,
    })
}

fn months(text: &str) -> Result<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|months| digits && *months <= limits::MONTHS).ok_or_else(|| {
        let detail = format!("{} is not a number of months from 0 to {}", crate::values::quote(text), limits::MONTHS);
        Error::bad_parameter("within", "out_of_range", detail)
    })
}

/// Returns the question that [`findings`] answers in JSON.
///
/// # Errors
/// [`Error::BadRequest`] that names a parameter.
pub(super) fn question(query_string: &str, state: &State) -> Result<Ask> {
    let mut findings_request = FindingsRequest::parse(query_string, &state.cursor_signer)?;
    Ok(Ask::new(move |conn, context| {
        findings_request.question.filter_set.today = context.day;
        Ok(findings_request.json(conn, &Links::default())?.1)
    }))
}

pub(in crate::http) async fn findings(
    reader: Viewer,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let mut findings_request = FindingsRequest::parse(request.query_string(), &state.cursor_signer)?;
    let conditions = Conditions::of(&request)?;
    let format = format::choose(&request, findings_request.format.as_deref(), &Format::tables())?;
    let links = Links::of(&request);
    let moment = state.at(findings_request.as_of.as_ref()).await?;
    let Format::Table(table) = format else {
        let read = move |conn: &mut DbConn, context: ReadContext| {
            let tag = revision_tag(context.revision(conn)?, context.day, Format::Json);
            if conditions.has(&tag) {
                return Ok(CachedResponse::NotModified { tag });
            }
            findings_request.question.filter_set.today = context.day;
            let (link, value) = findings_request.json(conn, &links)?;
            CachedResponse::json(tag, link, &value)
        };
        return moment.read(ReadClass::Pooled, read).await.map(HttpResponse::from);
    };
    let write = move |conn: &mut DbConn, context: ReadContext, out: &mut Spool| {
        findings_request.question.filter_set.today = context.day;
        findings_request.table(conn, &links, table, out)
    };
    spool::answer(&request, &moment, conditions, format, (reader.caller(), "findings"), write).await
}
