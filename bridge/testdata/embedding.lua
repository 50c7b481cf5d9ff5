-- Embedded structs lend their fields to the outer one, as in encoding/json.

--- promoted fields are fields, and the less deeply nested of two wins
-- result: embedding
assert(result.id == "e-1" and result.kind == "own" and result.account == "acc")
assert(result.base == nil and result.Billing == nil and result.Audit == nil)
assert(result.tagged.id == "t-1" and result.billing == nil)
--[[unchanged]]

--- of two fields with one name at one depth a tagged one wins, else neither is there
-- result: embedding
assert(result.Settled == "42")
assert(result.clash == nil)
result.clash = "x"        --> result.clash: no such field
--[[unchanged]]

--- writing a promoted field keeps the rest of the embedded struct
-- result: embedding
result.id = "e-2"
result.account = "acc-2"
result.extra = { a = 1 }
result.tagged.kind = "k"
result.billing = { account = "b", clash = "own" }
--[=[result {"id": "e-2", "kind": "own", "account": "acc-2", "extra": {"a": 1}, "Settled": "42",
  "tagged": {"id": "t-1", "kind": "k", "extra": null}, "billing": {"account": "b", "clash": "own", "Settled": ""}}]=]

--- the fields behind a nil embedded pointer are nil
-- result: embedding
assert(result.by == nil and result.audit_kind == nil and result.notes == nil and result.pointer == nil and result.any == nil)
for k in pairs(result) do assert(k ~= "by" and k ~= "notes" and k ~= "pointer") end
result.by = nil
result.notes = nil
result.pointer = nil
--[[unchanged]]

--- writing a field behind a nil embedded pointer makes the struct
-- result: embedding
result.by = "root"
assert(result.by == "root" and result.audit_kind == "")
result.notes = { a = "1" }
assert(result.notes.a == "1")
--[=[result {"by": "root", "audit_kind": "", "notes": {"a": "1"}, "pointer": null, "any": null, "id": "e-1", "...": 0}]=]

--- a nested value can be put behind a nil embedded pointer
-- result: embedding
result.notes = { a = "1" }
result.pointer = { id = "r" }
--[=[result {"by": "", "notes": {"a": "1"}, "pointer": {"id": "r", "access_level": "", "access_to": ""}, "...": 0}]=]

--- an embedded pointer is copied before it is written
-- result: audited
result.by = "me"
result.notes.b = "2"
result.pointer.id = "r-2"
--[=[result {"by": "me", "notes": {"a": "1", "b": "2"}, "pointer": {"id": "r-2", "...": 0}, "...": 0}]=]
