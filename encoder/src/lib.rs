//! BERT-family encoders by hand: configuration, weights, forward and backward.
