//! Use case 1: the rules of a partner's case, both ways.

mod compose;
mod inward;
mod outward;
mod values;

pub(crate) use inward::to_internal;
pub(crate) use outward::{obeyed, to_partner};

use crate::engine::Draft;
use domain::Command;

/// Cases begin at the community. A record that agents made in X has none there and concerns no partner.
pub(crate) fn foreign<C: Command>(draft: &Draft<'_, C>) -> Option<&'static str> {
    (draft.meta.subject.system() != draft.bundle.community.as_str()).then_some("not-a-partner-case")
}

/// Fills `{name}` in a text for agents; a name without a value becomes empty. Values are not filled again.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            break;
        };
        out.push_str(values.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value));
        rest = after;
    }
    out.push_str(rest);
    out
}
