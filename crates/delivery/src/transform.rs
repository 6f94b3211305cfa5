//! When a transformer's batch is committed, and what happens to what was read ahead when it is not.
