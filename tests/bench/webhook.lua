-- webhook.lua - what wrk posts: one webhook after another, each with new ids.
--
--	wrk ... -s webhook.lua URL -- TEMPLATE COUNT FIRST [NAME VALUE]...
--
-- In the template @n@ becomes a number that never comes twice, from FIRST on,
-- and @X+k@ the number X + k, where k goes round from 0 to COUNT - 1.  NAME
-- and VALUE are headers.  Prints its summary as one line of JSON.

-- Numbers kept apart for each thread.
local apart = 10000000
local threads = 0

function setup(thread)
	thread:set("thread_no", threads)
	threads = threads + 1
end

function init(args)
	local file = assert(io.open(args[1]))
	template = file:read("*a")
	file:close()
	count = tonumber(args[2])
	n = tonumber(args[3]) + thread_no * apart
	wrk.method = "POST"
	wrk.headers["Content-Type"] = "application/json"
	for i = 4, #args, 2 do
		wrk.headers[args[i]] = args[i + 1]
	end
end

local function moved(first)
	return string.format("%d", first + n % count)
end

function request()
	n = n + 1
	local body = template:gsub("@(%d+)%+k@", moved)
	body = body:gsub("@n@", string.format("%d", n))
	return wrk.format(nil, nil, nil, body)
end

function done(summary, latency)
	local e = summary.errors
	print(string.format(
		'{"requests":%d,"us":%d,"p50_us":%d,"p99_us":%d,"errors":%d}',
		summary.requests, summary.duration, latency:percentile(50),
		latency:percentile(99),
		e.connect + e.read + e.write + e.status + e.timeout))
end
