package effect

// Metric is a measurement that a hook made.
type Metric struct {
	Service, Hook string
	Kind          MetricKind
	Name          string
	Value         float64
	Labels        map[string]string // nil for none
}

// MetricKind says what a metric's value means.
type MetricKind string

// The kinds of a [Metric].
const (
	Count   MetricKind = "count"   // is added to a sum
	Gauge   MetricKind = "gauge"   // takes the place of the last value
	Observe MetricKind = "observe" // is one of many values, such as a duration
)
