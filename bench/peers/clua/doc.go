// Package clua compares hookrun with Lua in C, called through cgo: with the build tag lua51 that of its authors, with
// the tag luajit LuaJIT, each where pkg-config finds it. Both name their functions alike, so one process can have only
// one of them.
package clua
