//! How a fact becomes a metric.

use prometheus::{CounterVec, Encoder, GaugeVec, HistogramOpts, HistogramVec, Opts, Registry, TextEncoder};
use std::borrow::Cow;
use std::sync::LazyLock;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Counter,
    Gauge,
    Histogram,
}

impl Kind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// What there is to know of a metric without running anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Described {
    pub name: &'static str,
    pub kind: Kind,
    pub labels: &'static [&'static str],
    pub help: &'static str,
}

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::new);

pub(super) fn render() -> String {
    let mut text = Vec::new();
    if let Err(error) = TextEncoder::new().encode(&REGISTRY.gather(), &mut text) {
        tracing::error!(%error, "metrics could not be written");
    }
    String::from_utf8(text).unwrap_or_default()
}

/// From half a millisecond to ten minutes: one set of buckets for calls, transactions and restores.
const BUCKETS: [f64; 17] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0, 600.0];

/// A metric of the catalogue. Making one fails only for an invalid or repeated name, which a test of the catalogue
/// rules out; were it to happen, the fact would go uncounted rather than take the service down.
pub(super) enum Metric {
    Counter(CounterVec),
    Gauge(GaugeVec),
    Histogram(HistogramVec),
    None,
}

impl Metric {
    pub(super) fn new(described: Described) -> Self {
        let Described { name, kind, labels, help } = described;
        let made = match kind {
            Kind::Counter => CounterVec::new(Opts::new(name, help), labels).map(Self::Counter),
            Kind::Gauge => GaugeVec::new(Opts::new(name, help), labels).map(Self::Gauge),
            Kind::Histogram => {
                HistogramVec::new(HistogramOpts::new(name, help).buckets(BUCKETS.to_vec()), labels).map(Self::Histogram)
            }
        };
        let registered = made.and_then(|metric| {
            match &metric {
                Self::Counter(m) => REGISTRY.register(Box::new(m.clone()))?,
                Self::Gauge(m) => REGISTRY.register(Box::new(m.clone()))?,
                Self::Histogram(m) => REGISTRY.register(Box::new(m.clone()))?,
                Self::None => {}
            }
            Ok(metric)
        });
        registered.unwrap_or_else(|error| {
            tracing::error!(metric = name, %error, "metric could not be registered");
            Self::None
        })
    }

    /// Adds to a counter, sets a gauge, observes in a histogram. A label set of the wrong length counts nothing.
    pub(super) fn record(&self, labels: &[&str], value: f64) {
        match self {
            // A counter never falls: a negative or undefined amount is a mistake of the caller.
            Self::Counter(m) if value > 0.0 => drop(m.get_metric_with_label_values(labels).map(|m| m.inc_by(value))),
            Self::Gauge(m) => drop(m.get_metric_with_label_values(labels).map(|m| m.set(value))),
            Self::Histogram(m) => drop(m.get_metric_with_label_values(labels).map(|m| m.observe(value))),
            Self::Counter(_) | Self::None => {}
        }
    }
}

/// A field that is a label.
pub(super) trait Label {
    fn label(&self) -> Cow<'_, str>;
}
impl Label for &str {
    fn label(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }
}
impl Label for i32 {
    fn label(&self) -> Cow<'_, str> {
        Cow::Owned(self.to_string())
    }
}

/// A field that is a value. Counts beyond 2^53 lose precision, as everywhere in Prometheus.
pub(super) trait Amount {
    fn amount(&self) -> f64;
}
impl Amount for f64 {
    fn amount(&self) -> f64 {
        *self
    }
}
#[allow(clippy::cast_precision_loss)]
impl Amount for u64 {
    fn amount(&self) -> f64 {
        *self as f64
    }
}

/// `Fact<'a> { labels } { value: type } => Kind "metric" "help"`, then, where a person should know,
/// `log level "message" { fields for the log alone } shows [every field that is logged]`.
macro_rules! facts {
    ($($(#[$doc:meta])* $fact:ident $(<$life:lifetime>)? { $($label:ident: $label_type:ty),* } { $($value:ident: $value_type:ty)? }
        => $kind:ident $name:literal $help:literal $(, log $level:ident $message:literal { $($extra:ident: $extra_type:ty),* } shows [$($shown:ident),*])?;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub struct $fact $(<$life>)? { $(pub $label: $label_type,)* $(pub $value: $value_type,)? $($(pub $extra: $extra_type,)*)? }

            impl $(<$life>)? $fact $(<$life>)? {
                pub(super) const DESCRIBED: $crate::facts::Described = $crate::facts::Described {
                    name: $name,
                    kind: $crate::facts::Kind::$kind,
                    labels: &[$(stringify!($label)),*],
                    help: $help,
                };

                pub fn emit(self) {
                    use $crate::facts::kind::Metric;
                    #[allow(unused_imports)]
                    use $crate::facts::kind::{Amount, Label};
                    static METRIC: std::sync::LazyLock<Metric> =
                        std::sync::LazyLock::new(|| Metric::new($fact::DESCRIBED));
                    let labels: &[&str] = &[$(&self.$label.label()),*];
                    #[allow(unused_mut, unused_assignments)]
                    let mut value = 1.0;
                    $(value = self.$value.amount();)?
                    METRIC.record(labels, value);
                    $(tracing::$level!($($shown = self.$shown,)* $message);)?
                }
            }
        )+

        pub(super) fn described() -> Vec<$crate::facts::Described> {
            vec![$($fact::DESCRIBED),+]
        }
    };
}
pub(super) use facts;
