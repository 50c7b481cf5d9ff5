-- expect: reject
break
