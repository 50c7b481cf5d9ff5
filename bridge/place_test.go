package bridge_test

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/bridge"
)

// TestABareScalarIsReplacedByWhatIsAnotherInGo, however alike the two read.
func TestABareScalarIsReplacedByWhatIsAnotherInGo(t *testing.T) {
	script := load(t, "hook.lua", `function own(result, other) return result end function others(result, other) return other end`)
	for _, tt := range []struct{ value, other any }{
		{int64(big), int64(big - 1)}, {int64(big), int64(big + 2)}, {json.Number("9007199254740993"), json.Number("9007199254740992")},
		{math.NaN(), 1.5}, {"a", "b"},
	} {
		for _, function := range []string{"own", "others"} {
			var s bridge.Tx
			script.Of(&s)
			var r, other bridge.Binding
			r.Bind(&s, "result", reflect.ValueOf(tt.value), true)
			other.Bind(&s, "other", reflect.ValueOf(tt.other), false)
			want, changes := tt.value, function == "others"
			if changes {
				want = tt.other
			}
			changed, err := r.Commit(script.mustCall(t, function, r.Value(), other.Value()), nil)
			if got := r.Go(); err != nil || changed != changes || !identical(got, reflect.ValueOf(want)) {
				t.Errorf("%v with %s: got %v, changed %v, error %v", tt.value, function, got, changed, err)
			}
			s.Close()
		}
	}
}

// TestWhatIsReadOnlyIsCopiedIntoAResult: others read it, while the caller may write to its result.
func TestWhatIsReadOnlyIsCopiedIntoAResult(t *testing.T) {
	type user struct {
		Name   string            `lua:"name"`
		Groups []string          `lua:"groups"`
		Facts  map[string]string `lua:"facts"`
		secret int
	}
	type person struct {
		Name   string    `lua:"name"`
		Parent *person   `lua:"parent"`
		Kids   []*person `lua:"kids"`
	}
	type all struct {
		Labels map[string]string `lua:"labels"`
		User   *user             `lua:"user"`
		Value  user              `lua:"value"`
		Users  []*user           `lua:"users"`
		Rows   []map[string]any  `lua:"rows"`
		Root   *person           `lua:"root"`
		Any    any               `lua:"any"`
	}
	labels := map[string]string{"a": "b"}
	u := user{"u", []string{"g"}, map[string]string{"k": "v"}, 7}
	root := &person{Name: "root"}
	root.Kids = []*person{{Name: "kid", Parent: root}}
	given := all{labels, &u, u, []*user{&u}, []map[string]any{{"x": []any{"y"}}}, nil, labels}
	before := dump(reflect.ValueOf(given))
	given.Root = root
	var s bridge.Tx
	defer s.Close()
	var r, context bridge.Binding
	r.Bind(&s, "result", reflect.ValueOf(all{}), true)
	context.Bind(&s, "context", reflect.ValueOf(&given).Elem(), false)
	script := load(t, "hook.lua", `function hook(result, context)
		for k, v in pairs(context) do result[k] = v end
	end`)
	script.Of(&s)
	script.mustCall(t, "hook", r.Value(), context.Value())
	if _, err := r.Commit(bridge.Value{}, nil); err != nil {
		t.Fatal(err)
	}
	got := r.Go().Interface().(all)
	if got.User.secret != 7 || got.Root.Kids[0].Parent != got.Root {
		t.Errorf("got %+v", got)
	}
	got.Labels["a"], got.User.Name, got.Root.Name, got.Root.Kids[0].Name = "mine", "mine", "mine", "mine"
	got.User.Groups[0], got.Value.Groups[0], got.Value.Facts["k"], got.Users[0].Name = "mine", "mine", "mine", "mine"
	got.Rows[0]["x"].([]any)[0], got.Any.(map[string]any)["a"] = "mine", "mine"
	if given.Root = nil; root.Name != "root" || root.Kids[0].Name != "kid" {
		t.Error("the graph of the context has changed")
	}
	if after := dump(reflect.ValueOf(given)); after != before {
		t.Errorf("the context has changed from\n%s\nto\n%s", before, after)
	}
}

