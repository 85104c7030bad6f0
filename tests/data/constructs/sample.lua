#!/usr/bin/env lua
local json = require("json")
local M, x <const> = {}, 1
M.__index = M
--[[ long
comment ]]
function M.new(name, ...) local self = setmetatable({ name = name, [1] = 2, 'x'; items = {} }, M) return self end
function M:total(rate) for i, item in ipairs(self.items) do sum = (sum or 0) + item.price * rate end return sum end
local function helper(a) if a then goto done elseif not a then return 1, 2 else error"x" end ::done:: end
M.go = function(self) repeat local y = [==[raw]==] until y ~= nil while true do break end end
for i = 1, 10, 2 do print(#M, i // 2 ~ 3 .. "a\n" .. 'b', f{1}, g"x":upper()) end
return M
