//! What speaks to AWS: a catalog in S3, and the probe that calibrates a platform on Lambda.
