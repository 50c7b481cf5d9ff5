// Package localdir is a share driver that keeps each share as a folder on the
// local file system, for an NFS server to export.
//
// # On disk
//
// Below the root, which belongs to one [Driver] at a time:
//
//	shares/ID/data               the content of a share
//	shares/ID/share.json         its record
//	shares/ID/snapshots/ID/...   data and snapshot.json of its snapshots
//	exports                      who may mount what, in the form of exports(5)
//	.localdir/                   the lock, and work that is not finished
//
// A share that was taken over with ManageShare has its content where it was below the root, and its record and
// snapshots under shares.
//
// # What survives
//
// Every method has one moment at which it takes effect: the rename or, for UnmanageShare, the removal of one name.
// Everything is prepared under .localdir/staging before that moment and cleared away after it, and data reaches the
// disk before the name that makes it visible. A process that is killed at any point therefore leaves each share,
// snapshot and rule either wholly as before the call or wholly as after it; [Open] clears staging and writes exports
// anew. If a method's context ends before that moment, it leaves nothing behind; after that moment, the method
// completes.
//
// # Limits
//
// A share's size is recorded, and checked against the content when the share shrinks or is made from a snapshot; the
// operating system does not enforce it. Clients may write while a snapshot is taken: a file that changes meanwhile may
// be in the snapshot as a mixture of what it was during the copy, unless the copy shares its blocks. Copies share
// blocks where the file system can do so (reflink), and keep modes, owners, times of modification, and hard and
// symbolic links; on Linux holes, extended attributes, pipes and devices as well. Elsewhere a pipe or device makes the
// copy fail. Sockets are left out. If the process may not give files to other users, the copies of theirs are its own,
// without set-id bits.
//
// The driver works on Linux, macOS and FreeBSD. Elsewhere the package compiles, and [Open] returns an error that is
// [errors.ErrUnsupported].
//
// Everything is safe for concurrent use. Long work (copying, counting, removing)
// is done without a lock, so that it delays no other share's calls.
package localdir

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/hookrun/hookrun/share"
)

// ErrClosed is returned by the methods of a [Driver] after Close.
var ErrClosed = errors.New("localdir: driver is closed")

// Options are the choices for a driver. The zero value is ready for use.
type Options struct {
	// Host is the name clients mount from, in export locations ("host:/path"). Empty means the machine's host name.
	Host string

	// BackendName is the share_backend_name and the pool's name in the capabilities. Empty means "localdir".
	BackendName string

	// Owner and Group are the ids of the user and the group that own the folder of a new, empty share. Either may be
	// nil, which means that of this process. An NFS server with root_squash writes as a user other than root, and that
	// user then has to own the share. Changing the owner needs root.
	Owner, Group *int

	// Mode is the permissions of that folder; 0 means 0755.
	Mode fs.FileMode

	// ExportOptions are written into exports for every client, after rw or ro, in the form of exports(5), such as
	// "no_root_squash". Nil means "sync" and "no_subtree_check".
	ExportOptions []string

	// Logger gets errors about shares that are out of order, warnings about work that was done but left something behind
	// and about shares that cannot be counted, and, at debug level, each step on the file system before it is taken.
	// Nil means slog.Default().
	Logger *slog.Logger
}

// Driver keeps shares as folders. Make one with [Open].
type Driver struct {
	store
	path      string // the root, absolute and without symbolic links
	host      string
	backend   string
	content   content // how the folder of a new share is made
	exporting string  // the options of exports(5), with a comma before each
	reflink   bool    // the file system can share blocks between files
	lock      *os.File

	mu           sync.Mutex // held while a call takes effect, never while it copies
	shares       map[string]*shareEntry
	snapshots    map[string]*snapshotEntry
	pending      map[string]bool // ids of what is being made, prefixed with the kind
	broken       map[string]brokenShare
	exportsStale bool // the exports file does not match the records
	closed       bool
	calls        sync.WaitGroup
}

var (
	_ share.Driver = (*Driver)(nil)
	_ share.Lister = (*Driver)(nil)
)

