//! Task registry, readers, tokenising, token cache and packed batches.
