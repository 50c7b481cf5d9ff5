package bridge_test

import (
	"encoding/json"
	"math"
	"net/netip"
	"reflect"
	"strings"
	"time"
)

// The fixtures are the Go values that the Lua files of testdata see as `result`.

type share struct {
	ID        string            `json:"id"`
	Title     string            `lua:"name" json:"title"`
	Size      int64             `json:"size"`
	Ratio     float64           `json:"ratio"`
	Public    bool              `json:"is_public"`
	Created   time.Time         `json:"created_at"`
	Digest    []byte            `json:"digest"`
	Token     token             `json:"token"`
	Raw       json.RawMessage   `json:"raw"`
	Count     json.Number       `json:"count"`
	Addr      netip.Addr        `json:"addr"`
	Locations []location        `json:"export_locations"`
	Rules     []*rule           `json:"access_rules"`
	Server    *server           `json:"share_server"`
	Inline    server            `json:"inline"`
	Quota     *int64            `json:"quota"`
	Deep      **location        `json:"deep"`
	Metadata  map[string]any    `json:"metadata"`
	Labels    map[label]string  `json:"labels"`
	Named     map[string]*rule  `json:"named"`
	Places    map[string]server `json:"places"`
	Tags      []string          `json:"tags"`
	Pair      [2]int            `json:"pair"`
	Extra     any               `json:"extra"`
	State     state
	Password  string      `json:"-"`
	Hidden    string      `lua:"-" json:"hidden"`
	Notify    func()      `json:"-"`
	Done      chan int    `json:"-"`
	Phase     complex128  `json:"-"`
	ByNumber  map[int]any `json:"-"`
	secret    string
}

type (
	label string
	state string
	token []byte
)

type location struct {
	Path      string         `json:"path"`
	Preferred bool           `json:"preferred"`
	Metadata  map[string]any `json:"metadata"`
	secret    int
}

type rule struct {
	ID    string `json:"id"`
	Level string `json:"access_level"`
	To    string `json:"access_to"`
	seen  bool
}

type server struct {
	ID      string            `json:"id"`
	Details map[string]string `json:"backend_details"`
	Next    *server           `json:"next"`
	uses    int
}

// big is an integer that a double cannot hold.
const big = 9007199254740993

func newShare() share {
	quota := int64(big)
	deep := &location{Path: "deep", secret: 9}
	return share{
		ID: "s-1", Title: "home", Size: 10, Ratio: 0.5, Public: true,
		Created: time.Date(2026, 11, 23, 10, 0, 0, 5, time.FixedZone("CET", 3600)),
		Digest:  []byte{0, 0xff, 'a'}, Token: token("t-1"),
		Raw:   json.RawMessage(` {"b": [1, 2.50], "a": 9007199254740993} `),
		Count: "9007199254740993", Addr: netip.MustParseAddr("10.0.0.5"),
		Locations: []location{
			{Path: "10.0.0.5:/a", Preferred: true, Metadata: map[string]any{"zone": "z1"}, secret: 1},
			{Path: "10.0.0.5:/b", Metadata: map[string]any{}, secret: 2},
			{Path: "10.0.0.5:/c", secret: 3},
		},
		Rules:  []*rule{{ID: "r-1", Level: "rw", To: "10.0.0.0/8", seen: true}, nil, {ID: "r-2", Level: "ro"}},
		Server: &server{ID: "srv-1", Details: map[string]string{"ip": "10.0.0.9"}, Next: &server{ID: "srv-2", uses: 7}, uses: 3},
		Inline: server{ID: "in", uses: 4}, Quota: &quota, Deep: &deep,
		Metadata: map[string]any{
			"big": int64(big), "num": json.Number("9007199254740993"), "none": nil, "on": true,
			"list": []any{int64(big), nil, "x", map[string]any{"k": int32(1)}}, "empty_list": []any{}, "empty_map": map[string]any{},
			"rule": &rule{ID: "r-9", seen: true}, "struct": server{ID: "srv-9", uses: 8},
		},
		Labels: map[label]string{"env": "prod", "app": "web"},
		Named:  map[string]*rule{"first": {ID: "r-3", seen: true}, "none": nil},
		Places: map[string]server{"here": {ID: "p-1", uses: 5}},
		Tags:   []string{"b", "a", "c"}, Pair: [2]int{1, 2}, Extra: []int{1, 2, 3}, State: "available",
		Password: "pw", Hidden: "h", Notify: func() {}, Done: make(chan int), Phase: 1i, ByNumber: map[int]any{1: "one"},
		secret: "kept",
	}
}

