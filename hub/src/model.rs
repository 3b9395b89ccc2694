//! Which files of a repository make up a model: configuration, tokenizer and one form of the weights. The other forms
//! (TensorFlow, Flax, ONNX, a second copy in PyTorch's own) would be most of what is fetched, and nothing reads them.

/// Weights in one file, or shards with their index.
pub const SAFETENSORS: &str = "model.safetensors";
/// Weights as PyTorch pickles them: taken only where there is nothing else.
pub const PICKLED: &str = "pytorch_model.bin";

const CONFIG: &str = "config.json";
const TOKENIZER: [&str; 7] = [
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "special_tokens_map.json",
    "added_tokens.json",
];

/// The files of a model, of all that a repository has.
///
/// # Errors
/// What is missing for a model, in words.
pub fn model_files(all: &[String]) -> Result<Vec<String>, String> {
    let has = |name: &str| all.iter().any(|file| file == name);
    if !has(CONFIG) {
        return Err(format!("there is no {CONFIG}: it is no model in Hugging Face layout"));
    }
    let mut files: Vec<String> = vec![CONFIG.to_owned()];
    files.extend(TOKENIZER.iter().filter(|name| has(name)).map(|&name| name.to_owned()));
    files.extend(weights(all)?);
    Ok(files)
}

fn weights(all: &[String]) -> Result<Vec<String>, String> {
    let has = |name: &str| all.iter().any(|file| file == name);
    if has(SAFETENSORS) {
        return Ok(vec![SAFETENSORS.to_owned()]);
    }
    let index = format!("{SAFETENSORS}.index.json");
    if has(&index) {
        let shards: Vec<(&String, usize)> =
            all.iter().filter_map(|file| Some((file, shards_with(file)?))).collect();
        // The index comes last: where it is, so are they.
        return match shards.first() {
            Some(&(_, count)) if shards.len() == count => {
                Ok(shards.into_iter().map(|(file, _)| file.clone()).chain([index]).collect())
            }
            Some((_, count)) => Err(format!("{} of its {count} shards are there", shards.len())),
            None => Err(format!("there is {index} and no shard of it")),
        };
    }
    if has(PICKLED) {
        return Ok(vec![PICKLED.to_owned()]);
    }
    let others: Vec<&str> = all.iter().map(String::as_str).filter(|file| is_other_form(file)).collect();
    let others =
        if others.is_empty() { String::new() } else { format!(" (its weights are {})", others.join(", ")) };
    Err(format!("there is no {SAFETENSORS} and no {PICKLED}{others}"))
}

/// How many shards there are, by the name of one: 3 for `model-00001-of-00003.safetensors`.
fn shards_with(file: &str) -> Option<usize> {
    let (number, count) = file.strip_prefix("model-")?.strip_suffix(".safetensors")?.split_once("-of-")?;
    number.parse::<usize>().ok()?;
    count.parse().ok()
}

fn is_other_form(file: &str) -> bool {
    [".h5", ".msgpack", ".onnx", ".gguf", ".bin", ".pt", ".safetensors"].iter().any(|end| file.ends_with(end))
}
