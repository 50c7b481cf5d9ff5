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
