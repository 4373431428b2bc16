-- Note the prices that the buyer was told last: SKU id, price, SKU id, price, …
for i = 1, #ARGV, 2 do
  local sku, price = ARGV[i], ARGV[i + 1]
  if redis.call('HEXISTS', KEYS[1], sku) == 1 then
    -- A note that was lost begins anew: else no price could ever match.
    local noted = redis.call('HGET', KEYS[3], sku) or ('0 ' .. price)
    local at, added = string.match(noted, '^(%S+) (%S+)')
    redis.call('HSET', KEYS[3], sku, at .. ' ' .. added .. ' ' .. price)
  end
end
return 1
