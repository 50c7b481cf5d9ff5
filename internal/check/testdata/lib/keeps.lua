-- A module whose functions keep things in the module itself, and in objects of their own.
local M = {}

local Other = {}
Other.__index = Other
function Other:set() self.foreign = 1 end

function M:init() self.extra = 5 end
function M.start(self) self.started = true end
function M.other() return setmetatable({}, Other) end

return M
