-- Drop the units ordered under a stamp, once. Answers whether there was something to drop.
-- KEYS[7], if given, is the claim of the request that got this order: from now on it says so.
local ordered, stamp, ttl, placed_ttl = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local digest, answer_ttl = ARGV[5], ARGV[6]
if KEYS[7] then redis.call('SET', KEYS[7], digest .. ' ' .. ordered, 'EX', answer_ttl) end
local marker = redis.call('HGET', KEYS[5], ordered)
if not marker then return 0 end

for _, line in ipairs(cjson.decode(marker).lines) do
  local sku, count = line[1], line[2]
  local there = tonumber(redis.call('HGET', KEYS[1], sku)) or 0
  if there > count then
    redis.call('HSET', KEYS[1], sku, there - count)
  else
    redis.call('HDEL', KEYS[1], sku)
    redis.call('SREM', KEYS[2], sku)
    redis.call('HDEL', KEYS[3], sku)
  end
end
redis.call('HDEL', KEYS[5], ordered)
redis.call('SET', KEYS[4], stamp, 'EX', ttl)
redis.call('SET', KEYS[6], stamp .. ' ' .. ordered, 'EX', placed_ttl)
return 1
