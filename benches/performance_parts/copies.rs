//! Many rows of what the demo has a few of. The columns are asked of the database, so that an earlier build's can be filled too.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use jicai::on_db;
use jicai::platform::sql::{AnyConn, Target};

#[derive(diesel::QueryableByName)]
struct Column {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}

/// How a column is copied: every column that a list names, by what; the others as they are.
type Change<'a> = (&'a str, &'a str);

/// Copies the orders, their lines and words, until there are `count` more: two minutes between one and the next, the newest now;
/// one of sixteen belongs to those whose order it was, the others to any hospital and any supplier. The last three thousand are
/// in every state, the earlier ones have been answered. Nothing is due on a copy: no task works beside.
pub fn orders(target: &Target, count: usize) {
    let mut conn = target.open().expect("the database");
    let earlier = |column: &str| match &conn {
        AnyConn::Pg(_) => format!("{column} - copied.n * INTERVAL '2 minutes'"),
        AnyConn::Sqlite(_) => {
            format!("strftime('%Y-%m-%d %H:%M:%f', {column}, '-' || (copied.n * 2) || ' minutes') || '000'")
        }
    };
    let of = |side: &str, column: &str| {
        format!(
            "CASE WHEN copied.n % 16 = 0 THEN {column} ELSE (SELECT id FROM {side} WHERE no = \
             copied.n % (SELECT COUNT(*) FROM {side})) END"
        )
    };
    let times = ["created_at", "submitted_at", "respond_by", "answered_at", "cancelled_at"];
    let times = times.map(|column| (column, earlier(column)));
    let (hospital, supplier) = (of("hospitals", "hospital_id"), of("suppliers", "supplier_id"));
    let state =
        "CASE WHEN copied.n > 3000 AND state IN ('draft', 'submitted') THEN 'confirmed' ELSE state END";
    let mut changes: Vec<Change<'_>> = vec![
        ("hospital_id", &hospital),
        ("supplier_id", &supplier),
        ("state", state),
        ("number", "number || '-' || CAST(copied.n AS TEXT)"),
        ("next_check", "NULL"),
    ];
    changes.extend(times.iter().map(|(column, other)| (*column, other.as_str())));
    let kinds = [("hospitals", "%hospital"), ("suppliers", "distributor")];
    for (table, kind) in kinds {
        let sql = format!(
            "CREATE TEMP TABLE {table} AS SELECT id, ROW_NUMBER() OVER (ORDER BY id) - 1 AS no \
             FROM organisation WHERE kind LIKE '{kind}'; CREATE INDEX {table}_no ON {table} (no)"
        );
        conn.batch_execute(&sql).expect("sides");
    }
    let tables = [
        ("purchase_order", "id", changes.as_slice()),
        ("order_line", "order_id", &[]),
        ("order_words", "order_id", &[]),
    ];
    copy(&mut conn, &tables, count);
}

/// Copies the organisations, until there are `count` more. Nobody works there.
pub fn organisations(target: &Target, count: usize) {
    let (name, code) = ("name || CAST(copied.n AS TEXT)", "credit_code || '-' || CAST(copied.n AS TEXT)");
    let changes = [("name", name), ("credit_code", code)];
    copy(&mut target.open().expect("the database"), &[("organisation", "id", &changes)], count);
}

/// Copies of the first table's rows and of what belongs to them: each table with the column of its key in the first.
fn copy(conn: &mut AnyConn, tables: &[(&str, &str, &[Change<'_>])], count: usize) {
    let (template, ..) = tables[0];
    let (fresh, columns) = match conn {
        AnyConn::Pg(_) => (
            "gen_random_uuid()",
            "SELECT column_name::text AS name FROM information_schema.columns \
             WHERE table_schema = current_schema() AND is_generated = 'NEVER' AND table_name = ",
        ),
        AnyConn::Sqlite(_) => ("randomblob(16)", "SELECT name FROM pragma_table_info WHERE arg = "),
    };
    let mut statements = vec![format!(
        "CREATE TEMP TABLE copied AS WITH RECURSIVE times(n) AS \
         (SELECT 1 UNION ALL SELECT n + 1 FROM times WHERE n < {count}), \
         original AS (SELECT id, ROW_NUMBER() OVER (ORDER BY id) - 1 AS no FROM {template}) \
         SELECT original.id AS template, {fresh} AS fresh, n FROM times JOIN original \
         ON original.no = times.n % (SELECT COUNT(*) FROM original)"
    )];
    for (table, key, changes) in tables {
        let found: Vec<Column> =
            on_db!(&mut *conn, c => diesel::sql_query(format!("{columns}'{table}'")).load(c))
                .expect("columns");
        // An earlier build has no such table.
        if found.is_empty() {
            continue;
        }
        let names: Vec<&str> = found.iter().map(|column| column.name.as_str()).collect();
        let value = |name: &&str| match changes.iter().find(|(column, _)| column == name) {
            Some((_, other)) => (*other).to_owned(),
            None if name == key => "copied.fresh".to_owned(),
            None if *name == "id" => fresh.to_owned(),
            None => (*name).to_owned(),
        };
        let values: Vec<String> = names.iter().map(value).collect();
        statements.push(format!(
            "INSERT INTO {table} ({}) SELECT {} FROM copied JOIN {table} ON {table}.{key} = copied.template",
            names.join(", "),
            values.join(", "),
        ));
    }
    statements.extend(["DROP TABLE copied".into(), "ANALYZE".into()]);
    for statement in statements {
        conn.batch_execute(&statement).expect("copies");
    }
}
