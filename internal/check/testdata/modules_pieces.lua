-- A name that is written out in pieces can be seen: it is as require "numbers".

local found = require("num" .. "bers")
local missing = require("num" .. "berz") --> module "numberz" not found in the scripts folder's lib (did you mean "numbers"?)
local ok, numbers = pcall(require, "num" .. "bers")
print(found, missing, ok, numbers, double(2), anything()) --> undefined global "anything"

function shared_with_module() end
