-- Have at least so many units of each SKU, ticked. Answers for each, in their order, the units there are now, or why not.
-- ARGV from the sixth on: SKU id, units, price, stock, SKU id, …
local now, max_count, max_skus = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local stamp, ttl = ARGV[4], ARGV[5]

local answers, changed = {}, false
for i = 6, #ARGV, 4 do
  local sku, count, price, stock = ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2], tonumber(ARGV[i + 3])
  local there = tonumber(redis.call('HGET', KEYS[1], sku)) or 0
  local answer = math.max(there, count)
  if there == 0 and redis.call('HLEN', KEYS[1]) >= max_skus then
    answer = 'full'
  elseif count > there and count > stock then
    answer = 'short'
  elseif count > there and count > max_count then
    answer = 'too_many'
  else
    if count > there then
      redis.call('HSET', KEYS[1], sku, count)
      redis.call('HSET', KEYS[3], sku, now .. ' ' .. price .. ' ' .. price)
      changed = true
    end
    if redis.call('SADD', KEYS[2], sku) == 1 then changed = true end
  end
  table.insert(answers, answer)
end

-- What was there already is the same cart, so the same stamp.
if changed then
  redis.call('SET', KEYS[4], stamp, 'EX', ttl)
  for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ttl) end
end
return answers
