package share

import (
	"context"
	"reflect"

	"github.com/hookrun/hookrun/engine"
)

// Methods returns the thirteen hooked methods of [Driver], by name, with the
// types of their args and results. It is what [engine.Options] wants.
func Methods() []engine.Method {
	return []engine.Method{
		method("allow_access", Driver.AllowAccess),
		method("create_share_instance", Driver.CreateShareInstance),
		method("create_snapshot", Driver.CreateSnapshot),
		method("delete_share_instance", Driver.DeleteShareInstance),
		method("delete_share_server", Driver.DeleteShareServer),
		method("delete_snapshot", Driver.DeleteSnapshot),
		method("deny_access", Driver.DenyAccess),
		method("extend_share", Driver.ExtendShare),
		method("init_host", Driver.InitHost),
		method("manage_share", Driver.ManageShare),
		method("publish_service_capabilities", Driver.PublishServiceCapabilities),
		method("shrink_share", Driver.ShrinkShare),
		method("unmanage_share", Driver.UnmanageShare),
	}
}

// method takes the types from the interface's method, so that they cannot differ
// from it.
func method[A, R any](name string, _ func(Driver, context.Context, A) (R, error)) engine.Method {
	return engine.Method{Name: name, Args: reflect.TypeFor[A](), Result: reflect.TypeFor[R]()}
}