// TestWhatIsReadOnlyKeepsItsShapeInAResult: two places that get one value share the one copy of it.
func TestWhatIsReadOnlyKeepsItsShapeInAResult(t *testing.T) {
	type user struct {
		Name   string   `lua:"name"`
		Groups []string `lua:"groups"`
	}
	type person struct {
		Name string    `lua:"name"`
		Kids []*person `lua:"kids"`
	}
	type row struct {
		Owner  *user    `lua:"owner"`
		Value  user     `lua:"value"`
		Groups []string `lua:"groups"`
	}
	type table struct {
		Rows []row           `lua:"rows"`
		Root *person         `lua:"root"`
		Leaf *person         `lua:"leaf"`
		Text json.RawMessage `lua:"text"`
	}
	type given struct {
		User *user   `lua:"user"`
		Tree *person `lua:"tree"`
	}
	ctx := given{&user{"u", make([]string, 10_000)}, &person{"root", []*person{{Name: "kid"}}}}
	script := load(t, "hook.lua", `
		function edit(result, context)
			local u = context.user
			for _, r in ipairs(result.rows) do r.owner, r.value, r.groups = u, u, u.groups end
			result.root, result.text, result.leaf = context.tree, {context.tree}, context.tree.kids[1]
		end
		function replace(result, context)
			local rows = {}
			for i = 1, 100 do rows[i] = { owner = context.user, value = context.user, groups = context.user.groups } end
			return { rows = rows, leaf = context.tree.kids[1], root = context.tree }
		end`)
	for _, function := range []string{"edit", "replace"} {
		var s bridge.Tx
		var r, context bridge.Binding
		r.Bind(&s, "result", reflect.ValueOf(table{Rows: make([]row, 100)}), true)
		context.Bind(&s, "context", reflect.ValueOf(&ctx).Elem(), false)
		script.Of(&s)
		m := limited(unlimited, unlimited)
		if _, err := r.Commit(script.mustCall(t, function, r.Value(), context.Value()), m); err != nil {
			t.Fatal(err)
		}
		got := r.Go().Interface().(table)
		if owner := got.Rows[0].Owner; owner == ctx.User || got.Rows[99].Owner != owner || !reflect.DeepEqual(owner, ctx.User) {
			t.Errorf("%s: the rows have the owners %p and %p, the context %p", function, owner, got.Rows[99].Owner, ctx.User)
		}
		if got.Root == ctx.Tree || got.Leaf == ctx.Tree.Kids[0] || got.Leaf != got.Root.Kids[0] {
			t.Errorf("%s: the leaf is %p, that of the root %p", function, got.Leaf, got.Root.Kids[0])
		}
		if groups := got.Rows[0].Groups; &groups[0] != &got.Rows[99].Groups[0] || &groups[0] == &ctx.User.Groups[0] {
			t.Errorf("%s: the groups are copied again, or not at all", function)
		}
		if m.most > 1<<20 {
			t.Errorf("%s: takes %d bytes", function, m.most)
		}
		s.Close()
	}
}

// TestARingStaysWhereOneOfItsValuesBecomesTextAsWell.
func TestARingStaysWhereOneOfItsValuesBecomesTextAsWell(t *testing.T) {
	type person struct {
		Name   string          `json:"name"`
		Parent *person         `json:"-" lua:"parent"`
		Kids   []*person       `json:"kids"`
		Note   json.RawMessage `json:"note"`
	}
	type family struct {
		Root  *person         `json:"root"`
		Extra json.RawMessage `json:"extra"`
	}
	for _, body := range []string{
		`result.root.name = "new" result.extra = result.root`,
		`result.root.kids[1].name = "kid" result.extra = { result.root.kids[1] } result.root.name = "new"`,
		`result.root.name = "new" result.root.kids[1].note = { of = { 1 } }`,
		`result.extra = result.root result.root.kids[1].name = "kid" result.root.name = "new"`,
	} {
		root := &person{Name: "root"}
		root.Kids = []*person{{Name: "kid", Parent: root}}
		got, _ := edited(t, family{Root: root}, body)
		if got.Root.Name != "new" || got.Root == root || got.Root.Kids[0].Parent != got.Root {
			t.Errorf("%s: got a root %s, whose child has the parent %p of %p", body, got.Root.Name, got.Root.Kids[0].Parent, got.Root)
		}
	}
}

// TestAnAssignmentThatFailsBehindAnEmbeddedPointerMakesNothing, as it does nowhere.
func TestAnAssignmentThatFailsBehindAnEmbeddedPointerMakesNothing(t *testing.T) {
	const body = `result.kind = "x" pcall(function() result.by = 5 end) pcall(function() result.clash = {} end)`
	if got, _ := edited(t, embedding{}, body); got.Audit != nil || got.Kind != "x" {
		t.Errorf("got %+v", got)
	}
	audit := &Audit{By: "me"}
	if got, _ := edited(t, embedding{Audit: audit}, body); got.Audit != audit || audit.By != "me" {
		t.Errorf("got another Audit: %+v", got.Audit)
	}
	if got, _ := edited(t, embedding{}, `pcall(function() result.by = 5 end) result.by = "me"`); got.Audit == nil || got.By != "me" {
		t.Errorf("got %+v", got)
	}
}

