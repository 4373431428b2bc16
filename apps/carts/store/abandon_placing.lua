-- Let go of a marker after a refusal; the last holder removes it. KEYS[7], if given, is a claim to release.
local stamp = ARGV[1]
if KEYS[7] then redis.call('DEL', KEYS[7]) end
local held = redis.call('HGET', KEYS[5], stamp)
if not held then return 0 end
local marker = cjson.decode(held)
marker.holders = marker.holders - 1
if marker.holders > 0 then
  redis.call('HSET', KEYS[5], stamp, cjson.encode(marker))
else
  redis.call('HDEL', KEYS[5], stamp)
end
return 1
