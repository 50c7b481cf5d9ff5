-- expect: reject
return [====[ never ends ]===]
