package pattern

// set is a set of bytes, a bit each.
type set [4]uint64

func (s *set) has(c byte) bool { return s[c>>6]&(1<<(c&63)) != 0 }

func (s *set) add(c byte) { s[c>>6] |= 1 << (c & 63) }

func (s *set) addRange(from, to byte) {
	for c := int(from); c <= int(to); {
		if c&63 == 0 && c+63 <= int(to) {
			s[c>>6] = ^uint64(0)
			c += 64
			continue
		}
		s.add(byte(c))
		c++
	}
}

func (s *set) union(t *set) {
	for i := range s {
		s[i] |= t[i]
	}
}

func (s *set) intersect(t *set) {
	for i := range s {
		s[i] &= t[i]
	}
}

func (s *set) invert() {
	for i := range s {
		s[i] = ^s[i]
	}
}

func (s *set) meets(t *set) bool {
	return s[0]&t[0]|s[1]&t[1]|s[2]&t[2]|s[3]&t[3] != 0
}

var (
	all     = set{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}
	singles = everySingle() // for each byte, the set of that byte alone
	classes = everyClass()  // what %c stands for, for each letter c; nil for other bytes
)

func everySingle() (sets [256]set) {
	for c := range sets {
		sets[c].add(byte(c))
	}
	return sets
}

func everyClass() (sets [256]*set) {
	ranges := map[byte]string{ // pairs of first and last
		'a': "AZaz",
		'c': "\x00\x1f\x7f\x7f",
		'd': "09",
		'l': "az",
		'p': "!/:@[`{~",
		's': "\t\r  ",
		'u': "AZ",
		'w': "09AZaz",
		'x': "09AFaf",
		'z': "\x00\x00",
	}
	for letter, pairs := range ranges {
		in := new(set)
		for i := 0; i < len(pairs); i += 2 {
			in.addRange(pairs[i], pairs[i+1])
		}
		out := *in
		out.invert()
		sets[letter], sets[letter-'a'+'A'] = in, &out
	}
	return sets
}

// class returns the set that "%" and a byte stand for.
func class(c byte) *set {
	if s := classes[c]; s != nil {
		return s
	}
	return &singles[c]
}
