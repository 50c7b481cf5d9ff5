// Package share is the contract between a share service and its storage drivers, with hooks around it.
//
// A storage back end implements [Driver]: thirteen methods, each taking one args struct and returning one result
// struct, so that a new argument breaks no driver, and GetPeriodicHookData, for which [Defaults] has an implementation.
// [Hooked] turns any Driver into one whose calls run through the hooks of an [engine.Engine]; the result is a Driver
// itself and can be used wherever one is expected. [Methods] gives the names and types of the methods to the engine and
// to tools.
//
// # Records
//
// The names of methods and fields are OpenStack Manila's, in the JSON form and in what a script sees. Args and results
// write all their fields; a record inside them ([Share], [Snapshot], ...) leaves out empty strings, nil lists and maps,
// and zero times, and keeps numbers and booleans, whose zero is a value. A field that is missing from the JSON is zero.
// Whatever has no fixed form (metadata, driver options, back-end details, extra capabilities) is a map[string]any. A
// field that may be null is a pointer.
//
// Sizes are in GiB (2^30 bytes), as int64. Capacities are in the same unit, which Manila calls GB, as float64.
//
// # Ownership and concurrency
//
// A driver must be safe for concurrent use: the service makes many calls at once, and hooks never serialise the
// driver's part of a call. Args belong to the caller, and a driver does not change them; what a driver returns belongs
// to the caller from then on, so a driver that keeps records returns copies. A driver heeds the end of its context, and
// then leaves no half-made share behind.
//
// # Errors
//
// If an error has a Code() string method anywhere in its chain, hooks see that code as err.code. [Errorf] makes such an
// error, and errors.Is finds [ErrNotFound] and the other sentinels in it.
package share

import "context"

// Driver is what a storage back end implements.
//
// The doc of each method says what the caller may rely on. Methods are idempotent where that is stated, because a
// service repeats a call whose answer it lost. Sizes are GiB.
//
// A driver embeds [Defaults] for the one method that has a sensible default. That method is part of the interface,
// instead of being an optional one of its own, so that a decorator which embeds a Driver cannot lose it unnoticed.
type Driver interface {
	// AllowAccess lets one client in. The same rule twice is not an error.
	AllowAccess(context.Context, AllowAccessArgs) (AllowAccessResult, error)

	// CreateShareInstance makes an empty share, or one with the content of args.Snapshot, and says where clients reach it.
	CreateShareInstance(context.Context, CreateShareInstanceArgs) (CreateShareInstanceResult, error)

	// CreateSnapshot keeps the share's content as it is now.
	CreateSnapshot(context.Context, CreateSnapshotArgs) (CreateSnapshotResult, error)

	// DeleteShareInstance removes a share and its content. A share that does not
	// exist is not an error; one that still has snapshots is, without force.
	DeleteShareInstance(context.Context, DeleteShareInstanceArgs) (DeleteShareInstanceResult, error)

	// DeleteShareServer tears down a share server. A driver that does not handle share servers has nothing to do.
	DeleteShareServer(context.Context, DeleteShareServerArgs) (DeleteShareServerResult, error)

	// DeleteSnapshot removes a snapshot. One that does not exist is not an error.
	DeleteSnapshot(context.Context, DeleteSnapshotArgs) (DeleteSnapshotResult, error)

	// DenyAccess takes a rule back. One that does not exist is not an error.
	DenyAccess(context.Context, DenyAccessArgs) (DenyAccessResult, error)

	// ExtendShare raises a share's size to args.NewSize.
	ExtendShare(context.Context, ExtendShareArgs) (ExtendShareResult, error)

	// InitHost prepares the back end when the service starts. It may be called again at any time.
	InitHost(context.Context, InitHostArgs) (InitHostResult, error)

	// ManageShare takes over a share that exists in the back end already, found by
	// its export location or by what the driver options say.
	ManageShare(context.Context, ManageShareArgs) (ManageShareResult, error)

	// PublishServiceCapabilities reports what the back end can do and hold.
	PublishServiceCapabilities(context.Context, PublishServiceCapabilitiesArgs) (PublishServiceCapabilitiesResult, error)

	// ShrinkShare lowers a share's size to args.NewSize; below what the share's
	// content uses it is an error and changes nothing.
	ShrinkShare(context.Context, ShrinkShareArgs) (ShrinkShareResult, error)

	// UnmanageShare forgets a share and leaves its content where it is. A share
	// that does not exist is not an error; one that still has snapshots is.
	UnmanageShare(context.Context, UnmanageShareArgs) (UnmanageShareResult, error)

	// GetPeriodicHookData returns what the periodic hooks get to see of the shares it is given: those shares, perhaps with
	// facts added to their Metadata. It may change and return the slice it is given. It is not hooked itself.
	GetPeriodicHookData(ctx context.Context, shares []Share) ([]Share, error)
}

// Lister is what a driver implements when it can say which shares it has, each with its access rules.
// [HookedDriver.PeriodicData] needs it; a service that lists the shares from a database of its own does not.
type Lister interface {
	// Shares returns all shares, in a stable order. The caller owns them.
	Shares(context.Context) ([]Share, error)
}

// Defaults holds the methods of [Driver] that have a default. Embed it in a
// driver, and redefine what the driver does better. The zero value is ready.
type Defaults struct{}

// GetPeriodicHookData returns the shares as they are.
func (Defaults) GetPeriodicHookData(_ context.Context, shares []Share) ([]Share, error) {
	return shares, nil
}
