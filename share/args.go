package share

// AllowAccessArgs are the args of allow_access.
type AllowAccessArgs struct {
	Share       Share        `json:"share"`
	Access      Access       `json:"access"`
	ShareServer *ShareServer `json:"share_server"` // nil: the driver does not handle share servers
}

// AllowAccessResult is the result of allow_access.
type AllowAccessResult struct {
	AccessKey *string `json:"access_key"` // nil: the client needs no key
}

// CreateShareInstanceArgs are the args of create_share_instance.
type CreateShareInstanceArgs struct {
	Share       Share        `json:"share"`
	ShareServer *ShareServer `json:"share_server"` // nil: the driver does not handle share servers
	Snapshot    *Snapshot    `json:"snapshot"`     // nil: the share starts empty
	ParentShare *Share       `json:"parent_share"` // the share that Snapshot is of; nil without one
}

// CreateShareInstanceResult is the result of create_share_instance.
type CreateShareInstanceResult struct {
	ExportLocations []ExportLocation `json:"export_locations"`
}

// CreateSnapshotArgs are the args of create_snapshot.
type CreateSnapshotArgs struct {
	Snapshot    Snapshot     `json:"snapshot"`
	ShareServer *ShareServer `json:"share_server"` // nil: the driver does not handle share servers
}

// CreateSnapshotResult is the result of create_snapshot.
type CreateSnapshotResult struct {
	ProviderLocation string           `json:"provider_location"` // where the back end keeps it
	Size             int64            `json:"size"`              // GiB
	ExportLocations  []ExportLocation `json:"export_locations"`  // nil: clients cannot mount it
}

// DeleteShareInstanceArgs are the args of delete_share_instance.
type DeleteShareInstanceArgs struct {
	Share       Share        `json:"share"`
	ShareServer *ShareServer `json:"share_server"` // nil: the driver does not handle share servers
	Force       bool         `json:"force"`        // delete it with its snapshots
}

// DeleteShareInstanceResult is the empty result of delete_share_instance.
type DeleteShareInstanceResult struct{}

// DeleteShareServerArgs are the args of delete_share_server.
type DeleteShareServerArgs struct {
	ShareServer      ShareServer      `json:"share_server"`
	SecurityServices []map[string]any `json:"security_services"` // the directory services it was joined to
}

// DeleteShareServerResult is the empty result of delete_share_server.
type DeleteShareServerResult struct{}

// DeleteSnapshotArgs are the args of delete_snapshot.
type DeleteSnapshotArgs struct {
	Snapshot    Snapshot     `json:"snapshot"`
	ShareServer *ShareServer `json:"share_server"` // nil: the driver does not handle share servers
	Force       bool         `json:"force"`
}

// DeleteSnapshotResult is the empty result of delete_snapshot.
type DeleteSnapshotResult struct{}

// DenyAccessArgs are the args of deny_access.
type DenyAccessArgs struct {
	Share       Share        `json:"share"`
	Access      Access       `json:"access"`
	ShareServer *ShareServer `json:"share_server"` // nil: the driver does not handle share servers
}

// DenyAccessResult is the empty result of deny_access.
type DenyAccessResult struct{}

// ExtendShareArgs are the args of extend_share.
type ExtendShareArgs struct {
	Share       Share        `json:"share"`
	NewSize     int64        `json:"new_size"`     // GiB
	ShareServer *ShareServer `json:"share_server"` // nil: the driver does not handle share servers
}

// ExtendShareResult is the empty result of extend_share.
type ExtendShareResult struct{}

// InitHostArgs are the empty args of init_host.
type InitHostArgs struct{}

// InitHostResult is the empty result of init_host.
type InitHostResult struct{}

// ManageShareArgs are the args of manage_share.
type ManageShareArgs struct {
	Share         Share          `json:"share"`
	DriverOptions map[string]any `json:"driver_options"`
}

// ManageShareResult is the result of manage_share.
type ManageShareResult struct {
	Size            int64            `json:"size"` // GiB
	ExportLocations []ExportLocation `json:"export_locations"`
}

// PublishServiceCapabilitiesArgs are the empty args of publish_service_capabilities.
type PublishServiceCapabilitiesArgs struct{}

// PublishServiceCapabilitiesResult is the result of publish_service_capabilities.
type PublishServiceCapabilitiesResult struct {
	Capabilities Capabilities `json:"capabilities"`
}

// ShrinkShareArgs are the args of shrink_share.
type ShrinkShareArgs struct {
	Share       Share        `json:"share"`
	NewSize     int64        `json:"new_size"`     // GiB
	ShareServer *ShareServer `json:"share_server"` // nil: the driver does not handle share servers
}

// ShrinkShareResult is the empty result of shrink_share.
type ShrinkShareResult struct{}

// UnmanageShareArgs are the args of unmanage_share.
type UnmanageShareArgs struct {
	Share Share `json:"share"`
}

// UnmanageShareResult is the empty result of unmanage_share.
type UnmanageShareResult struct{}
