//! What the core asks of the systems around it
