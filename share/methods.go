package share

import (
	"context"

	"github.com/hookrun/hookrun/engine"
)

// The thirteen hooked methods of [Driver]. Their types are taken from the interface's methods, so the two cannot
// differ.
var (
	allowAccess                = define("allow_access", Driver.AllowAccess)
	createShareInstance        = define("create_share_instance", Driver.CreateShareInstance)
	createSnapshot             = define("create_snapshot", Driver.CreateSnapshot)
	deleteShareInstance        = define("delete_share_instance", Driver.DeleteShareInstance)
	deleteShareServer          = define("delete_share_server", Driver.DeleteShareServer)
	deleteSnapshot             = define("delete_snapshot", Driver.DeleteSnapshot)
	denyAccess                 = define("deny_access", Driver.DenyAccess)
	extendShare                = define("extend_share", Driver.ExtendShare)
	initHost                   = define("init_host", Driver.InitHost)
	manageShare                = define("manage_share", Driver.ManageShare)
	publishServiceCapabilities = define("publish_service_capabilities", Driver.PublishServiceCapabilities)
	shrinkShare                = define("shrink_share", Driver.ShrinkShare)
	unmanageShare              = define("unmanage_share", Driver.UnmanageShare)
)

func define[A, R any](name string, _ func(Driver, context.Context, A) (R, error)) engine.Defined[A, R] {
	return engine.Define[A, R](name)
}

// Methods returns the thirteen hooked methods of [Driver], in the order of their names, with the types of their args
// and results. They are the Methods that [engine.Options] takes.
func Methods() []engine.Method {
	return []engine.Method{
		allowAccess.Method(),
		createShareInstance.Method(),
		createSnapshot.Method(),
		deleteShareInstance.Method(),
		deleteShareServer.Method(),
		deleteSnapshot.Method(),
		denyAccess.Method(),
		extendShare.Method(),
		initHost.Method(),
		manageShare.Method(),
		publishServiceCapabilities.Method(),
		shrinkShare.Method(),
		unmanageShare.Method(),
	}
}
