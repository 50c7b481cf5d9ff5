-- expect: contained
-- uses: luar
-- as: hook
function pre.attack() host:Block() end
function post.attack() host:Block() end
function periodic() host:Block() end
