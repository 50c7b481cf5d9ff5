-- expect: error
return json.decode(("["):rep(2e6))
