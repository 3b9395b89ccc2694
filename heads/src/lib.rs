//! Sequence-classification heads of the encoder families, and their losses.
