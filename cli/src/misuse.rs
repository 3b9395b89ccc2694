//! What the command line itself is to blame for: exit status 2 in place of 1.

/// An error of the command line's rather than of the job's.
#[derive(Debug)]
pub(crate) struct Misuse(pub(crate) String);

impl std::fmt::Display for Misuse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Misuse {}

/// Whether the command line is at fault: a name that nothing has, a setting that is out of its range, a file that would be
/// overwritten.
pub(crate) fn is_misuse(error: &anyhow::Error) -> bool {
    use mtlift_files::Error as File;
    use mtlift_glue_data::Error as Data;
    use mtlift_hub::Error as Hub;
    use mtlift_study::Error as Study;
    use mtlift_tokenizer::Error as Tokenizer;
    use mtlift_train::Error as Train;
    let of_tokenizer = |error: &Tokenizer| matches!(error, Tokenizer::MaxTokens { .. });
    let of_data = |error: &Data| match error {
        Data::UnknownTask { .. }
        | Data::Knob { .. }
        | Data::NoDataHome { .. }
        | Data::SeveralHeads { .. }
        | Data::UnknownHead { .. } => true,
        Data::Tokenizer(error) => of_tokenizer(error),
        _ => false,
    };
    let of_train = |error: &Train| match error {
        Train::Setting { .. }
        | Train::Processor { .. }
        | Train::UnknownLabel { .. }
        | Train::Schedule(_)
        | Train::TooManyTokens { .. } => true,
        Train::Tokenizer(error) => of_tokenizer(error),
        Train::Data(error) => of_data(error),
        _ => false,
    };
    error.is::<Misuse>()
        || matches!(error.downcast_ref(), Some(File::Exists { .. }))
        || matches!(error.downcast_ref(), Some(Hub::Name { .. } | Hub::Setting { .. }))
        || error.downcast_ref().is_some_and(of_data)
        || error.downcast_ref().is_some_and(of_train)
        || error.downcast_ref().is_some_and(|error| match error {
            Study::Spec { .. } | Study::TooFewRows { .. } | Study::Schedule(_) => true,
            Study::Train(error) => of_train(error),
            Study::Data(error) => of_data(error),
            _ => false,
        })
}
