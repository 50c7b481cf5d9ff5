-- expect: error
return json.decode((('{"a":'):rep(2e5)) .. "1" .. ("}"):rep(2e5))
