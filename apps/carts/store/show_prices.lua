-- Note the prices that the buyer was told last: SKU id, price, SKU id, price, …
for i = 1, #ARGV, 2 do
  local noted = redis.call('HGET', KEYS[3], ARGV[i])
  if noted then
    local at, added = string.match(noted, '^(%S+) (%S+)')
    redis.call('HSET', KEYS[3], ARGV[i], at .. ' ' .. added .. ' ' .. ARGV[i + 1])
  end
end
return 1
