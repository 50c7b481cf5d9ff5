package check_test

import (
	"fmt"
	"testing"

	"github.com/hookrun/hookrun/internal/check"
)

// Where a stub may have other methods than its source shows, none are told, so that none are missed.
func TestTheMethodsOfAStubAreAllOrNone(t *testing.T) {
	for source, want := range map[string]string{
		`function Find() end Owner = Find count = 0`:               "[Find Owner] true",
		`_G.Find = print local function hidden() end`:              "[Find] true",
		`require "common" function Find() end`:                     "[] false",
		`for _, n in ipairs({ "A" }) do _G[n] = print end`:         "[] false",
		`return { Find = print, count = 0 }`:                       "[Find] true",
		`local M = require("m") return M`:                          "[] false",
		`local m = require("m") return { Find = m.find, n = "x" }`: "[Find] true",
	} {
		methods, ok := check.Methods(check.Module{File: "stubs/cmdb.lua", Source: []byte(source)})
		if got := fmt.Sprint(methods, ok); got != want {
			t.Errorf("%s: got %s, want %s", source, got, want)
		}
	}
}
