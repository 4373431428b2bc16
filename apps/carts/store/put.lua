-- Set the units of a SKU or add to them. Answers the units there are now, or why not.
local sku, count, on_top, ticked = ARGV[1], tonumber(ARGV[2]), ARGV[3] == '1', ARGV[4] == '1'
local now, price, stock = ARGV[5], ARGV[6], tonumber(ARGV[7])
local max_count, max_skus = tonumber(ARGV[8]), tonumber(ARGV[9])
local stamp, ttl, may_begin = ARGV[10], ARGV[11], ARGV[12] == '1'

if not may_begin and redis.call('EXISTS', KEYS[4]) == 0 then return 'unknown' end

local there = tonumber(redis.call('HGET', KEYS[1], sku)) or 0
if on_top then count = there + count end
if there == 0 and redis.call('HLEN', KEYS[1]) >= max_skus then return 'full' end
if count > there and count > stock then return 'short' end
if count > max_count then return 'too_many' end

-- Set to what it is already: the same cart, so the same stamp.
local was_ticked = redis.call('SISMEMBER', KEYS[2], sku) == 1
if count == there and ticked == was_ticked then return count end

redis.call('HSET', KEYS[1], sku, count)
redis.call(ticked and 'SADD' or 'SREM', KEYS[2], sku)
if there == 0 or on_top then redis.call('HSET', KEYS[3], sku, now .. ' ' .. price .. ' ' .. price) end
redis.call('SET', KEYS[4], stamp, 'EX', ttl)
for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ttl) end
return count
