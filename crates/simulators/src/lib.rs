//! A simulated community that implements the contract and misbehaves on demand
