package share_test

import (
	"context"

	"github.com/hookrun/hookrun/share"
)

// recorder is a driver that notes the args and answers what it is told.
type recorder struct {
	share.Defaults
	args, result any
	err          error
}

var _ share.Driver = (*recorder)(nil)

// answer notes the args and returns r.result, which is nil or an R.
func answer[R any](r *recorder, args any) (R, error) {
	r.args = args
	result, _ := r.result.(R)
	return result, r.err
}

func (r *recorder) AllowAccess(_ context.Context, args share.AllowAccessArgs) (share.AllowAccessResult, error) {
	return answer[share.AllowAccessResult](r, args)
}

func (r *recorder) CreateShareInstance(_ context.Context, args share.CreateShareInstanceArgs) (share.CreateShareInstanceResult, error) {
	return answer[share.CreateShareInstanceResult](r, args)
}

func (r *recorder) CreateSnapshot(_ context.Context, args share.CreateSnapshotArgs) (share.CreateSnapshotResult, error) {
	return answer[share.CreateSnapshotResult](r, args)
}

func (r *recorder) DeleteShareInstance(_ context.Context, args share.DeleteShareInstanceArgs) (share.DeleteShareInstanceResult, error) {
	return answer[share.DeleteShareInstanceResult](r, args)
}

func (r *recorder) DeleteShareServer(_ context.Context, args share.DeleteShareServerArgs) (share.DeleteShareServerResult, error) {
	return answer[share.DeleteShareServerResult](r, args)
}

func (r *recorder) DeleteSnapshot(_ context.Context, args share.DeleteSnapshotArgs) (share.DeleteSnapshotResult, error) {
	return answer[share.DeleteSnapshotResult](r, args)
}

func (r *recorder) DenyAccess(_ context.Context, args share.DenyAccessArgs) (share.DenyAccessResult, error) {
	return answer[share.DenyAccessResult](r, args)
}

func (r *recorder) ExtendShare(_ context.Context, args share.ExtendShareArgs) (share.ExtendShareResult, error) {
	return answer[share.ExtendShareResult](r, args)
}

func (r *recorder) InitHost(_ context.Context, args share.InitHostArgs) (share.InitHostResult, error) {
	return answer[share.InitHostResult](r, args)
}

func (r *recorder) ManageShare(_ context.Context, args share.ManageShareArgs) (share.ManageShareResult, error) {
	return answer[share.ManageShareResult](r, args)
}

func (r *recorder) PublishServiceCapabilities(_ context.Context, args share.PublishServiceCapabilitiesArgs) (share.PublishServiceCapabilitiesResult, error) {
	return answer[share.PublishServiceCapabilitiesResult](r, args)
}

func (r *recorder) ShrinkShare(_ context.Context, args share.ShrinkShareArgs) (share.ShrinkShareResult, error) {
	return answer[share.ShrinkShareResult](r, args)
}

func (r *recorder) UnmanageShare(_ context.Context, args share.UnmanageShareArgs) (share.UnmanageShareResult, error) {
	return answer[share.UnmanageShareResult](r, args)
}

// lister is a recorder that has two shares, and marks in their metadata that it was asked about them.
type lister struct{ *recorder }

func (lister) Shares(context.Context) ([]share.Share, error) {
	return []share.Share{{ID: "a"}, {ID: "b"}}, nil
}

func (lister) GetPeriodicHookData(_ context.Context, shares []share.Share) ([]share.Share, error) {
	for i := range shares {
		shares[i].Metadata = map[string]any{"note": "seen"}
	}
	return shares, nil
}
