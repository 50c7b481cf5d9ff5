// Package scriptapi describes what every script sees: as Go types, the records beside the args and results of the
// driver's methods; as LuaCATS definitions, the library. The checker of scripts and the generator of the editor
// definitions read both: of the records, names and types by reflection, and the meaning from the comments.
package scriptapi

// Call is the first argument of pre, post, failed and finally. Only what is in args can be changed.
type Call struct {
	ID         string         `lua:"id"`         // unique within the service's process, such as "nfs1-42"
	Service    string         `lua:"service"`    // name of the service, as in the config
	Method     string         `lua:"method"`     // name of the driver's method
	Phase      string         `lua:"phase"`      // "pre", "post", "failed" or "finally"
	Args       any            `lua:"args"`       // what the driver is called with
	Context    map[string]any `lua:"context"`    // who asked, and whatever else the service adds
	Pre        any            `lua:"pre"`        // what this hook's own pre returned; nil in pre
	PreError   *string        `lua:"pre_error"`  // why this hook's own pre failed, where that was suppressed
	Generation int            `lua:"generation"` // number of the loaded set of scripts; it grows with each reload
	DryRun     bool           `lua:"dry_run"`    // no driver is called: the result comes from a call record
}

// Context is call.context. A service may leave any of it out, and add more.
type Context struct {
	RequestID *string `lua:"request_id"` // of the request that led to the call
	UserID    *string `lua:"user_id"`    // who made the request
	ProjectID *string `lua:"project_id"` // for whom
	IsAdmin   *bool   `lua:"is_admin"`   // whether that user is an administrator
}

// Failure is the second argument of failed: why the call did not complete.
type Failure struct {
	Message string  `lua:"message"` // one line
	Code    *string `lua:"code"`    // for programs: the driver's, or the second argument of reject
	Source  string  `lua:"source"`  // "driver", "hook", or "engine" for a call that was interrupted
	Hook    *string `lua:"hook"`    // name of the hook that refused or failed; nil when it was the driver
	Kind    string  `lua:"kind"`    // "driver", "rejected", "script", "timeout", "instructions", "memory", "type", "store", "interrupted" or "internal"
}

// Outcome is the second argument of finally: how the call ended. It is read only.
type Outcome struct {
	Status       string   `lua:"status"`        // "completed", "rejected" or "failed"
	Error        *Failure `lua:"error"`         // why it did not complete; nil when it did
	Result       any      `lua:"result"`        // what the caller gets; nil when the driver did not return
	Duration     float64  `lua:"duration"`      // seconds that the call took, with its hooks and all waiting
	DriverCalled bool     `lua:"driver_called"` // whether the driver was called, however it ended
}

// Service is the global service: the share service whose calls the script hooks.
type Service struct {
	Name string `lua:"name"` // as in the config
	Host string `lua:"host"` // as in the config; empty when it does not say
}
