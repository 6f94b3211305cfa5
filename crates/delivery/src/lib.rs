//! The rules of delivery as pure state machines
