//! The community over its HTTP contract
