-- Tick every line, or none. The stamp stays if that changes nothing.
local ticked, stamp, ttl = ARGV[1] == '1', ARGV[2], ARGV[3]
local before = redis.call('SCARD', KEYS[2])
local after = ticked and redis.call('HLEN', KEYS[1]) or 0
if before == after then return 0 end
redis.call('DEL', KEYS[2])
if ticked then
  for _, sku in ipairs(redis.call('HKEYS', KEYS[1])) do redis.call('SADD', KEYS[2], sku) end
end
redis.call('SET', KEYS[4], stamp, 'EX', ttl)
for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ttl) end
return 1
