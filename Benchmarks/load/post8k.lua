-- The same 8 KB again and again: for a server that does not look at them.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"a":"' .. string.rep("x", 8180) .. '"}'
