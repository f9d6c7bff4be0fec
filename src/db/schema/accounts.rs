//! The tables of users, their credentials, the answers they got, and the receivers of changes. Names are those
//! of the columns.

#![expect(
    missing_docs,
    reason = "diesel's macros generate items without documentation; the migrations document the tables"
)]

diesel::table! {
    users (username) {
        username -> Text,
        display_name -> Text,
        role -> Text,
        disabled -> BigInt,
        password_hash -> Text,
        epoch -> BigInt,
        created_at -> Text,
        updated_at -> Text,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        username -> Text,
        created_at -> Text,
        expires_at -> Text,
    }
}

diesel::table! {
    refresh_tokens (digest) {
        digest -> Text,
        session -> Text,
        expires_at -> Text,
        used_at -> Nullable<Text>,
    }
}

diesel::table! {
    named_tokens (id) {
        id -> Text,
        name -> Text,
        owner -> Text,
        role -> Text,
        kid -> Text,
        created_at -> Text,
        expires_at -> Text,
        revoked_at -> Nullable<Text>,
    }
}

diesel::table! {
    login_attempts (id) {
        id -> Text,
        name -> Nullable<Text>,
        address -> Text,
        at -> Text,
    }
}

diesel::table! {
    page_sessions (digest) {
        digest -> Text,
        session -> Nullable<Text>,
        subject -> Nullable<Text>,
        expires_at -> Text,
    }
}

diesel::table! {
    sign_in_links (digest) {
        digest -> Text,
        username -> Text,
        expires_at -> Text,
    }
}

diesel::table! {
    subscriptions (id) {
        id -> Text,
        query -> Text,
        owner -> Text,
        digest -> Text,
        created_at -> Text,
        expires_at -> Text,
        revoked_at -> Nullable<Text>,
    }
}

diesel::table! {
    idempotency_keys (caller, key) {
        caller -> Text,
        key -> Text,
        fingerprint -> Text,
        at -> Text,
        status -> BigInt,
        location -> Nullable<Text>,
        etag -> Nullable<Text>,
        body -> Nullable<Text>,
    }
}

diesel::table! {
    webhooks (id) {
        id -> Text,
        address -> Text,
        query -> Text,
        position -> BigInt,
        created_at -> Text,
        created_by -> Text,
        updated_at -> Text,
        disabled_at -> Nullable<Text>,
        disabled_reason -> Nullable<Text>,
        failing_since -> Nullable<Text>,
        failures -> BigInt,
        next_attempt_at -> Nullable<Text>,
    }
}

diesel::table! {
    webhook_keys (id) {
        id -> Text,
        webhook -> Text,
        sealed -> Text,
        public_key -> Text,
        created_at -> Text,
        expires_at -> Nullable<Text>,
    }
}

diesel::table! {
    webhook_deliveries (id) {
        id -> Text,
        webhook -> Text,
        message -> Text,
        revision -> BigInt,
        attempt -> BigInt,
        at -> Text,
        milliseconds -> BigInt,
        status -> Nullable<BigInt>,
        error -> Nullable<Text>,
        answer -> Nullable<Text>,
    }
}

diesel::joinable!(page_sessions -> sessions (session));
diesel::joinable!(sessions -> users (username));
diesel::joinable!(refresh_tokens -> sessions (session));
diesel::joinable!(named_tokens -> users (owner));
diesel::joinable!(subscriptions -> users (owner));

diesel::allow_tables_to_appear_in_same_query!(
    users,
    sessions,
    refresh_tokens,
    named_tokens,
    page_sessions,
    subscriptions
);
