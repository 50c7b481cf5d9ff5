//go:build cgo && luajit && !lua51

package clua

const (
	name = "LuaJIT, cgo"
	has  = "instructions, time; no JIT" // compiled code calls no hooks
)
