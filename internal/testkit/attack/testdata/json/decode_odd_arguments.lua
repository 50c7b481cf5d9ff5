-- expect: contained
return pcall(json.decode), pcall(json.decode, nil), pcall(json.decode, {}), pcall(json.decode, 1), pcall(json.encode), pcall(json.decode, options)
