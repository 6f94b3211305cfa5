//! The bundle and the engine that turns facts into commands; pure and total
