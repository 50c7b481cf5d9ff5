package patch

import (
	"slices"
	"strconv"
	"strings"
)

var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// locate fills in the place of an operation on doc, and returns what the operation makes of doc: only by going step by
// step is it known whether a number in a path is an index or a key. A path that ends in "-", which stands for the place
// after the last item of a list, gets the index of that place.
func (o *Op) locate(doc, value any) any {
	if o.Path == "" {
		return value
	}
	parts := strings.Split(o.Path[1:], "/")
	doc = o.within(doc, value, parts)
	o.Path = "/" + strings.Join(parts, "/")
	return doc
}

func (o *Op) within(doc, value any, parts []string) any {
	last := len(parts) == 1
	switch doc := doc.(type) {
	case []any:
		i, err := strconv.Atoi(parts[0])
		if err != nil {
			i = len(doc)
			parts[0] = strconv.Itoa(i)
		}
		o.Place = append(o.Place, i)
		switch {
		case last && o.Op == "add":
			return slices.Insert(doc, i, value)
		case last && o.Op == "remove":
			return slices.Delete(doc, i, i+1)
		case last:
			doc[i] = value
		default:
			doc[i] = o.within(doc[i], value, parts[1:])
		}
		return doc
	case map[string]any:
		key := unescape.Replace(parts[0])
		o.Place = append(o.Place, key)
		switch {
		case last && o.Op == "remove":
			delete(doc, key)
		case last:
			doc[key] = value
		default:
			doc[key] = o.within(doc[key], value, parts[1:])
		}
		return doc
	}
	return doc
}
