package pattern

// Meter is told of work as it is done, and can end it: an error that it returns ends the match and is returned
// unchanged, and a panic passes through and leaves the Matcher fit for use.
type Meter interface {
	// Steps is told of n steps, each of them about as much work as one instruction of the Lua VM, or less. It is called
	// after MaxArrears steps at most, and in advance for work that cannot be divided.
	Steps(n int) error
	// Bytes is asked before n bytes are allocated.
	Bytes(n int) error
}

// MaxArrears is the most steps that are taken before the meter hears of them.
const MaxArrears = stride + window/bytesPerStep

const (
	stride       = 256     // steps between two calls of the meter
	bytesPerStep = 8       // bytes that a loop over bytes passes in one step
	window       = 1 << 11 // bytes that such a loop passes before it counts
	fastPerStep  = 64      // bytes that a search with the machine's vector instructions passes in one step
	fastWindow   = window * fastPerStep / bytesPerStep
	maxFast      = 256 // bytes of the longest text that is searched for so
)

// take counts n steps. It returns false when the match must end.
func (m *Matcher) take(n int) bool {
	m.left -= n
	return m.left >= 0 || m.report()
}

// report tells the meter of the steps since the last report.
func (m *Matcher) report() bool {
	n := stride - m.left
	m.left = stride
	if m.Meter != nil && n > 0 {
		if err := m.Meter.Steps(n); m.err == nil {
			m.err = err
		}
	}
	return m.err == nil
}

// passed counts n bytes that a loop has passed.
func (m *Matcher) passed(n int) bool { return m.take(n / bytesPerStep) }

// allocate asks the meter for n bytes.
func (m *Matcher) allocate(n int) bool {
	if m.err == nil && m.Meter != nil {
		m.err = m.Meter.Bytes(n)
	}
	return m.err == nil
}
