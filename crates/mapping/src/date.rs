//! Calendar dates, see [`domain::date`].

pub(crate) use domain::date::{parse_day, shown};
