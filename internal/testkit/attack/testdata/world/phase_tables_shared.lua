-- expect: true
pre.__index = pre post.evil = function() end
rawset(post, "evil", nil)
pre.__index = nil
--8<-- victim
return next(post) == nil and next(failed) == nil
