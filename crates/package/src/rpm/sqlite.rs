//! SQLite's file, `rpmdb.sqlite` (sqlite.org/fileformat2.html): the tree of the table `Packages`,
//! whose second column is the header. Free pages and other tables are not looked at; what is not
//! in the database yet but in the log beside it is.

mod pages;
mod record;

use super::Visit;
use super::wal::committed;
use pages::{Pages, Tree};
use record::{Value, values};

pub(super) fn is_one(database: &[u8]) -> bool {
    database.starts_with(b"SQLite format 3\0")
}

/// The second column of each row of `Packages`, in the tree's order.
pub(super) fn blobs(database: &[u8], wal: Option<&[u8]>, visit: &mut Visit<'_>) {
    // A log that is none is as good as an empty one to SQLite too.
    let wal = wal.map(committed).transpose().unwrap_or_else(|why| {
        visit(Err(why.to_owned()));
        None
    });
    let mut pages = match Pages::open(database, wal.unwrap_or_default()) {
        Ok(pages) => pages,
        Err(why) => return visit(Err(why)),
    };
    if let Some(why) = pages.cut() {
        visit(Err(why));
    }
    let Some(root) = root(&mut pages, visit) else {
        return visit(Err("has no table Packages: no package can be read".to_owned()));
    };
    let mut tree = Tree::new(root);
    while let Some(row) = tree.next(&mut pages) {
        match row.as_deref().map(|row| values(row).nth(1)) {
            Ok(Some(Value::Bytes(blob))) => visit(Ok(blob)),
            Ok(_) => visit(Err("a row of Packages has no header".to_owned())),
            Err(why) => visit(Err(why.clone())),
        }
    }
}

/// The first page of the table `Packages`, by the table of tables: type, name, table, page, SQL.
fn root(pages: &mut Pages<'_>, visit: &mut Visit<'_>) -> Option<u32> {
    let mut tree = Tree::new(1);
    while let Some(row) = tree.next(pages) {
        let row = match row {
            Ok(row) => row,
            Err(why) => {
                visit(Err(why));
                continue;
            }
        };
        let row: Vec<Value<'_>> = values(&row).take(4).collect();
        if let [Value::Bytes(kind), Value::Bytes(name), _, Value::Number(page)] = *row
            && pages.is_text(kind, "table")
            && pages.is_text(name, "Packages")
        {
            return u32::try_from(page).ok();
        }
    }
    None
}
