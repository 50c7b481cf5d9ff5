-- What files of tests see besides: NAME_test.lua, which 'hookrun test' runs.

---The tests of the file, and what they all need.
---@class hookrun.tests : hookrun.TestSetup
---@field [string] fun(t: hookrun.Test)
test = {}

---Several tests of one kind: one for each row, named after its field name or its number.
---@param name string
---@param rows any[]
---@param fn fun(t: hookrun.Test, row: any)
function test.table(name, rows, fn) end

---@class hookrun.TestSetup
---@field hook fun(file: string, settings?: table<string, any>) the script, with settings as a hook has them in the config
---@field options fun(options: table<string, any>) of the script that is tested
---@field config fun(file: string, service?: string) takes the hooks of a service of a config
---@field service fun(name: string, host?: string) what scripts see as service
---@field stub fun(name: string, methods: table<string, fun(self: table, ...: any): any>) functions in the place of a host object
---@field http fun(method: string, url: string, answer?: hookrun.TestAnswer) answers requests; "*" is any method

---@class (exact) hookrun.TestAnswer
---@field status? integer default 200
---@field headers? table<string, string>
---@field body? string
---@field json? any
---@field error? "refused" | "dns" | "connect" | "tls" | "timeout" | "too_large"

---What a test acts with.
---@class hookrun.Test : hookrun.TestSetup
---@field name string of the test
---@field events hookrun.TestEvent[] that were sent up to here
---@field logs hookrun.TestLog[] all that hooks have logged up to here
---@field state hookrun.TestState
---@field call fun(call: hookrun.TestCall): hookrun.Tested takes a call through the hooks
---@field tick fun(tick?: hookrun.TestTick): hookrun.Tested beats the periodic clock
---@field clock fun(at?: string): string sets the time that scripts see
---@field advance fun(by: string | number): string moves it: "2h", or seconds
---@field expect fun(value: any): hookrun.Expectation

---@class (exact) hookrun.TestCall
---@field method? string
---@field args? table<string, any>
---@field context? table<string, any>
---@field result? any what the driver returns
---@field driver_error? string | { message: string, code?: string }
---@field at? string
---@field file? string a call record to start from

---@class (exact) hookrun.TestTick
---@field shares? table[]
---@field tick? integer
---@field driver_error? string | { message: string, code?: string }
---@field at? string
---@field file? string

---@class hookrun.Tested
---@field outcome "completed" | "rejected" | "failed"
---@field result any
---@field args any
---@field error? hookrun.TestFailure
---@field driver { called: boolean, args: any, error?: hookrun.TestFailure }
---@field steps table[]
---@field effects table[]
---@field logs hookrun.TestLog[]
---@field events hookrun.TestEvent[]

---@class hookrun.TestFailure
---@field kind string
---@field message string
---@field code string
---@field hook string
---@field script string
---@field phase string
---@field line integer
---@field traceback string

---@class hookrun.TestLog
---@field level string
---@field message string
---@field fields table<string, any>
---@field hook string
---@field phase string

---@class hookrun.TestEvent
---@field id string
---@field source string
---@field type string
---@field subject string
---@field time string
---@field call string
---@field data any

---@class hookrun.TestState
---@field get fun(key: string | number, default?: any): any
---@field set fun(key: string | number, value: any, how?: { ttl: number })
---@field delete fun(key: string | number)
---@field all fun(): table<string, any>
---@field of fun(hook: string): hookrun.TestState

---@class hookrun.Expectation
local expectation = {}

---@param want any
---@return hookrun.Expectation
function expectation:is(want) end

---@param unwanted any
---@return hookrun.Expectation
function expectation:is_not(unwanted) end

---@param want any
---@return hookrun.Expectation
function expectation:has(want) end

---@param unwanted any
---@return hookrun.Expectation
function expectation:has_not(unwanted) end

---@param pattern string
---@return hookrun.Expectation
function expectation:matches(pattern) end

---@param pattern string
---@return hookrun.Expectation
function expectation:matches_not(pattern) end

---@param want number
---@param tolerance? number default 1e-6
---@return hookrun.Expectation
function expectation:near(want, tolerance) end

---@param pattern? string a text or Lua pattern
---@return hookrun.Expectation
function expectation:raises(pattern) end

---@return hookrun.Expectation
function expectation:raises_not() end
