/**
 * Counts requests one after the other, each in one step with its check. For each recipient and set of windows there is a
 * list of the times at which it was counted, rising, no longer than the largest limit: whether a window of a limit is full
 * is seen from the entry that many places from the end.
 *
 * KEYS: request by request, recipient by recipient, set by set. ARGV: the time; the requests as JSON, each
 * `{each, n, sets: [{most, ttl, windows: [[limit, ms]]}]}`. Answers, for each request, the positions of recipients that are
 * over a limit (from 0): of all of them, or (not `each`) of the first, and then nothing of the request is counted.
 */
export const TAKE = `
local now = tonumber(ARGV[1])
local answers = {}
local first = 0
for r, request in ipairs(cjson.decode(ARGV[2])) do
  local sets = request.sets
  local over = {}
  local pushed = {}
  for i = 0, request.n - 1 do
    local from = first + i * #sets
    local at = now
    for s = 1, #sets do
      local last = redis.call('LINDEX', KEYS[from + s], -1)
      if last and tonumber(last) > at then at = tonumber(last) end
    end
    local full = false
    for s, set in ipairs(sets) do
      for _, window in ipairs(set.windows) do
        local nth = redis.call('LINDEX', KEYS[from + s], -window[1])
        if nth and at - tonumber(nth) < window[2] then full = true break end
      end
      if full then break end
    end
    if full then
      over[#over + 1] = i
      if not request.each then
        for p = #pushed, 1, -1 do redis.call('RPOP', pushed[p]) end
        break
      end
    else
      for s, set in ipairs(sets) do
        local key = KEYS[from + s]
        local length = redis.call('RPUSH', key, string.format('%.0f', at))
        if length > set.most then redis.call('LTRIM', key, -set.most, -1) end
        redis.call('PEXPIRE', key, set.ttl)
        pushed[#pushed + 1] = key
      end
    end
  end
  first = first + request.n * #sets
  answers[r] = over
end
return answers
`;

/** Takes back, for each key, the latest that was counted at a time or before. KEYS: the lists. ARGV: the time. */
export const GIVE_BACK = `
local at = tonumber(ARGV[1])
for _, key in ipairs(KEYS) do
  local times = redis.call('LRANGE', key, 0, -1)
  for i = #times, 1, -1 do
    if tonumber(times[i]) <= at then
      redis.call('LREM', key, -1, times[i])
      break
    end
  end
end
`;
