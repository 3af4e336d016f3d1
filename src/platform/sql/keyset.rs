//! Keyset paging in a query.

/// The rows of a boxed query behind `$after`, and the order that they stand in. `$after` is the last row's key or none, with a
/// member for each column; the last column is unique, so that no row is lost and none comes twice.
///
/// `keyset!(query, after, product::sort_key => asc, product::id => asc)`. Where the reader chooses which end comes first,
/// `keyset!(query, after, down: sort.down, key, order::id; line::no => asc)`: the columns after `;` keep their order.
#[macro_export]
macro_rules! keyset {
    ($query:expr, $after:expr, down: $down:expr, $($column:expr),+ $(; $($fixed:expr => $way:ident),+)?) => {
        match $down {
            true => $crate::keyset!($query, $after, $($column => desc),+ $($(, $fixed => $way)+)?),
            false => $crate::keyset!($query, $after, $($column => asc),+ $($(, $fixed => $way)+)?),
        }
    };
    ($query:expr, $after:expr, $a:expr => $a_way:ident) => {{
        let query = $query;
        let query = match $after {
            Some(a) => query.filter($crate::keyset!(@behind $a_way $a, a)),
            None => query,
        };
        query.order($crate::keyset!(@order $a_way $a))
    }};
    ($query:expr, $after:expr, $a:expr => $a_way:ident, $b:expr => $b_way:ident) => {{
        let query = $query;
        // The first condition alone lets the index begin at the right place.
        let query = match $after {
            Some((a, b)) => query
                .filter($crate::keyset!(@from $a_way $a, Clone::clone(&a)))
                .filter($crate::keyset!(@behind $a_way $a, a).or($crate::keyset!(@behind $b_way $b, b))),
            None => query,
        };
        query.order(($crate::keyset!(@order $a_way $a), $crate::keyset!(@order $b_way $b)))
    }};
    ($query:expr, $after:expr, $a:expr => $a_way:ident, $b:expr => $b_way:ident, $c:expr => $c_way:ident) => {{
        let query = $query;
        let query = match $after {
            Some((a, b, c)) => {
                let further = $crate::keyset!(@from $b_way $b, Clone::clone(&b))
                    .and($crate::keyset!(@behind $b_way $b, b).or($crate::keyset!(@behind $c_way $c, c)));
                query
                    .filter($crate::keyset!(@from $a_way $a, Clone::clone(&a)))
                    .filter($crate::keyset!(@behind $a_way $a, a).or(further))
            }
            None => query,
        };
        query.order((
            $crate::keyset!(@order $a_way $a),
            $crate::keyset!(@order $b_way $b),
            $crate::keyset!(@order $c_way $c),
        ))
    }};
    (@behind asc $column:expr, $value:expr) => { $column.gt($value) };
    (@behind desc $column:expr, $value:expr) => { $column.lt($value) };
    (@from asc $column:expr, $value:expr) => { $column.ge($value) };
    (@from desc $column:expr, $value:expr) => { $column.le($value) };
    (@order asc $column:expr) => { $column.asc() };
    (@order desc $column:expr) => { $column.desc() };
}