// base and its kin are embedded in one another.
type base struct {
	ID    string `json:"id"`
	Kind  string `json:"kind"`
	Extra any    `json:"extra"`
	hits  int
}

type Audit struct {
	By      string            `json:"by"`
	Kind    string            `json:"audit_kind"`
	Notes   map[string]string `json:"notes"`
	Pointer *rule             `json:"pointer"`
	Any     any               `json:"any"`
	Clash   string            `json:"clash"`
}

type Billing struct {
	Account string `json:"account"`
	Clash   string `json:"clash"`
	Settled string // clashes with the tagged one of Invoice, which wins
}

type Invoice struct {
	Number string `json:"Settled"`
}

type embedding struct {
	base
	*Audit
	Billing
	Invoice
	Kind   string   `json:"kind"` // wins over the deeper ones
	Tagged base     `json:"tagged"`
	Named  *Billing `json:"billing"`
}

// widths has a field of every width of number.
type widths struct {
	I   int     `json:"i"`
	I8  int8    `json:"i8"`
	I16 int16   `json:"i16"`
	I32 int32   `json:"i32"`
	I64 int64   `json:"i64"`
	U   uint    `json:"u"`
	U8  uint8   `json:"u8"`
	U16 uint16  `json:"u16"`
	U32 uint32  `json:"u32"`
	U64 uint64  `json:"u64"`
	F32 float32 `json:"f32"`
	F64 float64 `json:"f64"`
	N   json.Number
	D   time.Duration `json:"d"`
}

// times holds what reads as strings.
type times struct {
	At      time.Time         `json:"at"`
	Ended   *time.Time        `json:"ended"`
	Never   time.Time         `json:"never"`
	All     []time.Time       `json:"all"`
	Data    []byte            `json:"data"`
	None    []byte            `json:"none"`
	Empty   []byte            `json:"empty"`
	Token   token             `json:"token"`
	Octets  []octet           `json:"octets"`
	Chunks  [][]byte          `json:"chunks"`
	Addr    netip.Addr        `json:"addr"`
	Addrs   []netip.Addr      `json:"addrs"`
	Prefix  *netip.Prefix     `json:"prefix"`
	Level   level             `json:"level"`
	Levels  []level           `json:"levels"`
	LevelOf map[string]level  `json:"level_of"`
	Mode    mode              `json:"mode"`
	Shout   *shout            `json:"shout"`
	Frozen  frozen            `json:"frozen"`
	Strange map[string]*shout `json:"strange"`
}

type (
	octet  byte
	level  uint8
	mode   string
	frozen int
)

var levelNames = []string{"low", "high"}

func (l level) MarshalText() ([]byte, error) { return []byte(levelNames[l]), nil }

func (l *level) UnmarshalText(text []byte) error {
	for i, name := range levelNames {
		if name == string(text) {
			*l = level(i)
			return nil
		}
	}
	return errorText("no level")
}

type errorText string

func (e errorText) Error() string { return string(e) }

// frozen can be written as text and not read back.
func (f frozen) MarshalText() ([]byte, error) { return []byte("frozen"), nil }

// shout has its text methods on the pointer, as big.Int has.
type shout struct{ text string }

func (s *shout) MarshalText() ([]byte, error) { return []byte(strings.ToUpper(s.text)), nil }

func (s *shout) UnmarshalText(text []byte) error {
	s.text = strings.ToLower(string(text))
	return nil
}

func newTimes() times {
	utc := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	prefix := netip.MustParsePrefix("10.0.0.0/8")
	return times{
		At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("CET", 3600)), Ended: &utc, All: []time.Time{utc, {}, utc.AddDate(1, 0, 0)},
		Data: []byte("a\x00\xff"), Empty: []byte{}, Token: token("tok"), Octets: []octet{'o', 'k'},
		Chunks: [][]byte{[]byte("x"), nil, {}}, Addr: netip.MustParseAddr("::1"),
		Addrs: []netip.Addr{netip.MustParseAddr("10.0.0.1"), {}}, Prefix: &prefix,
		Level: 1, Levels: []level{0, 1}, LevelOf: map[string]level{"a": 1}, Mode: "rw", Shout: &shout{"hey"},
		Strange: map[string]*shout{"one": {"one"}},
	}
}

