//! Every limit on what clients send, for the code, the OpenAPI document and the tests (rules.md 26). A limit on work
//! inside the service (queues, caches, pools) is beside that work.

/// The longest URL (path and query) in bytes.
pub const URL: usize = 8 * 1024;
/// The most bytes that the names and values of a request's headers have together.
pub const HEAD: usize = 32 * 1024;
/// The largest body in bytes, but for imports.
pub const BODY: usize = 1024 * 1024;
/// The largest file that is imported, in bytes.
pub const IMPORT: usize = 64 * 1024 * 1024;
/// Seconds to receive such a file.
pub const IMPORT_SECONDS: u64 = 600;
/// The largest page.
pub const PAGE: i64 = 200;
/// The page when none is asked for.
pub const PAGE_DEFAULT: i64 = 50;
/// The most sort keys that a list takes.
pub const SORT_KEYS: usize = 4;
/// The most filters that a list takes.
pub const FILTERS: usize = 20;
/// The longest cursor in bytes. The longest of a legal list holds the sort keys of two names, 2,500 bytes each, and has
/// 6,920: less would be the end of that list.
pub const CURSOR: usize = 7 * 1024;
/// Seconds to receive the head of a request.
pub const HEAD_SECONDS: u64 = 10;
/// Seconds that a connection may wait for another request.
pub const IDLE_SECONDS: u64 = 60;
/// Seconds that a connection is read from after an answer that leaves a body unread.
pub const LINGER_SECONDS: u64 = 1;
/// Seconds that a body or an answer may take beside what its length explains.
pub const GRACE_SECONDS: u64 = 20;
/// Bytes a second that a client must send or take after that.
pub const RATE: u64 = 8 * 1024;
/// Seconds without a change after which a stream says that it is alive.
pub const KEEP_ALIVE_SECONDS: u64 = 15;
/// Seconds without taking any byte of an answer after which a client is given up.
pub const UNREAD_SECONDS: u64 = 30;
/// Milliseconds after which a client whose stream has ended may ask again.
pub const RETRY_MILLIS: u64 = 2_000;
/// The largest form that `POST /auth/token` and `POST /auth/revoke` read, in bytes: a user name, a password and a
/// token fit many times.
pub const FORM: usize = 16 * 1024;
/// The longest access token that is looked at, in bytes; ours have about 600.
pub const TOKEN: usize = 4 * 1024;
/// The deepest that arrays and objects nest in JSON.
pub const DEPTH: usize = 32;
/// The most values in one JSON document, itself and those within it. The largest record has some 4,000; a body of
/// nothing but `0,0,…` would take a hundred times its own size in memory.
pub const JSON_VALUES: usize = 20_000;
/// The most characters that a name holds.
pub const NAME: usize = 300;
/// The most characters that a title holds: those of treaties need more than 690.
pub const TITLE: usize = 1_000;
/// The most characters that other texts hold.
pub const TEXT: usize = 4_000;
/// The most characters that a language tag holds: what RFC 5646 (4.4.1) asks every program to hold.
pub const LANGUAGE: usize = 35;
/// The characters of a password. 15 is NIST's least for a password that is the only factor; the greatest keeps a
/// request from buying much hashing.
pub const PASSWORD: std::ops::RangeInclusive<usize> = 15..=128;
/// The most days that a named token or a subscription works: five years.
pub const TOKEN_DAYS: u64 = 1_826;
/// The most entries that a list in a record holds.
pub const ENTRIES: usize = 500;
/// The most values that a filter lists.
pub const FILTER_VALUES: usize = 200;
/// The most values that a record is asked to have all of: each is a join of its own, and PostgreSQL plans many for
/// minutes.
pub const ALL_VALUES: usize = 10;
/// The most characters that an `Idempotency-Key` has.
pub const IDEMPOTENCY_KEY: usize = 255;
/// The hours for which an `Idempotency-Key` is remembered.
pub const IDEMPOTENCY_HOURS: i64 = 24;
/// The most keys of one caller that are remembered at once.
pub const IDEMPOTENCY_KEYS: i64 = 4_096;
/// The largest answer, in bytes, that is kept for a request that comes again.
pub const IDEMPOTENCY_ANSWER: usize = 64 * 1024;
/// The most bytes of an answer at `/mcp`: an assistant reads all of it.
pub const MCP_ANSWER: usize = 25_000;
/// The most names, or records, in one batch of reconciliation.
pub const RECONCILED: usize = 1_000;
/// The seconds for which a read replica identifies callers while the primary does not answer.
pub const STAND_IN_SECONDS: u64 = 60;
/// The most milliseconds that a request waits for a read replica that has not its revision yet.
pub const REPLICA_MILLISECONDS: u64 = 100;
/// The most releases.
pub const RELEASES: i64 = 1_000;
/// The most webhooks.
pub const WEBHOOKS: i64 = 100;
/// The most bytes that the address of a webhook has.
pub const WEBHOOK_ADDRESS: usize = 2_000;
/// The most secrets of one webhook that are valid at once.
pub const WEBHOOK_KEYS: i64 = 4;
/// The hours for which the secret before may sign beside a new one.
pub const WEBHOOK_OVERLAP_HOURS: u64 = 720;
/// The most attempts to deliver that are kept of each webhook: the latest ones.
pub const WEBHOOK_DELIVERIES: i64 = 1_000;
/// The most bytes of a receiver's answer that are kept.
pub const WEBHOOK_ANSWER: u64 = 1_024;
/// The most months ahead that findings look for decisions.
pub const MONTHS: u32 = 1_200;
/// The most fields that a summary groups by.
pub const GROUPS: usize = 2;
/// The most characters that a question to the search holds.
pub const QUESTION: usize = 300;
/// The most words of it, as spaces separate them.
pub const QUESTION_WORDS: usize = 32;
/// The most bytes that a workbook to import holds, unpacked.
pub const UNPACKED: usize = 4 * IMPORT;
/// The most bytes that a row of JSON holds.
pub const ROW: usize = 1024 * 1024;
/// The most cells that a row of CSV holds: no header has as many, and commas alone must not fill the memory.
pub const CELLS: usize = 1_000;
/// The most defects of a file that are listed: the first ones.
pub const DEFECTS: usize = 100;
/// The most months that a tacit renewal adds.
pub const RENEWAL_MONTHS: i64 = 1_200;
/// The most months before an end that a party must speak.
pub const NOTICE_MONTHS: i64 = 120;
/// The most characters that a code or the name of a release holds.
pub const CODE: usize = 64;
/// The most characters that a user name holds: as many as the address of a mailbox (RFC 5321 §4.5.3.1.3).
pub const USERNAME: usize = 254;
/// The most of them before the `@`, or in a name that is no address (RFC 5321 §4.5.3.1.1).
pub const USERNAME_LOCAL: usize = 64;
/// The most characters that the subject of an identity provider holds (OpenID Connect Core 1.0 §2).
pub const SUBJECT: usize = 255;
/// The most characters that the id of a provider's key holds.
pub const KEY_ID: usize = 255;
/// The most failed sign-ins of a user name in [`SIGN_IN_MINUTES`].
pub const SIGN_INS_PER_NAME: usize = 5;
/// The most of an address in that time.
pub const SIGN_INS_PER_ADDRESS: usize = 20;
/// The minutes in which failed sign-ins are counted.
pub const SIGN_IN_MINUTES: i64 = 15;
/// The most sessions that a user has: one more ends the oldest. A script that signs in for every call does no harm.
pub const SESSIONS: i64 = 1_000;
/// The most living named tokens that an owner has.
pub const NAMED_TOKENS: i64 = 200;
/// The most living subscriptions that an owner has.
pub const SUBSCRIPTIONS: i64 = 200;
/// The most clients that listen to changes at once.
pub const SUBSCRIBERS: usize = 10_000;
/// The most bytes that `X-Forwarded-Prefix` holds: it comes back before every link.
pub const FORWARDED_PREFIX: usize = 256;
/// The most bytes of the path that a browser returns to after a sign-in at the provider.
pub const RETURN_PATH: usize = 1_000;
/// The most candidates of a name in reconciliation.
pub const CANDIDATES: usize = 20;
/// The most files that the archive of a workbook holds: a workbook has some dozens.
pub const WORKBOOK_FILES: usize = 10_000;
