//! Which question a study may become: one with more of what it has.

use serde_json::{Value, json};

use super::Spec;

impl Spec {
    /// What `asked` has that this study does not, where the one may grow into the other: more targets, supports, arms,
    /// seeds, ratios or samplers. Which models stay, when to stop and what is recorded of
    /// conflict changes no run, and may change.
    ///
    /// # Errors
    /// Names all else in which the two differ.
    pub(crate) fn grown_into(&self, asked: &Spec) -> Result<Vec<String>, Vec<String>> {
        let (there, asked) = (json!(self), json!(asked));
        let (mut more, mut differences) = (Vec::new(), Vec::new());
        const LISTS: [&str; 6] = ["targets", "supports", "arms", "seeds", "ratios", "mtl_all_samplers"];
        for (key, value) in asked.as_object().into_iter().flatten() {
            let old = &there[key];
            match (old, value) {
                _ if old == value => {}
                _ if ["keep_models", "until", "conflict_every"].contains(&&**key) => {
                    more.push(format!("{key}: {value} in place of {old}"))
                }
                (Value::Array(old), Value::Array(new)) if LISTS.contains(&&**key) => {
                    let has_all = old.iter().all(|item| new.contains(item));
                    let list = |items: &[Value]| {
                        items
                            .iter()
                            .map(|item| item.to_string().replace('"', ""))
                            .collect::<Vec<_>>()
                            .join(",")
                    };
                    if has_all {
                        more.push(format!("{key}: {} in place of {}", list(new), list(old)));
                    } else {
                        differences.push(format!("{key} ({} there, {} asked)", list(old), list(new)));
                    }
                }
                _ => differences.extend(mtlift_train::differences(&json!({key: old}), &json!({key: value}))),
            }
        }
        if differences.is_empty() { Ok(more) } else { Err(differences) }
    }
}
