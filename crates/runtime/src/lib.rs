//! Hosts the rules of delivery on Apache Kafka; the only crate that names rdkafka
