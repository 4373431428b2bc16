-- Tick every line, or none.
local ticked, stamp, ttl = ARGV[1] == '1', ARGV[2], ARGV[3]
redis.call('DEL', KEYS[2])
if ticked then
  for _, sku in ipairs(redis.call('HKEYS', KEYS[1])) do redis.call('SADD', KEYS[2], sku) end
  redis.call('EXPIRE', KEYS[2], ttl)
end
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('SET', KEYS[4], stamp, 'EX', ttl) end
return 1
