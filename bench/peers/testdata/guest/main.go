// Command guest is a module that Go programs call: a reactor for WASI, whose functions read the memory that its host
// fills.
package main

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unsafe"
)

func main() {}

// memory is where the host puts JSON, and finds it.
var memory []byte

// reserve makes room for some bytes and returns where it is.
//
//go:wasmexport reserve
func reserve(size int32) int32 {
	if int(size) > cap(memory) {
		memory = make([]byte, size)
	}
	memory = memory[:size]
	return int32(uintptr(unsafe.Pointer(unsafe.SliceData(memory))))
}

type share struct {
	Size   int64  `json:"size"`
	Status string `json:"status"`
	Host   string `json:"host"`
	Name   string `json:"name"`
}

// read reads what the host has put into memory.
func read(into any) {
	if err := json.Unmarshal(memory, into); err != nil {
		panic(err)
	}
}

//go:wasmexport policy
func policy() int32 {
	var s share
	read(&s)
	if s.Size <= 500 && s.Status == "available" && s.Host != "" {
		return 1
	}
	return 0
}

// set answers with a new name in memory, and returns how long it is; 0 where the name stays.
//
//go:wasmexport set
func set() int32 {
	var s share
	read(&s)
	if s.Size < 0 || s.Status != "available" || s.Host == "" {
		return 0
	}
	return int32(copy(memory, "renamed"))
}

//go:wasmexport sum
func sum() int64 {
	var shares []share
	read(&shares)
	total := int64(0)
	for i := range shares {
		if shares[i].Status == "available" {
			total += shares[i].Size
		}
	}
	return total
}

//go:wasmexport empty
func empty() {}

//go:wasmexport fail
func fail() { panic("failed") }

//go:wasmexport sieve
func sieve() int64 {
	var composite [10_000]bool
	count := int64(0)
	for i := 2; i < len(composite); i++ {
		if composite[i] {
			continue
		}
		count++
		for j := i * i; j < len(composite); j += i {
			composite[j] = true
		}
	}
	return count
}

//go:wasmexport texts
func texts() int64 {
	var parts []string
	for i := 1; i <= 1000; i++ {
		parts = append(parts, "part "+strconv.Itoa(i))
	}
	return int64(len(strings.Join(parts, ",")))
}

//go:wasmexport sorted
func sorted() int64 {
	list := make([]int64, 1000)
	for i := range list {
		list[i] = int64(i+1) * 7919 % 10_007
	}
	slices.Sort(list)
	return list[499] + 10_007*list[999]
}

//go:wasmexport endless
func endless() int64 {
	for {
	}
}
