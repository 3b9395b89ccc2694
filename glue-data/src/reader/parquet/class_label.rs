//! What Hugging Face's `datasets` says of a file's columns: the key `huggingface` of the file's metadata holds JSON with
//! `info.features`, in which a `ClassLabel` has the names of its classes. An integer of the column is a place in that list.

use ::parquet::file::metadata::FileMetaData;
use serde_json::Value;

/// The features of a file; null where it says nothing.
pub(super) struct ClassLabels(Value);

impl ClassLabels {
    pub(super) fn read(file: &FileMetaData) -> Self {
        let pairs = file.key_value_metadata().into_iter().flatten();
        let text = pairs.filter(|pair| pair.key == "huggingface").find_map(|pair| pair.value.as_deref());
        let all: Option<Value> = text.and_then(|text| serde_json::from_str(text).ok());
        Self(all.and_then(|mut all| Some(all.pointer_mut("/info/features")?.take())).unwrap_or_default())
    }

    /// The names of a column's classes, if they are named.
    pub(super) fn of(&self, column: &str) -> Option<Vec<String>> {
        let within = column.split('.').try_fold(&self.0, |of, key| of.get(key));
        let feature = self.0.get(column).or(within)?;
        let names = feature.get("names")?.as_array()?;
        names.iter().map(|name| name.as_str().map(str::to_owned)).collect()
    }
}
