//! In what two descriptions differ, in words: whoever is refused wants to know which setting it was.

use serde_json::Value;

/// Two short values are shown, longer ones named.
const SHORT: usize = 60;

/// The paths of the values in which two JSON values differ, with both values where they are short: `settings.seed (42
/// there, 7 asked)`. Lists of one item each are compared item by item, others as a whole.
pub fn differences(there: &Value, asked: &Value) -> Vec<String> {
    let mut differences = Vec::new();
    compare("", there, asked, &mut differences);
    differences
}

fn compare(path: &str, there: &Value, asked: &Value, differences: &mut Vec<String>) {
    match (there, asked) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                let null = &Value::Null;
                compare(&path, a.get(key).unwrap_or(null), b.get(key).unwrap_or(null), differences);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == 1 && b.len() == 1 => {
            compare(path, &a[0], &b[0], differences);
        }
        _ if there != asked => {
            let (there, asked) = (there.to_string(), asked.to_string());
            differences.push(if there.len() + asked.len() <= SHORT {
                format!("{path} ({there} there, {asked} asked)")
            } else {
                path.to_owned()
            });
        }
        _ => {}
    }
}
