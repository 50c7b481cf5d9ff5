module github.com/hookrun/hookrun/bench

go 1.26.0

require (
	github.com/hookrun/hookrun v0.0.0
	github.com/yuin/gopher-lua v1.1.2
)

require (
	github.com/BurntSushi/toml v1.6.0 // indirect
	layeh.com/gopher-luar v1.0.11 // indirect
)

replace github.com/hookrun/hookrun => ../
