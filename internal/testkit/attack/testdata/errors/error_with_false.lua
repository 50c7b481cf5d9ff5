-- expect: error
error(false)
