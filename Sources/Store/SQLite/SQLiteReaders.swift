extension Readers<Connection> {
    static func ofSteps(_ path: String) -> Readers { Readers(path: path, count: 1, cacheKilobytesMax: 5_000) }

    static func ofLists(_ path: String) -> Readers { Readers(path: path, count: 2, cacheKilobytesMax: 1_000) }

    private convenience init(path: String, count: Int, cacheKilobytesMax: Int) {
        self.init(count: count) { () throws(StoreError) in
            let connection = try Connection(path: path, .read)
            try connection.execute("PRAGMA cache_size = -\(cacheKilobytesMax); PRAGMA query_only = ON;")
            return connection
        }
    }
}

extension Connection {
    /// Runs `body` on one snapshot: everything it reads is of the same moment.
    func snapshot<Result>(_ body: (Connection) throws(StoreError) -> Result) throws(StoreError) -> Result {
        try prepare("BEGIN").run()
        do throws(StoreError) {
            let result = try body(self)
            try prepare("COMMIT").run()
            return result
        } catch {
            if inTransaction { try? prepare("ROLLBACK").run() }
            throw error
        }
    }
}
