package share_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/share"
)

// filled returns a value of the type with something in every part of it.
func filled(t reflect.Type) any {
	v := reflect.New(t).Elem()
	fill(v, new(int))
	return v.Interface()
}

func fill(v reflect.Value, n *int) {
	*n++
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Date(2026, 11, 23, 10, 0, *n, 123456789, time.UTC)))
		return
	case map[string]any:
		v.Set(reflect.ValueOf(map[string]any{"text": fmt.Sprint(*n), "empty": map[string]any{}, "list": []any{}, "null": nil}))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprint("text ", *n))
	case reflect.Int64:
		v.SetInt(9007199254740993 + int64(*n))
	case reflect.Float64:
		v.SetFloat(float64(*n) + 0.25)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	default:
		panic("no value for " + v.Type().String())
	}
}

func methodTypes() []reflect.Type {
	var types []reflect.Type
	for _, m := range share.Methods() {
		types = append(types, m.Args, m.Result)
	}
	return types
}

func TestJSONRoundTripKeepsEveryType(t *testing.T) {
	for _, typ := range methodTypes() {
		for name, want := range map[string]any{"full": filled(typ), "zero": reflect.Zero(typ).Interface()} {
			text, err := json.Marshal(want)
			if err != nil {
				t.Fatalf("%s %s: %v", name, typ, err)
			}
			got := reflect.New(typ)
			dec := json.NewDecoder(bytes.NewReader(text))
			dec.DisallowUnknownFields()
			if err := dec.Decode(got.Interface()); err != nil {
				t.Errorf("%s %s: %v", name, typ, err)
			}
			if diff := cmp.Diff(want, got.Elem().Interface()); diff != "" {
				t.Errorf("%s %s (-want +got):\n%s", name, typ, diff)
			}
		}
	}
}

// names returns the type's field names in JSON, a pointer's with "?".
func names(typ reflect.Type) string {
	var list []string
	for i := range typ.NumField() {
		f := typ.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Type.Kind() == reflect.Pointer {
			name += "?"
		}
		list = append(list, name)
	}
	return strings.Join(list, " ")
}

func TestFieldNamesAreTheContracts(t *testing.T) {
	want := map[reflect.Type]string{
		reflect.TypeFor[share.Share]():          "id share_id name project_id size share_proto share_type status host availability_zone snapshot_id share_server_id export_locations access_rules metadata created_at",
		reflect.TypeFor[share.Access]():         "id access_type access_to access_level access_key",
		reflect.TypeFor[share.ExportLocation](): "path preferred is_admin_only metadata",
		reflect.TypeFor[share.Snapshot]():       "id share_id share name size provider_location metadata created_at",
		reflect.TypeFor[share.ShareServer]():    "id host status backend_details",
		reflect.TypeFor[share.Capabilities]():   "share_backend_name storage_protocol driver_handles_share_servers total_capacity_gb free_capacity_gb pools extra",
	}
	table := map[string][2]string{
		"allow_access":                 {"share access share_server?", "access_key?"},
		"create_share_instance":        {"share share_server? snapshot? parent_share?", "export_locations"},
		"create_snapshot":              {"snapshot share_server?", "provider_location size export_locations"},
		"delete_share_instance":        {"share share_server? force", ""},
		"delete_share_server":          {"share_server security_services", ""},
		"delete_snapshot":              {"snapshot share_server? force", ""},
		"deny_access":                  {"share access share_server?", ""},
		"extend_share":                 {"share new_size share_server?", ""},
		"init_host":                    {"", ""},
		"manage_share":                 {"share driver_options", "size export_locations"},
		"publish_service_capabilities": {"", "capabilities"},
		"shrink_share":                 {"share new_size share_server?", ""},
		"unmanage_share":               {"share", ""},
	}
	for _, m := range share.Methods() {
		want[m.Args], want[m.Result] = table[m.Name][0], table[m.Name][1]
	}
	for typ, fields := range want {
		if got := names(typ); got != fields {
			t.Errorf("%s:\n got %s\nwant %s", typ, got, fields)
		}
	}
}

func TestRecordsLeaveOutWhatIsAbsent(t *testing.T) {
	var args share.CreateSnapshotArgs
	args.Snapshot.ID = "s-1"
	got, err := json.Marshal(args)
	if want := `{"snapshot":{"id":"s-1","size":0},"share_server":null}`; string(got) != want || err != nil {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

func TestRecordsTellEmptyFromAbsent(t *testing.T) {
	s := share.Share{AccessRules: []share.Access{}, Metadata: map[string]any{}}
	got, err := json.Marshal(s)
	if want := `{"size":0,"access_rules":[],"metadata":{}}`; string(got) != want || err != nil {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}
