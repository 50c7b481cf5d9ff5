-- cidr: networks and addresses, of IPv4 and IPv6.

assert(cidr.contains("10.0.0.0/8", "10.255.0.1") and not cidr.contains("10.0.0.0/8", "11.0.0.0"))
assert(cidr.contains("0.0.0.0/0", "255.255.255.255") and cidr.contains("fd00::/8", "fd12::1"))
assert(not cidr.contains("fd00::/8", "fe80::1") and cidr.contains("::/0", "2001:db8::1"))

-- an address alone is a network of one
assert(cidr.contains("10.0.0.5", "10.0.0.5") and not cidr.contains("10.0.0.5", "10.0.0.6") and cidr.contains("::1", "0:0::1"))

-- of a network, all must be in
assert(cidr.contains("10.0.0.0/8", "10.20.0.0/16") and cidr.contains("10.0.0.0/8", "10.0.0.0/8"))
assert(not cidr.contains("10.20.0.0/16", "10.0.0.0/8") and not cidr.contains("10.0.0.5", "10.0.0.5/31"))

-- bits behind the prefix do not count
assert(cidr.contains("10.1.2.3/8", "10.9.9.9") and cidr.contains("10.0.0.0/8", "10.1.2.3/8"))

-- the families are apart, but an IPv4 address may be written as one of IPv6
assert(not cidr.contains("::/0", "10.0.0.1") and not cidr.contains("0.0.0.0/0", "::1"))
assert(cidr.contains("10.0.0.0/8", "::ffff:10.0.0.1") and cidr.contains("::ffff:10.0.0.0/104", "10.0.0.1"))
assert(not cidr.contains("::/0", "::ffff:10.0.0.1") and cidr.contains("::ffff:a00:1", "10.0.0.1"))

-- the zone of an address does not count
assert(cidr.contains("fe80::/10", "fe80::1%eth0") and cidr.contains("fe80::1%eth0", "fe80::1%eth1"))

local n = cidr.parse("10.1.2.3/8")
assert(n.network == "10.0.0.0/8" and n.address == "10.1.2.3" and n.first == "10.0.0.0" and n.last == "10.255.255.255")
assert(n.bits == 8 and n.family == 4)
n = cidr.parse("2001:DB8:0:0::1/33")
assert(n.network == "2001:db8::/33" and n.address == "2001:db8::1" and n.first == "2001:db8::")
assert(n.last == "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff" and n.bits == 33 and n.family == 6)
n = cidr.parse("192.168.0.1")
assert(n.network == "192.168.0.1/32" and n.first == n.last and n.bits == 32)
n = cidr.parse("fe80::1%eth0")
assert(n.network == "fe80::1/128" and n.address == "fe80::1" and n.bits == 128)
n = cidr.parse("::ffff:10.0.0.0/104")
assert(n.network == "10.0.0.0/8" and n.family == 4 and n.bits == 8)
n = cidr.parse("::/0")
assert(n.first == "::" and n.last == "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")

assert(cidr.valid("10.0.0.1") and cidr.valid("10.0.0.0/32") and cidr.valid("::") and cidr.valid("::1/0") and cidr.valid("fe80::1%eth0"))
for _, text in ipairs{"", "10.0.0", "10.0.0.256", "010.0.0.1", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/-1", "/8",
  " 10.0.0.1", "10.0.0.1 ", "10.0.0.0/255.0.0.0", ":::", "::1/129", "fe80::1%", "fe80::1%eth0/64", "10.0.0.1%eth0", "localhost",
  "10.0.0.1:80", "[::1]", "10.0.0.0/8/8", ("1"):rep(1000), "fe80::1%" .. ("x"):rep(1000)} do
  assert(not cidr.valid(text), text)
end
assert(not cidr.valid(nil) and not cidr.valid(10) and not cidr.valid({}) and not cidr.valid(true))

cidr.contains("10.0.0.0/33", "10.0.0.1")  --> bad argument #1 to 'contains' (network expected, got "10.0.0.0/33")
cidr.contains("10.0.0.0/8", "somebody")   --> bad argument #2 to 'contains' (address or network expected, got "somebody")
cidr.contains("10.0.0.0/8")               --> bad argument #2 to 'contains' (string expected, got no value)
cidr.contains(nil, "10.0.0.1")            --> bad argument #1 to 'contains' (string expected, got nil)
cidr.parse("ten")                         --> bad argument #1 to 'parse' (network expected, got "ten")
cidr.parse(("x"):rep(1e6))                --> xxx...")
cidr.valid()                              --> bad argument #1 to 'valid' (value expected)
