package share

import (
	"context"
	"fmt"

	"github.com/hookrun/hookrun/engine"
)

// HookedDriver is a [Driver] whose thirteen methods run with the hooks of an
// engine around them. It is as safe for concurrent use as the driver it wraps.
type HookedDriver struct {
	driver Driver
	eng    *engine.Engine
}

var (
	_ Driver              = (*HookedDriver)(nil)
	_ Lister              = (*HookedDriver)(nil)
	_ engine.PeriodicData = (*HookedDriver)(nil).PeriodicData
)

// Hooked puts the engine's hooks around the driver. The caller still has to close both. The methods of the result
// return the driver's errors and those of [engine.Call].
func Hooked(driver Driver, eng *engine.Engine) *HookedDriver {
	return &HookedDriver{driver: driver, eng: eng}
}

// PeriodicData is the data of the periodic hooks, for [engine.Engine.Run] and
// [engine.Engine.Tick]: the driver's shares as its GetPeriodicHookData returns
// them, a []Share. The driver must be a [Lister].
func (h *HookedDriver) PeriodicData(ctx context.Context) (any, error) {
	shares, err := h.Shares(ctx)
	if err != nil {
		return nil, err
	}
	return h.driver.GetPeriodicHookData(ctx, shares)
}

// Shares lists the driver's shares. A driver that is no [Lister] is an error.
func (h *HookedDriver) Shares(ctx context.Context) ([]Share, error) {
	lister, ok := h.driver.(Lister)
	if !ok {
		return nil, fmt.Errorf("driver %T cannot list its shares: want a share.Lister", h.driver)
	}
	return lister.Shares(ctx)
}

// GetPeriodicHookData passes on to the driver; it is not hooked.
func (h *HookedDriver) GetPeriodicHookData(ctx context.Context, shares []Share) ([]Share, error) {
	return h.driver.GetPeriodicHookData(ctx, shares)
}

// AllowAccess calls the driver with the hooks of allow_access around it.
func (h *HookedDriver) AllowAccess(ctx context.Context, args AllowAccessArgs) (AllowAccessResult, error) {
	return allowAccess.Call(ctx, h.eng, args, h.driver.AllowAccess)
}

// CreateShareInstance calls the driver with the hooks of create_share_instance around it.
func (h *HookedDriver) CreateShareInstance(ctx context.Context, args CreateShareInstanceArgs) (CreateShareInstanceResult, error) {
	return createShareInstance.Call(ctx, h.eng, args, h.driver.CreateShareInstance)
}

// CreateSnapshot calls the driver with the hooks of create_snapshot around it.
func (h *HookedDriver) CreateSnapshot(ctx context.Context, args CreateSnapshotArgs) (CreateSnapshotResult, error) {
	return createSnapshot.Call(ctx, h.eng, args, h.driver.CreateSnapshot)
}

// DeleteShareInstance calls the driver with the hooks of delete_share_instance around it.
func (h *HookedDriver) DeleteShareInstance(ctx context.Context, args DeleteShareInstanceArgs) (DeleteShareInstanceResult, error) {
	return deleteShareInstance.Call(ctx, h.eng, args, h.driver.DeleteShareInstance)
}

// DeleteShareServer calls the driver with the hooks of delete_share_server around it.
func (h *HookedDriver) DeleteShareServer(ctx context.Context, args DeleteShareServerArgs) (DeleteShareServerResult, error) {
	return deleteShareServer.Call(ctx, h.eng, args, h.driver.DeleteShareServer)
}

// DeleteSnapshot calls the driver with the hooks of delete_snapshot around it.
func (h *HookedDriver) DeleteSnapshot(ctx context.Context, args DeleteSnapshotArgs) (DeleteSnapshotResult, error) {
	return deleteSnapshot.Call(ctx, h.eng, args, h.driver.DeleteSnapshot)
}

// DenyAccess calls the driver with the hooks of deny_access around it.
func (h *HookedDriver) DenyAccess(ctx context.Context, args DenyAccessArgs) (DenyAccessResult, error) {
	return denyAccess.Call(ctx, h.eng, args, h.driver.DenyAccess)
}

// ExtendShare calls the driver with the hooks of extend_share around it.
func (h *HookedDriver) ExtendShare(ctx context.Context, args ExtendShareArgs) (ExtendShareResult, error) {
	return extendShare.Call(ctx, h.eng, args, h.driver.ExtendShare)
}

// InitHost calls the driver with the hooks of init_host around it.
func (h *HookedDriver) InitHost(ctx context.Context, args InitHostArgs) (InitHostResult, error) {
	return initHost.Call(ctx, h.eng, args, h.driver.InitHost)
}

// ManageShare calls the driver with the hooks of manage_share around it.
func (h *HookedDriver) ManageShare(ctx context.Context, args ManageShareArgs) (ManageShareResult, error) {
	return manageShare.Call(ctx, h.eng, args, h.driver.ManageShare)
}

// PublishServiceCapabilities calls the driver with the hooks of publish_service_capabilities around it.
func (h *HookedDriver) PublishServiceCapabilities(ctx context.Context, args PublishServiceCapabilitiesArgs) (PublishServiceCapabilitiesResult, error) {
	return publishServiceCapabilities.Call(ctx, h.eng, args, h.driver.PublishServiceCapabilities)
}

// ShrinkShare calls the driver with the hooks of shrink_share around it.
func (h *HookedDriver) ShrinkShare(ctx context.Context, args ShrinkShareArgs) (ShrinkShareResult, error) {
	return shrinkShare.Call(ctx, h.eng, args, h.driver.ShrinkShare)
}

// UnmanageShare calls the driver with the hooks of unmanage_share around it.
func (h *HookedDriver) UnmanageShare(ctx context.Context, args UnmanageShareArgs) (UnmanageShareResult, error) {
	return unmanageShare.Call(ctx, h.eng, args, h.driver.UnmanageShare)
}
