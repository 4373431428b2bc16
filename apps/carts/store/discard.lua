-- Forget a cart, unless it has changed since it had this stamp.
local stamp = redis.call('GET', KEYS[4])
if stamp and stamp ~= ARGV[1] then return 0 end
redis.call('DEL', unpack(KEYS))
return 1