// Open makes the folder root if there is none, takes its lock, completes or undoes what a killed process left
// unfinished, and reads the records; a record that cannot be read puts its share out of order, see [Driver.OutOfOrder].
// If another Driver has the root open, in this process or another, the error is [share.ErrInUse].
func Open(root string, opts Options) (*Driver, error) {
	d, err := open(root, opts)
	if err != nil {
		return nil, fmt.Errorf("localdir: open %s: %w", root, err)
	}
	return d, nil
}

func open(root string, opts Options) (_ *Driver, err error) {
	d := &Driver{
		host:      opts.Host,
		backend:   cmp.Or(opts.BackendName, "localdir"),
		shares:    make(map[string]*shareEntry),
		snapshots: make(map[string]*snapshotEntry),
		pending:   make(map[string]bool),
		broken:    make(map[string]brokenShare),
		content:   opts.content(),
		exporting: opts.exporting(),
	}
	d.log = cmp.Or(opts.Logger, slog.Default())
	if d.host == "" {
		if d.host, err = os.Hostname(); err != nil {
			return nil, fmt.Errorf("options.host: %w", err)
		}
	}
	if err := opts.check(); err != nil {
		return nil, err
	}
	if err := d.openRoot(root); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.release())
		}
	}()
	if err := d.prepare(); err != nil {
		return nil, err
	}
	if d.lock, err = takeLock(d.root); err != nil {
		return nil, err
	}
	if err := d.recover(); err != nil {
		return nil, err
	}
	d.reflink = d.probeReflink()
	return d, d.writeExports()
}

// openRoot resolves symbolic links first, because exported paths must be real.
func (d *Driver) openRoot(root string) error {
	abs, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(abs, 0o755); err != nil {
		return err
	}
	if d.path, err = filepath.EvalSymlinks(abs); err != nil {
		return err
	}
	d.root, err = os.OpenRoot(d.path)
	return err
}

// Close waits for the calls in flight and releases the root. Closing again does nothing.
func (d *Driver) Close() error {
	d.mu.Lock()
	closed := d.closed
	d.closed = true
	d.mu.Unlock()
	if closed {
		return nil
	}
	d.calls.Wait()
	return d.release()
}

func (d *Driver) release() error {
	var err error
	if d.lock != nil {
		err = giveLock(d.lock)
	}
	return errors.Join(err, d.root.Close())
}

// begin registers a call, so that Close waits for it. The caller calls end when the call is over.
func (d *Driver) begin(ctx context.Context) (end func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, ErrClosed
	}
	d.calls.Add(1)
	return d.calls.Done, nil
}

// call does the work of a method between begin and end, and gives a system error a code.
func (d *Driver) call(ctx context.Context, work func() error) error {
	end, err := d.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	return coded(work())
}

// InitHost writes the exports file anew. Its error names the shares whose content is missing and those that are out of
// order.
func (d *Driver) InitHost(ctx context.Context, _ share.InitHostArgs) (share.InitHostResult, error) {
	end, err := d.begin(ctx)
	if err != nil {
		return share.InitHostResult{}, err
	}
	defer end()
	d.mu.Lock()
	defer d.mu.Unlock()
	errs := []error{d.writeExports()}
	for _, id := range slices.Sorted(maps.Keys(d.broken)) {
		errs = append(errs, d.broken[id].why)
	}
	for _, e := range d.sorted() {
		if info, err := d.root.Lstat(e.Path); err != nil {
			errs = append(errs, fmt.Errorf("share %q: content: %w", e.Share.ID, err))
		} else if !info.IsDir() {
			errs = append(errs, fmt.Errorf("share %q: content: %s: want a folder, got %s", e.Share.ID, e.Path, info.Mode().Type()))
		}
	}
	return share.InitHostResult{}, errors.Join(errs...)
}

// DeleteShareServer does nothing: this driver makes no share servers.
func (d *Driver) DeleteShareServer(ctx context.Context, _ share.DeleteShareServerArgs) (share.DeleteShareServerResult, error) {
	return share.DeleteShareServerResult{}, d.call(ctx, func() error { return nil })
}
