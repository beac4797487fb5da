-- replay.lua - what wrk sends: the requests of a file, one after another.
--
--	wrk ... -s replay.lua URL -- FILE PAUSE_MS
--
-- The file has whole requests with a NUL after each.  Each connection pauses
-- before a request, PAUSE_MS on average; 0: never.  Prints its summary as one
-- line of JSON; "answers" has how many there were by status, and with
-- "+Retry-After" behind it those that named a time.

answers = {}

local threads = {}

function setup(thread)
	table.insert(threads, thread)
end

function init(args)
	local file = assert(io.open(args[1]))
	requests = {}
	for text in file:read("*a"):gmatch("(%Z+)%z") do
		table.insert(requests, text)
	end
	file:close()
	n = 0
	pause_ms = tonumber(args[2])
	math.randomseed(1)
	if pause_ms > 0 then
		delay = pause
	end
end

function pause()
	return math.random(0, 2 * pause_ms)
end

function request()
	n = n % #requests + 1
	return requests[n]
end

function response(status, headers)
	local answer = tostring(status)
	if headers["Retry-After"] then
		answer = answer .. "+Retry-After"
	end
	answers[answer] = (answers[answer] or 0) + 1
end

function done(summary, latency)
	local e, parts = summary.errors, {}
	for _, thread in ipairs(threads) do
		for answer, count in pairs(thread:get("answers")) do
			table.insert(parts, string.format('"%s":%d', answer, count))
		end
	end
	print(string.format(
		'{"requests":%d,"us":%d,"p50_us":%d,"p99_us":%d,"broken":%d,' ..
		'"answers":{%s}}',
		summary.requests, summary.duration, latency:percentile(50),
		latency:percentile(99), e.connect + e.read + e.write + e.timeout,
		table.concat(parts, ",")))
end