// shadows has all that its base has, lends lends it to others, and itself is embedded in itself.
type (
	shadows struct {
		*base
		ID    string `json:"id"`
		Kind  string `json:"kind"`
		Extra string `json:"extra"`
	}
	lends struct{ *base }
	Lends struct{ Lower }
	Lower struct {
		ID    string `json:"id"`
		Kind  string `json:"kind"`
		Extra string `json:"extra"`
	}
	itself struct {
		*itself
		Name string
	}
	Piped struct{ C chan int }
)

// TestFieldsThatShadowOthersAreThoseThatJSONWrites.
func TestFieldsThatShadowOthersAreThoseThatJSONWrites(t *testing.T) {
	got, _ := edited(t, shadows{base: &base{ID: "inner"}, ID: "outer"}, `assert(result.id == "outer") result.id = "new"`)
	if got.ID != "new" || got.base.ID != "inner" {
		t.Errorf("got %q, and inside %q", got.ID, got.base.ID)
	}
	edited(t, itself{itself: nil, Name: "outer"}, `assert(result.Name == "outer" and next(result, "Name") == nil)`)
	piped := struct {
		Piped
		C string
	}{C: "outer"}
	edited(t, piped, `assert(result.C == "outer")`)
	deeper := struct {
		*base
		Lends
	}{&base{ID: "shallow"}, Lends{Lower{ID: "deep"}}}
	edited(t, any(deeper), `assert(result.id == nil)`)
}

// TestCheckNamesFieldsBehindAnUnexportedEmbeddedPointer: they would read as nil.
func TestCheckNamesFieldsBehindAnUnexportedEmbeddedPointer(t *testing.T) {
	type hiddenOnly struct{ _ int }
	for _, tt := range []struct {
		typ  reflect.Type
		want string
	}{
		{reflect.TypeFor[struct {
			*base
			Name string
		}](), "result.base: *bridge_test.base cannot be shown"},
		{reflect.TypeFor[[]struct{ In struct{ *base } }](), "result[].In.base: *bridge_test.base cannot be shown"},
		{reflect.TypeFor[struct {
			*base `lua:"-"`
		}](), ""},
		{reflect.TypeFor[struct{ *hiddenOnly }](), ""},
		{reflect.TypeFor[struct{ base }](), ""},
		{reflect.TypeFor[struct{ *Audit }](), ""},
		{reflect.TypeFor[struct { // none of these has a name of base's in JSON
			*base
			ID, Kind, Extra string
		}](), "result.base: *bridge_test.base cannot be shown"},
		{reflect.TypeFor[shadows](), ""},
		{reflect.TypeFor[struct {
			*shadows
			Extra int `json:"extra"`
		}](), "result.shadows: *bridge_test.shadows cannot be shown"},
		{reflect.TypeFor[struct { // a struct that is embedded, whose base is shadowed further out
			lends
			ID    string `json:"id"`
			Kind  string `json:"kind"`
			Extra string `json:"extra"`
		}](), ""},
		{reflect.TypeFor[[]struct {
			Lent lends
			Also struct{ lends }
		}](), "result[].Lent.base: *bridge_test.base cannot be shown"},
		{reflect.TypeFor[struct { // shadowed by nothing: these are deeper
			*base
			Lends
		}](), "result.base: *bridge_test.base cannot be shown"},
		{reflect.TypeFor[struct { // not shadowed by what JSON does not see
			*base
			ID    string `json:"-"`
			Kind  string `json:"kind"`
			Extra string `json:"extra"`
		}](), "result.base: *bridge_test.base cannot be shown"},
		{reflect.TypeFor[itself](), ""},
		{reflect.TypeFor[struct {
			Piped
			C string
		}](), ""},
		{reflect.TypeFor[struct{ Piped }](), "result.C: chan int cannot be shown"},
	} {
		err := bridge.Check("result", tt.typ)
		if (err != nil) != (tt.want != "") || err != nil && !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%v: got %v, want %q", tt.typ, err, tt.want)
		}
	}
}
