//! The tables as diesel sees them. The migrations explain generated columns (`…_asc`, `…_last`) and sort keys
//! (`…_sort`).

#![expect(
    missing_docs,
    reason = "diesel's macros generate items without documentation; the migrations document the tables"
)]

mod accounts;

pub use accounts::*;

diesel::table! {
    changes (revision) {
        revision -> BigInt,
        at -> Text,
        actor -> Text,
        action -> Text,
        resource -> Text,
        key -> Text,
        batch -> Nullable<Text>,
        document -> Text,
        hash -> Text,
        restored_from -> Nullable<BigInt>,
    }
}

diesel::table! {
    partner_types (code) {
        code -> Text,
        name_en -> Text,
        name_fr -> Nullable<Text>,
        description -> Nullable<Text>,
        position -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> Text,
        updated_at -> Text,
        name_en_sort -> Text,
        name_fr_sort -> Nullable<Text>,
    }
}

diesel::table! {
    cooperation_areas (code) {
        code -> Text,
        name_en -> Text,
        name_fr -> Nullable<Text>,
        description -> Nullable<Text>,
        position -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> Text,
        updated_at -> Text,
        name_en_sort -> Text,
        name_fr_sort -> Nullable<Text>,
    }
}

diesel::table! {
    nations (code) {
        code -> Text,
        alpha3 -> Text,
        name_en -> Text,
        name_fr -> Nullable<Text>,
        region -> Nullable<Text>,
        subregion -> Nullable<Text>,
        partner_type -> Nullable<Text>,
        agency -> Nullable<Text>,
        cooperation_since -> Nullable<Text>,
        other_names -> Text,
        ended_on -> Nullable<Text>,
        notes -> Nullable<Text>,
        source -> Nullable<Text>,
        version -> BigInt,
        created_at -> Text,
        updated_at -> Text,
        cooperation_since_asc -> Text,
        cooperation_since_desc -> Text,
        name_en_sort -> Text,
        name_fr_sort -> Nullable<Text>,
    }
}

diesel::table! {
    nation_successors (nation, position) {
        nation -> Text,
        position -> BigInt,
        successor -> Text,
    }
}

diesel::table! {
    organisations (code) {
        code -> Text,
        name -> Text,
        short_name -> Nullable<Text>,
        other_names -> Text,
        kind -> Text,
        sector -> Text,
        nation -> Nullable<Text>,
        url -> Nullable<Text>,
        source -> Nullable<Text>,
        version -> BigInt,
        created_at -> Text,
        updated_at -> Text,
        name_sort -> Text,
    }
}

diesel::table! {
    projects (code) {
        code -> Text,
        name -> Text,
        acronym -> Nullable<Text>,
        summary -> Nullable<Text>,
        status -> Text,
        start_date -> Nullable<Text>,
        launch_date -> Nullable<Text>,
        end_date -> Nullable<Text>,
        responsible -> Nullable<Text>,
        url -> Nullable<Text>,
        source -> Nullable<Text>,
        version -> BigInt,
        created_at -> Text,
        updated_at -> Text,
        start_date_asc -> Text,
        start_date_desc -> Text,
        launch_date_asc -> Text,
        launch_date_desc -> Text,
        end_date_asc -> Text,
        end_date_desc -> Text,
        end_date_last -> Text,
        begins_on_asc -> Text,
        name_sort -> Text,
    }
}

diesel::table! {
    project_nations (project, position) {
        project -> Text,
        position -> BigInt,
        nation -> Text,
        role -> Nullable<Text>,
    }
}

diesel::table! {
    project_areas (project, position) {
        project -> Text,
        position -> BigInt,
        area -> Text,
    }
}

diesel::table! {
    project_organisations (project, position) {
        project -> Text,
        position -> BigInt,
        organisation -> Text,
        role -> Nullable<Text>,
    }
}

diesel::table! {
    agreements (code) {
        code -> Text,
        title -> Text,
        kind -> Text,
        signed_on -> Nullable<Text>,
        effective_on -> Nullable<Text>,
        expires_on -> Nullable<Text>,
        term -> Nullable<Text>,
        renewal -> Nullable<Text>,
        renewal_months -> Nullable<BigInt>,
        notice_months -> Nullable<BigInt>,
        ended_on -> Nullable<Text>,
        end_reason -> Nullable<Text>,
        supersedes -> Nullable<Text>,
        responsible -> Nullable<Text>,
        summary -> Nullable<Text>,
        url -> Nullable<Text>,
        source -> Nullable<Text>,
        version -> BigInt,
        created_at -> Text,
        updated_at -> Text,
        signed_on_asc -> Text,
        signed_on_desc -> Text,
        expires_on_asc -> Text,
        expires_on_desc -> Text,
        effective_on_asc -> Text,
        title_sort -> Text,
        ended_day -> BigInt,
        expiry_day -> BigInt,
        decide_by_asc -> BigInt,
        decide_by_desc -> BigInt,
        decide_by_from -> BigInt,
        decide_by_until -> BigInt,
    }
}

diesel::table! {
    agreement_nations (agreement, position) {
        agreement -> Text,
        position -> BigInt,
        nation -> Text,
    }
}

diesel::table! {
    agreement_organisations (agreement, position) {
        agreement -> Text,
        position -> BigInt,
        organisation -> Text,
    }
}

diesel::table! {
    agreement_areas (agreement, position) {
        agreement -> Text,
        position -> BigInt,
        area -> Text,
    }
}

diesel::table! {
    agreement_projects (agreement, position) {
        agreement -> Text,
        position -> BigInt,
        project -> Text,
    }
}

diesel::table! {
    reviews (code) {
        code -> Text,
        project -> Text,
        reviewed_on -> Text,
        rating -> Text,
        summary -> Nullable<Text>,
        reviewer -> Nullable<Text>,
        source -> Nullable<Text>,
        version -> BigInt,
        created_at -> Text,
        updated_at -> Text,
        reviewed_on_first -> Text,
    }
}

diesel::table! {
    documents (code) {
        code -> Text,
        agreement -> Nullable<Text>,
        project -> Nullable<Text>,
        title -> Text,
        kind -> Text,
        language -> Nullable<Text>,
        dated_on -> Nullable<Text>,
        url -> Nullable<Text>,
        sha256 -> Nullable<Text>,
        notes -> Nullable<Text>,
        version -> BigInt,
        created_at -> Text,
        updated_at -> Text,
        dated_on_asc -> Text,
        dated_on_desc -> Text,
    }
}

diesel::table! {
    dismissals (code) {
        code -> Text,
        rule -> Text,
        resource -> Text,
        key -> Text,
        reason -> Text,
        version -> BigInt,
        created_at -> Text,
        updated_at -> Text,
    }
}

diesel::table! {
    search_index (id) {
        id -> BigInt,
        resource -> Text,
        key -> Text,
        names -> Text,
        texts -> Text,
        likeness -> Nullable<Text>,
    }
}

diesel::table! {
    releases (name) {
        name -> Text,
        revision -> BigInt,
        hash -> Text,
        note -> Nullable<Text>,
        created_at -> Text,
        created_by -> Text,
    }
}

diesel::joinable!(releases -> changes (revision));
diesel::allow_tables_to_appear_in_same_query!(
    changes,
    releases,
    partner_types,
    cooperation_areas,
    nations,
    nation_successors,
    organisations,
    projects,
    project_nations,
    project_areas,
    project_organisations,
    agreements,
    agreement_nations,
    agreement_organisations,
    agreement_areas,
    agreement_projects,
    documents,
    reviews,
    dismissals,
    search_index,
);
