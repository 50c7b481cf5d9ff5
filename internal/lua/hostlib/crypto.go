package hostlib

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"hash"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/args"
	"github.com/hookrun/hookrun/internal/lua/format"
	"github.com/hookrun/hookrun/internal/lua/machine"
)

// cryptoFunctions are hashes, random bytes, and the encodings that make texts of them. A hash is a string of bytes, 32
// for SHA-256.
func (l *Library) cryptoFunctions() map[string]lua.LGFunction {
	return map[string]lua.LGFunction{
		"sha256": l.sha256, "hmac_sha256": l.hmacSHA256, "equal": l.equal, "random": l.random, "uuid": l.uuid,
		"hex": l.hex, "unhex": l.unhex, "base64": l.base64, "unbase64": l.unbase64,
	}
}

const (
	hashedPerInstruction = 4  // bytes that are hashed, or made at random
	hashCost             = 64 // instructions that a hash counts as, besides its text
	randomCost           = 32 // instructions that random bytes count as, besides their number
	maxRandom            = 64 << 10
)

func (l *Library) sha256(L *lua.LState) int {
	L.Push(lua.LString(l.sum(L, sha256.New(), args.Text(L, 1))))
	return 1
}

// hmacSHA256 is HMAC of RFC 2104 with SHA-256. A long key is hashed first there; here that is charged for.
func (l *Library) hmacSHA256(L *lua.LState) int {
	key, text := args.Text(L, 1), args.Text(L, 2)
	if len(key) > sha256.BlockSize {
		key = l.sum(L, sha256.New(), key)
	}
	l.Charge(L, hashCost)
	L.Push(lua.LString(l.sum(L, hmac.New(sha256.New, []byte(key)), text)))
	return 1
}

func (l *Library) sum(L *lua.LState, h hash.Hash, text string) string {
	l.Charge(L, hashCost)
	buffer := make([]byte, min(len(text), maxPiece))
	for piece := range l.pieces(L, text, hashedPerInstruction) {
		h.Write(buffer[:copy(buffer, piece)])
	}
	return string(h.Sum(nil))
}

// equal compares two texts in a time that tells nothing but their lengths.
func (l *Library) equal(L *lua.LState) int {
	a, b := args.Text(L, 1), args.Text(L, 2)
	same := 0
	if len(a) == len(b) {
		same = 1
		for piece := range l.pieces(L, a, machine.BytesPerInstruction) {
			same &= subtle.ConstantTimeCompare([]byte(piece), []byte(b[:len(piece)]))
			b = b[len(piece):]
		}
	}
	L.Push(lua.LBool(same == 1))
	return 1
}

func (l *Library) random(L *lua.LState) int {
	n := args.Whole(L, 1)
	if !(n >= 1 && n <= maxRandom) {
		args.Bad(L, 1, fmt.Sprintf("1 to %d bytes expected, got %s", maxRandom, format.FormatNumber(n)))
	}
	l.Allocate(L, int(n))
	L.Push(lua.LString(l.randomBytes(L, int(n))))
	return 1
}

func (l *Library) randomBytes(L *lua.LState, n int) []byte {
	l.Charge(L, randomCost+n/hashedPerInstruction)
	b, missing := l.Asked().Bytes(n, func() []byte {
		b := make([]byte, n)
		rand.Read(b) // never fails
		return b
	})
	if missing != nil {
		l.Stop(L, missing)
	}
	return b
}

// uuid is one of version 4, which is random (RFC 9562, section 5.4).
func (l *Library) uuid(L *lua.LState) int {
	b := l.randomBytes(L, 16)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	L.Push(lua.LString(fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])))
	return 1
}
