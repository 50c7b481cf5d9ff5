package share

import "time"

// Values that the fields of records take in Manila and that drivers branch on.
const (
	ProtoNFS = "NFS" // Share.ShareProto

	AccessTypeIP   = "ip"   // Access.AccessType: AccessTo is an address or a CIDR block
	AccessTypeUser = "user" // Access.AccessType: AccessTo is a user or group name

	AccessLevelRW = "rw" // Access.AccessLevel: read and write
	AccessLevelRO = "ro" // Access.AccessLevel: read only

	StatusAvailable = "available" // Share.Status
)

// Share is a file share, or rather the instance of it on one back end: ID is
// the instance's, ShareID the user-visible share's.
type Share struct {
	ID               string           `json:"id,omitzero"`
	ShareID          string           `json:"share_id,omitzero"`
	Name             string           `json:"name,omitzero"`
	ProjectID        string           `json:"project_id,omitzero"`
	Size             int64            `json:"size"` // GiB
	ShareProto       string           `json:"share_proto,omitzero"`
	ShareType        string           `json:"share_type,omitzero"`
	Status           string           `json:"status,omitzero"`
	Host             string           `json:"host,omitzero"`
	AvailabilityZone string           `json:"availability_zone,omitzero"`
	SnapshotID       string           `json:"snapshot_id,omitzero"` // the snapshot it was made from
	ShareServerID    string           `json:"share_server_id,omitzero"`
	ExportLocations  []ExportLocation `json:"export_locations,omitzero"`
	AccessRules      []Access         `json:"access_rules,omitzero"`
	Metadata         map[string]any   `json:"metadata,omitzero"`
	CreatedAt        time.Time        `json:"created_at,omitzero"`
}

// Access is a rule that lets one client in.
type Access struct {
	ID          string `json:"id,omitzero"`
	AccessType  string `json:"access_type,omitzero"`  // "ip", "user", "cert", "cephx"
	AccessTo    string `json:"access_to,omitzero"`    // whom; its form depends on AccessType
	AccessLevel string `json:"access_level,omitzero"` // "rw" or "ro"
	AccessKey   string `json:"access_key,omitzero"`   // the secret a back end made for the client
}

// ExportLocation is a place where clients reach a share.
type ExportLocation struct {
	Path        string         `json:"path,omitzero"`
	Preferred   bool           `json:"preferred"`
	IsAdminOnly bool           `json:"is_admin_only"`
	Metadata    map[string]any `json:"metadata,omitzero"`
}

// Snapshot is the content of a share at one moment.
type Snapshot struct {
	ID               string         `json:"id,omitzero"`
	ShareID          string         `json:"share_id,omitzero"`
	Share            Share          `json:"share,omitzero"` // the share it was taken of; zero when the caller did not say
	Name             string         `json:"name,omitzero"`
	Size             int64          `json:"size"` // GiB
	ProviderLocation string         `json:"provider_location,omitzero"`
	Metadata         map[string]any `json:"metadata,omitzero"`
	CreatedAt        time.Time      `json:"created_at,omitzero"`
}

// ShareServer is a server that a driver made for the shares of one network.
type ShareServer struct {
	ID             string         `json:"id,omitzero"`
	Host           string         `json:"host,omitzero"`
	Status         string         `json:"status,omitzero"`
	BackendDetails map[string]any `json:"backend_details,omitzero"`
}

// Capabilities is what a back end can do and hold. A scheduler chooses by it.
type Capabilities struct {
	ShareBackendName          string         `json:"share_backend_name,omitzero"`
	StorageProtocol           string         `json:"storage_protocol,omitzero"`
	DriverHandlesShareServers bool           `json:"driver_handles_share_servers"`
	TotalCapacityGB           float64        `json:"total_capacity_gb"` // GiB, as Manila counts "gb"
	FreeCapacityGB            float64        `json:"free_capacity_gb"`  // GiB
	Pools                     []Pool         `json:"pools,omitzero"`
	Extra                     map[string]any `json:"extra,omitzero"` // anything else the back end reports
}

// Pool is a part of a back end with a capacity of its own.
type Pool struct {
	PoolName                 string         `json:"pool_name,omitzero"`
	TotalCapacityGB          float64        `json:"total_capacity_gb"`           // GiB
	FreeCapacityGB           float64        `json:"free_capacity_gb"`            // GiB
	AllocatedCapacityGB      float64        `json:"allocated_capacity_gb"`       // GiB promised by the service: the sizes of its shares
	ProvisionedCapacityGB    float64        `json:"provisioned_capacity_gb"`     // GiB promised by anyone: the sizes of all shares in the pool
	ReservedPercentage       int64          `json:"reserved_percentage"`         // of the total, 0 to 100
	MaxOverSubscriptionRatio float64        `json:"max_over_subscription_ratio"` // provisioned to total; 0: not stated
	Extra                    map[string]any `json:"extra,omitzero"`
}
