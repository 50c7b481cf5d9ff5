-- expect: error
return json.decode(("["):rep(1e6) .. ("]"):rep(1e6))
