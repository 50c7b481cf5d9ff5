-- expect: reject|contained
::a:: ::a:: do ::a:: end