// free is what decoding JSON gives: maps, lists and numbers with all their digits.
func free(text string) any {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		panic(err)
	}
	return v
}

// odd holds numbers that JSON has no words for.
type odd struct {
	Floats []float64      `lua:"floats" json:"-"`
	Free   []any          `lua:"free" json:"-"`
	Map    map[string]any `lua:"map" json:"-"`
	Size   int            `json:"size"`
}

// fixtures are the values by the names that the Lua files use. A pointer is to the variable that the root shows.
var fixtures = map[string]func() any{
	"share":   func() any { s := newShare(); return &s },
	"pointer": func() any { s := newShare(); p := &s; return &p },
	"blank":   func() any { return &share{} },
	"absent":  func() any { var p *share; return &p },
	"shares": func() any {
		return &[]share{{ID: "s-1", Size: 1, secret: "a"}, {ID: "s-2", Size: 2, secret: "b"}, {ID: "s-3", Size: 3, secret: "c"}}
	},
	"embedding": func() any {
		return &embedding{
			base: base{ID: "e-1", Kind: "base", hits: 2}, Kind: "own", Tagged: base{ID: "t-1", hits: 1},
			Billing: Billing{Account: "acc", Clash: "b", Settled: "no"}, Invoice: Invoice{Number: "42"},
		}
	},
	"audited": func() any {
		return &embedding{Audit: &Audit{By: "root", Notes: map[string]string{"a": "1"}, Pointer: &rule{ID: "r-1", seen: true}}}
	},
	"widths": func() any {
		return &widths{I: 1, I64: big, U64: math.MaxUint64, F32: 0.1, F64: 0.1, N: "9007199254740993", D: time.Second}
	},
	"times": func() any { t := newTimes(); return &t },
	"free": func() any {
		v := free(`{"size": 9007199254740993, "path": "/a", "list": [1, 9007199254740993, null, 2.50], "empty_list": [],
			"empty_map": {}, "none": null, "nested": {"deep": {"deeper": [[], {}]}}, "z": 1, "a": true}`)
		return &v
	},
	"free list": func() any { v := free(`[9007199254740993, "x", null, {"k": [1]}, 36028797018963969, 1.50]`); return &v },
	"numbers":   func() any { v := []int64{big, 3, 36028797018963969, 1, 2}; return &v },
	"odd": func() any {
		return &odd{
			Floats: []float64{math.NaN(), math.Inf(1), 1}, Free: []any{math.Inf(-1), float32(math.NaN()), int8(1)},
			Map: map[string]any{"nan": math.NaN(), "inf": math.Inf(1)}, Size: 1,
		}
	},
	"mixed": func() any {
		v := []any{int8(1), json.Number("1.0"), mode("m"), &rule{ID: "r-1", seen: true}, rule{ID: "r-2", seen: true},
			func() {}, time.Unix(0, 0).UTC(), []string(nil), float32(0.1)}
		return &v
	},
	"text": func() any { v := "plain"; return &v },
	"ids": func() any {
		return &ids{A: big, B: 7, C: 9007199254740991999, U: 1, N: "1", Neg: -big, Big: math.MaxUint64, List: []int64{big + 2, 36028797018963969},
			Map: map[string]int64{"z": big + 2}, Jsons: []json.Number{"18446744073709551616"}}
	},
	"twins": func() any { v := []int64{big - 1, big, big + 4}; return &v },
}

type ids struct {
	A       int64            `json:"a"`
	B       int64            `json:"b"`
	C       int64            `json:"c"`
	U       uint64           `json:"u"`
	N       json.Number      `json:"n"`
	Neg     int64            `json:"neg"`
	Big     uint64           `json:"big"`
	F       float64          `json:"f"`
	Small   int32            `json:"small"`
	Name    string           `json:"name"`
	List    []int64          `json:"list"`
	Map     map[string]int64 `json:"map"`
	Any     any              `json:"any"`
	Raw     json.RawMessage  `json:"raw"`
	Pointer *int64           `json:"pointer"`
	Jsons   []json.Number    `json:"jsons"`
}

func fixture(name string) (reflect.Value, bool) {
	build, ok := fixtures[name]
	if !ok {
		return reflect.Value{}, false
	}
	return reflect.ValueOf(build()).Elem(), true
}
