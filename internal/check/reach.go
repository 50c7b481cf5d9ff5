package check

// Reaches returns what tells of a global whether a script, or a module that it requires, may read it: a library, a host
// object, or a function such as reject. It is true of all where a part of the script cannot be seen.
func Reaches(file string, src []byte, schema Schema) func(global string) bool {
	u := newUnit(schema)
	u.addAll(file, src)
	return func(global string) bool {
		return u.blind || u.anywhere(func(s *source) bool { return s.used[global] || s.throughG[global] || s.reachesGlobals })
	}
}
