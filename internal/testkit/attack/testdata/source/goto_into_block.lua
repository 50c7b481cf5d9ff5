-- expect: reject|contained
goto inside do ::inside:: end
