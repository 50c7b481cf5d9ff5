//go:build stepwise

package sandbox

// everyStep says whether each VM's main loop is compared with gopher-lua at every step, and whether what a script keeps
// is measured after every run.
const everyStep = true
