package localdir

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"math"
	"os"

	"github.com/hookrun/hookrun/share"
)

// The facts that GetPeriodicHookData adds to a share's metadata.
const (
	UsedBytesKey = "used_bytes" // int64: the sum of the lengths of its files, holes included
	FilesKey     = "files"      // int64: the number of its regular files, one with several names counted once
)

// Shares returns all shares with their access rules, in the order of their ids.
func (d *Driver) Shares(ctx context.Context) ([]share.Share, error) {
	end, err := d.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	d.mu.Lock()
	defer d.mu.Unlock()
	shares := make([]share.Share, 0, len(d.shares))
	for _, e := range d.sorted() {
		shares = append(shares, cloneShare(e.Share))
	}
	return shares, nil
}

// GetPeriodicHookData measures each share's content and adds what it finds to the metadata, as [UsedBytesKey] and
// [FilesKey]. A share that this driver does not have, or cannot read (which is logged), is returned as it is.
func (d *Driver) GetPeriodicHookData(ctx context.Context, shares []share.Share) ([]share.Share, error) {
	end, err := d.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	for i := range shares {
		used, err := d.used(ctx, shares[i].ID)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err != nil {
			if !errors.Is(err, share.ErrNotFound) {
				d.log.WarnContext(ctx, "localdir: share is not counted", slog.String("share", shares[i].ID), slog.Any("error", err))
			}
			continue
		}
		metadata := make(map[string]any, len(shares[i].Metadata)+2)
		maps.Copy(metadata, shares[i].Metadata)
		metadata[UsedBytesKey] = used.bytes
		metadata[FilesKey] = used.files
		shares[i].Metadata = metadata
	}
	return shares, nil
}

// PublishServiceCapabilities reports the capacity of the root's file system as one pool, and the sum of the sizes of
// all shares that are in order as what is provisioned of it. Extra has Manila's snapshot capabilities, and "reflink":
// whether copies share blocks.
func (d *Driver) PublishServiceCapabilities(ctx context.Context, _ share.PublishServiceCapabilitiesArgs) (share.PublishServiceCapabilitiesResult, error) {
	var result share.PublishServiceCapabilitiesResult
	end, err := d.begin(ctx)
	if err != nil {
		return result, err
	}
	defer end()
	total, free, err := d.capacity()
	if err != nil {
		return result, err
	}
	var provisioned int64
	d.mu.Lock()
	for _, e := range d.shares {
		provisioned += e.Share.Size
	}
	d.mu.Unlock()
	result.Capabilities = share.Capabilities{
		ShareBackendName: d.backend,
		StorageProtocol:  share.ProtoNFS,
		TotalCapacityGB:  total,
		FreeCapacityGB:   free,
		Pools: []share.Pool{{
			PoolName:              d.backend,
			TotalCapacityGB:       total,
			FreeCapacityGB:        free,
			AllocatedCapacityGB:   float64(provisioned),
			ProvisionedCapacityGB: float64(provisioned),
		}},
		Extra: map[string]any{
			"snapshot_support":                   true,
			"create_share_from_snapshot_support": true,
			"revert_to_snapshot_support":         false,
			"mount_snapshot_support":             false,
			"reflink":                            d.reflink,
		},
	}
	return result, nil
}

// capacity returns the size of the file system and how much of it is free, in GiB, rounded to two decimals.
func (d *Driver) capacity() (total, free float64, err error) {
	f, err := d.root.Open(".")
	if err != nil {
		return 0, 0, err
	}
	total, free, err = capacity(f)
	gib := func(bytes float64) float64 { return math.Round(bytes/float64(bytesPerGiB)*100) / 100 }
	return gib(total), gib(free), errors.Join(err, f.Close())
}

// errUntried says that nobody knows whether the file system can share blocks.
var errUntried = errors.New("cannot be tried")

// probeReflink finds out, by trying, whether the file system can share blocks between files. Where even that cannot be
// tried, as on a full disk, it may: each copy tries then.
func (d *Driver) probeReflink() bool {
	err := d.tryReflink()
	available := err == nil || errors.Is(err, errUntried)
	d.log.Debug("localdir: reflink", "available", available, "reason", err)
	return available
}

func (d *Driver) tryReflink() error {
	from, to := d.stageName(), d.stageName()
	defer d.discard(from)
	defer d.discard(to)
	if err := errors.Join(d.write(from, make([]byte, 4096), 0o600), d.write(to, nil, 0o600)); err != nil {
		return errors.Join(errUntried, err)
	}
	in, err := d.root.Open(from)
	if err != nil {
		return errors.Join(errUntried, err)
	}
	defer in.Close()
	out, err := d.root.OpenFile(to, os.O_WRONLY, 0)
	if err != nil {
		return errors.Join(errUntried, err)
	}
	defer out.Close()
	err = cloneFile(out, in)
	if isNoSpace(err) {
		err = errors.Join(errUntried, err)
	}
	return err
}
