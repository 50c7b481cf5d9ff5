package world

import (
	"fmt"

	"github.com/hookrun/hookrun/share"
)

// NewShare makes a share with twelve fields.
func NewShare(i int) share.Share {
	id := fmt.Sprintf("share-%06d", i)
	return share.Share{
		ID: id, ShareID: id, Name: "home of " + id, ProjectID: "project-1", Size: int64(i % 1000), ShareProto: "NFS",
		ShareType: "default", Status: "available", Host: "storage-1@nfs#pool",
		ExportLocations: []share.ExportLocation{
			{Path: "10.0.0.5:/shares/" + id, Preferred: true}, {Path: "10.0.0.6:/shares/" + id},
		},
		AccessRules: []share.Access{
			{ID: "rule-1", AccessType: "ip", AccessTo: "10.0.0.0/8", AccessLevel: "rw"},
			{ID: "rule-2", AccessType: "ip", AccessTo: "192.168.0.0/16", AccessLevel: "ro"},
		},
		Metadata: map[string]any{"owner": "ops", "tier": "gold"},
	}
}

// NewShares makes some shares, whose sizes are their places in the list up to a thousand.
func NewShares(n int) []share.Share {
	list := make([]share.Share, n)
	for i := range list {
		list[i] = NewShare(i)
	}
	return list
}

// Managed is a result that a driver hands back as a pointer: its share is a record of twelve fields in another one.
type Managed struct {
	Task  string      `json:"task"`
	Share share.Share `json:"share"`
}

// NewManaged makes one, with a share that NewShare makes.
func NewManaged(i int) *Managed { return &Managed{Task: "manage", Share: NewShare(i)} }

// FieldNames are the fields that NewShare sets.
var FieldNames = []string{
	"access_rules", "export_locations", "host", "id", "metadata", "name", "project_id", "share_id", "share_proto", "share_type",
	"size", "status",
}

// Field is a pointer to one of them, for those who read and write a share field by field. It is nil for other names.
func Field(s *share.Share, name string) any {
	switch name {
	case "id":
		return &s.ID
	case "share_id":
		return &s.ShareID
	case "name":
		return &s.Name
	case "project_id":
		return &s.ProjectID
	case "size":
		return &s.Size
	case "share_proto":
		return &s.ShareProto
	case "share_type":
		return &s.ShareType
	case "status":
		return &s.Status
	case "host":
		return &s.Host
	case "export_locations":
		return &s.ExportLocations
	case "access_rules":
		return &s.AccessRules
	case "metadata":
		return &s.Metadata
	}
	return nil
}
