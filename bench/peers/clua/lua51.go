//go:build cgo && lua51

package clua

const (
	name = "Lua 5.1, cgo"
	has  = "instructions, time"
)
