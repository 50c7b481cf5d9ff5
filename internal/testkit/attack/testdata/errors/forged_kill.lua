-- expect: error
error("ran longer than its limit of 200ms", 0)
