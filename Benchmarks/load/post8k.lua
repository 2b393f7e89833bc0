-- Posts the same 8 KB repeatedly, for a server that ignores their content.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"a":"' .. string.rep("x", 8180) .. '"}'
