-- So is what only the compiler finds.

for i = 1, 3 do
  if i == 2 then
    goto continue
  end
  print(i)
  ::continue::
end

local function f() goto nowhere end --> no visible label 'nowhere' for goto
