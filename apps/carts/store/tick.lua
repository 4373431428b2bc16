-- Tick one line, or untick it. Answers whether there is such a line. The stamp stays if that changes nothing.
local sku, ticked, stamp, ttl = ARGV[1], ARGV[2] == '1', ARGV[3], ARGV[4]
if redis.call('HEXISTS', KEYS[1], sku) == 0 then return 0 end
if redis.call(ticked and 'SADD' or 'SREM', KEYS[2], sku) == 1 then
  redis.call('SET', KEYS[4], stamp, 'EX', ttl)
  for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ttl) end
end
return 1
