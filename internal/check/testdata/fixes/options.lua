-- options.lua: options of which only their author knows whether the script or the config is right.
local max = options.max_size
local min = options.min_size
local most = options.max_gb
local again = options["max-gibs"] .. options.repaet
if max and min and most and again then print(options.max_gigs + 1) end
