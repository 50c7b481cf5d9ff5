package localdir

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"

	"github.com/hookrun/hookrun/internal/extent"
	"github.com/hookrun/hookrun/share"
)

const (
	sharesDir      = "shares"
	dataName       = "data"
	snapshotsName  = "snapshots"
	shareRecordAs  = "share.json"
	snapRecordAs   = "snapshot.json"
	maxIDLength    = 128
	maxSize        = int64(1)<<33 - 1 // GiB; the bytes still fit in an int64
	bytesPerGiB    = int64(1) << 30
	recordFileMode = 0o600
)

// shareRecord is what share.json holds, except that the export locations are not written: they follow from the path,
// the root and the host, which may differ at the next Open.
type shareRecord struct {
	Share share.Share `json:"share"`
	Path  string      `json:"path"` // the content's folder, relative to the root
}

// snapshotRecord is what snapshot.json holds.
type snapshotRecord struct {
	Snapshot share.Snapshot `json:"snapshot"`
	Used     int64          `json:"used"` // bytes of the content
}

// shareEntry is a share of a driver, guarded by the driver's mutex. Its record is replaced, never changed in place.
type shareEntry struct {
	shareRecord
	snapshots map[string]*snapshotEntry
	pins      int // how many calls read the content, which stays while there are any
}

// snapshotEntry is a snapshot of a driver. Its record never changes.
type snapshotEntry struct {
	snapshotRecord
	dir  string // its folder, relative to the root
	of   *shareEntry
	pins int
}

func shareDir(id string) string { return path.Join(sharesDir, id) }

func shareData(id string) string { return path.Join(shareDir(id), dataName) }

func shareRecordFile(id string) string { return path.Join(shareDir(id), shareRecordAs) }

func snapshotDir(shareID, id string) string {
	return path.Join(shareDir(shareID), snapshotsName, id)
}

// checkID accepts an id that is safe as the name of a folder, wherever the id comes from.
func checkID(field, id string) error {
	ok := id != "" && len(id) <= maxIDLength
	for i := 0; ok && i < len(id); i++ {
		c := id[i]
		alnum := '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		ok = alnum || i > 0 && (c == '-' || c == '_' || c == '.')
	}
	if ok {
		return nil
	}
	return share.Errorf(share.CodeInvalid,
		"%s: want at most %d letters, digits, '-', '_' and '.', the first a letter or digit, got %q", field, maxIDLength, id)
}

// checkSize accepts the size of a share, in GiB.
func checkSize(field string, size int64) error {
	if size < 1 || size > maxSize {
		return share.Errorf(share.CodeInvalid, "%s: want 1 to %d GiB, got %d", field, maxSize, size)
	}
	return nil
}

// maxRecord is the most, in bytes, that a record may be. What hooks put into metadata may hold one text very many
// times.
const maxRecord = 16 << 20

// encode returns a record in its form on disk.
func encode(record any) ([]byte, error) {
	if extent.Left(maxRecord, record) < 0 {
		return nil, share.Errorf(share.CodeInvalid, "record: want at most %d bytes, got more", maxRecord)
	}
	data, err := json.MarshalIndent(record, "", "  ")
	if err != nil {
		return nil, share.Errorf(share.CodeInvalid, "record: %w", err)
	}
	return append(data, '\n'), nil
}

// decode reads a record. Integers in free-form parts keep all their digits.
func decode(data []byte, record any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	dec.DisallowUnknownFields()
	if err := dec.Decode(record); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return fmt.Errorf("want one JSON value, got more after it")
	}
	return nil
}

func encodeShare(r shareRecord) ([]byte, error) {
	r.Share.ExportLocations = nil
	return encode(r)
}

func decodeShare(data []byte) (shareRecord, error) {
	var r shareRecord
	err := decode(data, &r)
	r.Share = cloneShare(r.Share)
	return r, err
}

func decodeSnapshot(data []byte) (snapshotRecord, error) {
	var r snapshotRecord
	err := decode(data, &r)
	r.Snapshot.Metadata = cloneMap(r.Snapshot.Metadata)
	return r, err
}

// cloneShare returns a copy that shares no map or list with s.
func cloneShare(s share.Share) share.Share {
	s.ExportLocations = slices.Clone(s.ExportLocations)
	for i := range s.ExportLocations {
		s.ExportLocations[i].Metadata = cloneMap(s.ExportLocations[i].Metadata)
	}
	s.AccessRules = slices.Clone(s.AccessRules)
	s.Metadata = cloneMap(s.Metadata)
	return s
}

func cloneMap(m map[string]any) map[string]any {
	if m == nil {
		return nil
	}
	return cloneValue(m).(map[string]any)
}

// cloneValue copies a value that came from JSON. Numbers become int64, uint64 or float64, the first that holds them.
func cloneValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		c := make(map[string]any, len(v))
		for k, e := range v {
			c[k] = cloneValue(e)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, e := range v {
			c[i] = cloneValue(e)
		}
		return c
	case json.Number:
		if i, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return i
		}
		if u, err := strconv.ParseUint(v.String(), 10, 64); err == nil {
			return u
		}
		if f, err := v.Float64(); err == nil {
			return f
		}
	}
	return v
}
