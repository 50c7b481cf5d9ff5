-- crypto: hashes, encodings and random bytes.

-- FIPS 180-4, and RFC 4231
assert(crypto.hex(crypto.sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
assert(crypto.hex(crypto.sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
assert(crypto.hex(crypto.sha256(("a"):rep(1e6))) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
assert(crypto.hex(crypto.hmac_sha256(("\11"):rep(20), "Hi There")) ==
  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
assert(crypto.hex(crypto.hmac_sha256("Jefe", "what do ya want for nothing?")) ==
  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
assert(crypto.hex(crypto.hmac_sha256(("\170"):rep(131), "Test Using Larger Than Block-Size Key - Hash Key First")) ==
  "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
assert(#crypto.sha256("x") == 32 and crypto.sha256(12) == crypto.sha256("12"))

assert(crypto.hex("\0\255az") == "00ff617a" and crypto.unhex("00FF617a") == "\0\255az" and crypto.unhex("") == "")
local bytes, problem = crypto.unhex("abc")
assert(bytes == nil and problem == "want two hexadecimal digits for each byte, got 3 digits")
bytes, problem = crypto.unhex("00g0")
assert(bytes == nil and problem == 'want hexadecimal digits, got "g" at position 3')
assert(select(2, crypto.unhex("00\n0")) == 'want hexadecimal digits, got "\\n" at position 3')
assert(select(2, crypto.unhex("-0")) == 'want hexadecimal digits, got "-" at position 1')

-- RFC 4648
for text, want in pairs{[""] = "", f = "Zg==", fo = "Zm8=", foo = "Zm9v", foob = "Zm9vYg==", fooba = "Zm9vYmE=", foobar = "Zm9vYmFy"} do
  assert(crypto.base64(text) == want and crypto.unbase64(want) == text and crypto.unbase64((want:gsub("=", ""))) == text)
end
assert(crypto.base64("\251\255\254") == "+//+")
assert(crypto.unbase64("+//+") == "\251\255\254" and crypto.unbase64("-__-") == "\251\255\254")
assert(crypto.unbase64("_w") == "\255" and crypto.unbase64("/w==") == "\255")
for text, want in pairs{
  ["Zm9v\nZm9v"] = 'want base64, got "\\n" at position 5', ["Zm9v Zm9v"] = 'want base64, got " " at position 5',
  ["Zg="] = "want base64 with all of its padding or with none, got 3 characters",
  ["Zm9v="] = "want base64 with all of its padding or with none, got 5 characters",
  ["Z==="] = 'want base64, got "=" at position 2', ["===="] = 'want base64, got "=" at position 1',
  ["=Zm9"] = 'want base64, got "=" at position 1', Zm9vZ = "want base64 of whole bytes, got a text that ends within one",
  Zh = "want base64 of whole bytes, got a text that ends within one", ["Zm9\195\164"] = 'want base64, got "ä" at position 4',
} do
  bytes, problem = crypto.unbase64(text)
  assert(bytes == nil and problem == want, problem)
end

-- long texts are worked on in pieces
local long = ("0123456789"):rep(20000) .. "x"
assert(crypto.unhex(crypto.hex(long)) == long and crypto.unbase64(crypto.base64(long)) == long)
assert(select(2, crypto.unhex(("00"):rep(50000) .. "0x")) == 'want hexadecimal digits, got "x" at position 100002')
assert(select(2, crypto.unbase64(("0000"):rep(50000) .. "00*0")) == 'want base64, got "*" at position 200003')
assert(crypto.equal(long, long .. "") and not crypto.equal(long, long:sub(1, -2) .. "y") and not crypto.equal(long, long:sub(2)))

assert(crypto.equal("", "") and crypto.equal("a", "a") and not crypto.equal("a", "b") and not crypto.equal("a", "ab"))
assert(crypto.equal(1, "1"))

assert(#crypto.random(1) == 1 and #crypto.random(65536) == 65536 and crypto.random(16) ~= crypto.random(16))
local id = crypto.uuid()
assert(#id == 36 and id ~= crypto.uuid())
assert(id:find("^%x%x%x%x%x%x%x%x%-%x%x%x%x%-4%x%x%x%-[89ab]%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$"))

crypto.sha256()            --> bad argument #1 to 'sha256' (string expected, got no value)
crypto.sha256({})          --> bad argument #1 to 'sha256' (string expected, got table)
crypto.hmac_sha256("key")  --> bad argument #2 to 'hmac_sha256' (string expected, got no value)
crypto.equal("x", nil)     --> bad argument #2 to 'equal' (string expected, got nil)
crypto.unhex(nil)          --> bad argument #1 to 'unhex' (string expected, got nil)
crypto.random(0)           --> bad argument #1 to 'random' (1 to 65536 bytes expected, got 0)
crypto.random(1e9)         --> bad argument #1 to 'random' (1 to 65536 bytes expected, got 1000000000)
crypto.random(0 / 0)       --> bad argument #1 to 'random' (1 to 65536 bytes expected, got 0)
crypto.random()            --> bad argument #1 to 'random' (number expected, got no value)
