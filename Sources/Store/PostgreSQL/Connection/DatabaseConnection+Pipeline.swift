import CPostgres

extension DatabaseConnection {
    /// Runs statements one after the other, in one round trip. If one fails, those after it have not run.
    @discardableResult
    func run(_ queries: [DatabaseQuery]) throws(StoreError) -> [DatabaseResult] {
        let all = pending + queries
        let before = pending.count
        pending = []
        roundTrips += 1
        var fresh = try send(all)
        var results: [DatabaseResult] = []
        var failure: StoreError?
        for query in all {
            if fresh.remove(query.sql) != nil, try next(&failure) == nil { statements[query.sql] = nil }
            if let result = try next(&failure) { results.append(result) }
        }
        try awaitAnswer()
        // The end of the round trip; it is not followed by an empty result.
        guard let end = unsafe PQgetResult(handle) else { throw connectionError }
        unsafe PQclear(end)
        if let failure { throw failure }
        return Array(results.dropFirst(before))
    }

    func run(_ query: DatabaseQuery) throws(StoreError) -> DatabaseResult {
        guard let result = try run([query]).last else { throw connectionError }
        return result
    }

    /// Returns the statements that the server is to know from now on. Each is prepared once.
    private func send(_ queries: [DatabaseQuery]) throws(StoreError) -> Set<String> {
        var fresh: Set<String> = []
        for query in queries {
            let name = statements[query.sql] ?? "s\(statements.count)_\(roundTrips)"
            if statements[query.sql] == nil {
                guard unsafe PQsendPrepare(handle, name, query.sql, 0, nil) == 1 else { throw connectionError }
                statements[query.sql] = name
                fresh.insert(query.sql)
            }
            guard send(query, as: name) else { throw connectionError }
        }
        guard unsafe PQpipelineSync(handle) == 1 else { throw connectionError }
        return fresh
    }

    private func send(_ query: DatabaseQuery, as name: String) -> Bool {
        let lengths = query.values.map { Int32($0?.count ?? 0) }
        let formats = [Int32](repeating: 1, count: query.values.count)
        return unsafe Self.withPointers(to: query.values) { values in
            unsafe PQsendQueryPrepared(handle, name, Int32(query.values.count), values, lengths, formats, 1) == 1
        }
    }

    /// Copies the values into one piece of memory for the time of the call.
    private static func withPointers<Result>(
        to values: [[UInt8]?],
        _ body: (_ pointers: [UnsafePointer<CChar>?]) -> Result
    ) -> Result {
        // A value of no bytes needs an address all the same: without one it would be NULL.
        let room = UnsafeMutablePointer<CChar>.allocate(capacity: values.reduce(1) { $0 + ($1?.count ?? 0) })
        defer { unsafe room.deallocate() }
        var end = unsafe room
        var pointers: [UnsafePointer<CChar>?] = unsafe []
        for value in values {
            unsafe pointers.append(value == nil ? nil : UnsafePointer(end))
            for byte in value ?? [] {
                unsafe end.initialize(to: CChar(bitPattern: byte))
                unsafe end += 1
            }
        }
        return unsafe body(pointers)
    }

    /// The next statement's result; nil when it did not run. Throws only when the connection is lost.
    private func next(_ failure: inout StoreError?) throws(StoreError) -> DatabaseResult? {
        try awaitAnswer()
        guard let found = unsafe PQgetResult(handle) else { throw connectionError }
        let result = unsafe DatabaseResult(found)
        if !result.isWell, !result.isSkipped, failure == nil { failure = unsafe error(of: found) }
        if isLost { throw failure ?? connectionError }
        // Each result is followed by an empty one.
        while let surplus = unsafe PQgetResult(handle) { unsafe PQclear(surplus) }
        return result.isWell ? result : nil
    }
}
