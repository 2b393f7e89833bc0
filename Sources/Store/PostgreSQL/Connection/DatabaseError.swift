import CPostgres

extension DatabaseConnection {
    /// Why there is no connection, in libpq's words: they name the server, the user, and the database, and no row.
    var connectionError: StoreError {
        lastState = ""
        let says = unsafe String(cString: PQerrorMessage(handle))
        return StoreError(.unavailable, Self.advice(says) ?? "PostgreSQL: \(Self.oneLine(says))")
    }

    func error(of result: OpaquePointer) -> StoreError {
        if isLost { return connectionError }
        let field = unsafe PQresultErrorField(result, 67)  // PG_DIAG_SQLSTATE, 'C'
        let text = unsafe PQresultErrorField(result, 77)  // PG_DIAG_MESSAGE_PRIMARY, 'M'
        lastState = unsafe field.map { unsafe String(cString: $0) } ?? ""
        return StoreError(postgreSQL: lastState, unsafe text.map { unsafe String(cString: $0) } ?? "")
    }

    /// What a connection that failed may need, beyond libpq's own words.
    private static func advice(_ says: String) -> String? {
        if says.contains("session is read-only") || says.contains("server is in hot standby mode") {
            return
                "only a read-only standby of PostgreSQL answers: name all servers in the address, and check the fail-over"
        }
        return nil
    }

    fileprivate static func oneLine(_ text: String) -> String {
        String(text.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(400))
    }

    /// Whether a transaction that failed so is to be run again: it lost against another one.
    var lostAgainstAnother: Bool { ["40001", "40P01", "23505"].contains(lastState) }
}

extension StoreError {
    /// - Parameter text: The server's words. Only those of some classes are shown: others may contain data of a row.
    init(postgreSQL state: String, _ text: String) {
        let says = DatabaseConnection.oneLine(text)
        let (kind, detail): (Kind, String) =
            switch state {
            case "53100": (.diskFull, "the disk of PostgreSQL is full")
            case "53300":
                (.unavailable, "PostgreSQL has too many connections: raise max_connections; each replica needs 7")
            case "42501": (.unavailable, "a right is missing in PostgreSQL: \(says)")
            case "25006": (.unavailable, "PostgreSQL is read-only: this is a standby, or the database is locked")
            case "42P01", "42703", "3F000": (.corrupt, "the database has other tables than expected: \(says)")
            case "XX001", "XX002": (.corrupt, "PostgreSQL found damage: \(says)")
            default:
                switch state.prefix(2) {
                case "22", "23", "54": (.invalid, "PostgreSQL \(state)")
                case "08", "28", "3D", "53", "55", "57", "58": (.unavailable, "PostgreSQL \(state): \(says)")
                default: (.unavailable, "PostgreSQL \(state)")
                }
            }
        self.init(kind, detail)
    }
}
