-- Lend the ticked lines; with a stamp in ARGV[1] also leave the marker that they are being ordered.
-- Answers {stamp, {sku, count, prices, …}, {unfinished stamp, ms, …}, stamp placed, digest claimed}.
local fresh_stamp, now, ttl, digest, claim_ttl = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]

if KEYS[7] and not redis.call('SET', KEYS[7], digest, 'NX', 'EX', claim_ttl) then
  return {'', {}, {}, '', redis.call('GET', KEYS[7])}
end

local lines, marker = {}, {}
for _, sku in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  local count = redis.call('HGET', KEYS[1], sku)
  if count then
    for _, part in ipairs({sku, count, redis.call('HGET', KEYS[3], sku) or ''}) do table.insert(lines, part) end
    table.insert(marker, {sku, tonumber(count)})
  end
end

local stamp = redis.call('GET', KEYS[4])
if not stamp and fresh_stamp ~= '' and #marker > 0 then
  stamp = fresh_stamp
  redis.call('SET', KEYS[4], stamp, 'EX', ttl)
end

local unfinished = {}
local markers = redis.call('HGETALL', KEYS[5])
for i = 1, #markers, 2 do
  table.insert(unfinished, markers[i])
  table.insert(unfinished, string.format('%d', cjson.decode(markers[i + 1]).at))
end

if fresh_stamp ~= '' and #marker > 0 then
  -- Requests that submit the same cart at once hold the same marker together.
  local held = redis.call('HGET', KEYS[5], stamp)
  local holders = held and cjson.decode(held).holders or 0
  local new = {at = tonumber(now), holders = holders + 1, lines = marker}
  redis.call('HSET', KEYS[5], stamp, cjson.encode(new))
  redis.call('EXPIRE', KEYS[5], ttl)
end

local since, ordered = string.match(redis.call('GET', KEYS[6]) or '', '^(%S+) (%S+)$')
return {stamp or '', lines, unfinished, since == stamp and ordered or '', ''}
