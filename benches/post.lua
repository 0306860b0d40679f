-- For wrk: posts what `make bench` asks for, a new class and seed each time, and prints the
-- figures as one JSON object. BENCH_MODEL names the model. wrk counts every status above 399 by itself, without calling Lua.

local head = { ["content-type"] = "application/json" }
local requests, turn = {}, 0
local model = os.getenv("BENCH_MODEL") or "digits-gan"

function init(arguments)
   for i = 0, 999 do
      local body = string.format('{"model": "%s", "class": %d, "seed": %d}', model, i % 10, i)
      requests[i] = wrk.format("POST", "/generate", head, body)
   end
end

function request()
   turn = (turn + 1) % 1000
   return requests[turn]
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      '{"answers": %d, "seconds": %.6f, "not_2xx": %d, "broken": %d, "late": %d, '
         .. '"p50_ms": %.3f, "p99_ms": %.3f}\n',
      summary.requests, summary.duration / 1e6, errors.status,
      errors.connect + errors.read + errors.write, errors.timeout,
      latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
