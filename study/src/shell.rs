//! Words as a shell reads them: a command that is printed can be pasted.

/// The words as one line of a POSIX shell.
pub fn shell_line<W: AsRef<str>>(words: impl IntoIterator<Item = W>) -> String {
    words.into_iter().map(|word| quoted(word.as_ref())).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// The words of a line that [`shell_line`] made.
pub(crate) fn shell_words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, false);
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            '\\' if !quoted => word.get_or_insert_default().extend(letters.next()),
            ' ' if !quoted => words.extend(word.take()),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::{shell_line, shell_words};

    #[test]
    fn what_a_shell_would_take_apart_is_quoted() {
        let words = ["mtlift", "--model", "my runs/a", "--labels", "it's,no", "", "$HOME", "naïve.tsv"];
        assert_eq!(
            shell_line(words),
            "mtlift --model 'my runs/a' --labels 'it'\\''s,no' '' '$HOME' naïve.tsv"
        );
        assert_eq!(shell_words(&shell_line(words)), words);
    }
}
