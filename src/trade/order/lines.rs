//! Many lines in one statement. diesel's own statement for many rows has another text for each number of them: on PostgreSQL
//! the lines go as one array a column, which is one text; on SQLite as rows, of which few enough stand in one statement.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamp};
use diesel::sqlite::Sqlite;

use super::model::OrderLine;
use crate::listing::Mark;
use crate::platform::error::Result;
use crate::platform::sql::{AnyConn, Id, Money, SqlId, Time};

/// Rows in one statement of SQLite at most: it takes 32,766 values.
const ROWS: usize = 100;

/// The lines as columns.
macro_rules! columns {
    ($($column:ident: $of:ty => $sql:ty),+ $(,)?) => {
        /// An insert of all these lines, on PostgreSQL.
        #[derive(Debug)]
        pub(super) struct Columns<'a> {
            $($column: Vec<&'a $of>),+
        }

        impl<'a> Columns<'a> {
            pub(super) fn of(lines: &'a [OrderLine]) -> Self {
                Self { $($column: lines.iter().map(|line| &line.$column).collect()),+ }
            }
        }

        impl QueryFragment<Pg> for Columns<'_> {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
                out.push_sql(concat!("INSERT INTO order_line (", names!($($column)+), ") SELECT * FROM unnest("));
                let mut separator = "";
                $(
                    out.push_sql(std::mem::replace(&mut separator, ", "));
                    out.push_bind_param::<Array<$sql>, _>(&self.$column)?;
                )+
                out.push_sql(")");
                Ok(())
            }
        }

        impl QueryFragment<Sqlite> for Rows<'_> {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
                out.push_sql(concat!("INSERT INTO order_line (", names!($($column)+), ") VALUES "));
                let mut row = "(";
                for line in self.0 {
                    let mut separator = std::mem::replace(&mut row, ", (");
                    $(
                        out.push_sql(std::mem::replace(&mut separator, ", "));
                        out.push_bind_param::<$sql, _>(&line.$column)?;
                    )+
                    out.push_sql(")");
                }
                Ok(())
            }
        }
    };
}

macro_rules! names {
    ($first:ident $($column:ident)*) => {
        concat!(stringify!($first) $(, ", ", stringify!($column))*)
    };
}

/// An insert of all these lines, on SQLite.
#[derive(Debug)]
struct Rows<'a>(&'a [OrderLine]);

columns! {
    id: Id => SqlId,
    order_id: Id => SqlId,
    line_no: i32 => Integer,
    listing_id: Id => SqlId,
    product_id: Id => SqlId,
    code: String => Text,
    given_code: Option<String> => Nullable<Text>,
    given_factor: Option<i64> => Nullable<BigInt>,
    product_label: String => Text,
    spec: String => Text,
    maker: String => Text,
    unit: String => Text,
    quantity: i64 => BigInt,
    unit_price: Money => BigInt,
    amount: Money => BigInt,
    mark: Mark => Text,
    low: Option<Money> => Nullable<BigInt>,
    ratio: Option<String> => Nullable<Text>,
    pack_remark: Option<String> => Nullable<Text>,
    risk_reason: Option<String> => Nullable<Text>,
    risk_acknowledged_by: Option<Id> => Nullable<SqlId>,
    risk_acknowledged_at: Option<Time> => Nullable<Timestamp>,
}

impl QueryId for Columns<'_> {
    type QueryId = Columns<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<C> RunQueryDsl<C> for Columns<'_> {}

impl QueryId for Rows<'_> {
    type QueryId = ();
    // Found again by its text: there is one for each number of rows.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C> RunQueryDsl<C> for Rows<'_> {}

/// Inserts lines.
pub(super) fn insert(conn: &mut AnyConn, lines: &[OrderLine]) -> Result<()> {
    match conn {
        AnyConn::Pg(c) => {
            Columns::of(lines).execute(c)?;
        }
        AnyConn::Sqlite(c) => {
            for rows in lines.chunks(ROWS) {
                Rows(rows).execute(c)?;
            }
        }
    }
    Ok(())
}
