//! What goes to the clerk and comes back: the template of a kind, and the uploaded rows with every bad cell marked.

use diesel::prelude::*;

use super::{Cells, Faults, Run, RunState, Spec, Staged};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::schema::staged_row;
use crate::sheet::SheetRow;
use crate::sheet::template::{Field, Template};
use crate::sql::{AnyConn, Id};
use crate::staging;

fn fields(spec: &Spec, names: &[String]) -> Vec<Field> {
    let field = |(n, column): (usize, &super::Column)| {
        let title = names.get(n).map_or(column.head, String::as_str);
        Field::new(title, column.width).choices(column.choices).numeric(column.shape.is_numeric())
    };
    spec.columns.iter().enumerate().map(field).collect()
}

/// An empty sheet with lists to choose from.
///
/// # Errors
/// Internal, where it cannot be written.
pub fn template(spec: &Spec) -> Result<Vec<u8>> {
    bytes(Template::new(spec.title, &fields(spec, &[]), false)?)
}

/// The rows of a run as they were uploaded, those with faults marked; all of them, so that the sheet can be mended and sent
/// again.
///
/// # Errors
/// Internal, where it cannot be written.
pub async fn annotated(db: &Db, spec: &'static Spec, run: &Run, only_bad: bool) -> Result<Vec<u8>> {
    let names: Vec<String> = serde_json::from_str(&run.heads).map_err(Error::internal)?;
    let mut sheet = Template::new(spec.title, &fields(spec, &names), true)?;
    let (id, mut after) = (run.id, 0);
    loop {
        let rows = db.read(move |conn| staging::rows(conn, id, after, 500)).await?;
        let Some((last, _)) = rows.last() else { break };
        after = *last;
        sheet = tokio::task::spawn_blocking(move || written(sheet, spec, &rows, only_bad))
            .await
            .map_err(Error::internal)??;
    }
    tokio::task::spawn_blocking(move || bytes(sheet)).await.map_err(Error::internal)?
}

fn written(mut sheet: Template, spec: &Spec, rows: &[(i64, String)], only_bad: bool) -> Result<Template> {
    for (_, text) in rows {
        let staged: Staged = serde_json::from_str(text).map_err(Error::internal)?;
        let cells: Vec<String> = (0..spec.columns.len()).map(|n| staged.cells.raw(n).to_owned()).collect();
        if !(staged.is_good() && only_bad) {
            sheet.annotated(&SheetRow { number: staged.cells.number, cells }, &staged.faults)?;
        }
    }
    Ok(sheet)
}

fn bytes(sheet: Template) -> Result<Vec<u8>> {
    let mut file = sheet.finish()?;
    let mut all = Vec::new();
    std::io::Read::read_to_end(file.as_file_mut(), &mut all).map_err(Error::internal)?;
    Ok(all)
}

/// A fault as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct FaultView {
    /// The row as Excel counts.
    pub row: u32,
    /// The column's head in the file.
    pub column: String,
    /// What stands there.
    pub value: String,
    /// What to do.
    pub detail: String,
}

/// The first faults of a run, at most `most`.
pub fn faults(conn: &mut AnyConn, spec: &Spec, run: &Run, most: usize) -> Result<Vec<FaultView>> {
    // Every staged row is looked at, so not again and again while somebody watches the progress.
    if run.state.is_busy() || run.bad + run.refused == 0 {
        return Ok(Vec::new());
    }
    let rows = staged(conn, run.id, "%\"f\":[%", i64::try_from(most).unwrap_or(100))?;
    views(spec, run, most, rows.iter().map(|row| (&row.cells, &row.faults)))
}

/// What somebody is to look at in the good rows before a run is confirmed, at most `most`.
pub fn questions(conn: &mut AnyConn, spec: &Spec, run: &Run, most: usize) -> Result<Vec<FaultView>> {
    if run.state != RunState::Ready || run.source()?.questions == 0 {
        return Ok(Vec::new());
    }
    let rows = staged(conn, run.id, "%\"q\":[%", i64::try_from(most).unwrap_or(100))?;
    let good = rows.iter().filter(|row| row.is_good());
    views(spec, run, most, good.map(|row| (&row.cells, &row.questions)))
}

fn views<'a>(
    spec: &Spec,
    run: &Run,
    most: usize,
    rows: impl Iterator<Item = (&'a Cells, &'a Faults)>,
) -> Result<Vec<FaultView>> {
    let names: Vec<String> = serde_json::from_str(&run.heads).map_err(Error::internal)?;
    let mut found = Vec::new();
    for (cells, said) in rows {
        for (column, detail) in said {
            let head = spec.columns.get(*column).map_or("", |c| c.head);
            let name = names.get(*column).cloned().filter(|n| !n.is_empty()).unwrap_or_else(|| head.into());
            let value: String = cells.raw(*column).chars().take(40).collect();
            found.push(FaultView { row: cells.number, column: name, value, detail: detail.clone() });
        }
    }
    found.truncate(most);
    Ok(found)
}

/// The first staged rows whose JSON looks like that: all are looked through where there are few.
pub(super) fn staged(conn: &mut AnyConn, run: Id, like: &str, most: i64) -> Result<Vec<Staged>> {
    let texts: Vec<String> = staged_row::table
        .filter(staged_row::job_id.eq(run))
        .filter(staged_row::content.like(like))
        .order(staged_row::row_no)
        .limit(most)
        .select(staged_row::content)
        .load(conn)?;
    texts.iter().map(|text| serde_json::from_str(text).map_err(Error::internal)).collect()
}
