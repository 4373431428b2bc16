-- Take a SKU out.
local sku, stamp, ttl = ARGV[1], ARGV[2], ARGV[3]
if redis.call('HDEL', KEYS[1], sku) == 0 then return 0 end
redis.call('SREM', KEYS[2], sku)
redis.call('HDEL', KEYS[3], sku)
redis.call('SET', KEYS[4], stamp, 'EX', ttl)
for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ttl) end
return 1
