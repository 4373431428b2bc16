-- Put a visitor's lines into a buyer's cart, once per state of the visitor's cart. KEYS[7] holds the last such state.
-- ARGV from the fifth on: SKU id, units, ticked, note of prices, SKU id, …
local state, stamp, ttl, max_skus = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
if redis.call('GET', KEYS[7]) == state then return 0 end

local function moment(note) return tonumber(string.match(note or '', '^%d+')) or -1 end

local changed = false
for i = 5, #ARGV, 4 do
  local sku, count, ticked, note = ARGV[i], ARGV[i + 1], ARGV[i + 2] == '1', ARGV[i + 3]
  local there = redis.call('HGET', KEYS[1], sku)
  if there or redis.call('HLEN', KEYS[1]) < max_skus then
    local was_ticked = redis.call('SISMEMBER', KEYS[2], sku) == 1
    changed = changed or there ~= count or ticked ~= was_ticked
    redis.call('HSET', KEYS[1], sku, count)
    redis.call(ticked and 'SADD' or 'SREM', KEYS[2], sku)
    -- The price that the buyer saw last, be it before or after logging in.
    local noted = redis.call('HGET', KEYS[3], sku)
    if not noted or moment(noted) < moment(note) then redis.call('HSET', KEYS[3], sku, note) end
  end
end

redis.call('SET', KEYS[7], state, 'EX', ttl)
if changed then
  redis.call('SET', KEYS[4], stamp, 'EX', ttl)
  for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ttl) end
end
return 1
