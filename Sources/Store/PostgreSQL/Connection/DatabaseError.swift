import CPostgres

extension DatabaseConnection {
    /// Why there is no connection, in libpq's words: they name the server, the user, and the database, and no row.
    var connectionError: StoreError {
        lastState = ""
        return StoreError(connecting: unsafe String(cString: PQerrorMessage(handle)))
    }

    func error(of result: OpaquePointer) -> StoreError {
        if isLost { return connectionError }
        let field = unsafe PQresultErrorField(result, 67)  // PG_DIAG_SQLSTATE, 'C'
        let text = unsafe PQresultErrorField(result, 77)  // PG_DIAG_MESSAGE_PRIMARY, 'M'
        lastState = unsafe field.map { unsafe String(cString: $0) } ?? ""
        return StoreError(postgreSQL: lastState, unsafe text.map { unsafe String(cString: $0) } ?? "")
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
            case "53300": (.unavailable, Self.tooManyConnections)
            case "42501": (.misconfigured, "a right is missing in PostgreSQL: \(says)")
            case "25006": (.unavailable, "PostgreSQL is read-only: this is a standby, or the database is locked")
            case "3F000": (.misconfigured, "the user has no schema: create one, or set search_path in the address")
            case "42P01", "42703": (.corrupt, "the database has other tables than expected: \(says)")
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

extension StoreError {
    fileprivate static let tooManyConnections =
        "PostgreSQL has too many connections: raise max_connections or the user's limit; each replica needs 7"

    /// Why there is no connection. libpq has no codes for that, so its words decide, of which those not known here count
    /// as trouble that passes.
    init(connecting says: String) {
        let words = "PostgreSQL: \(DatabaseConnection.oneLine(says))"
        if Self.readOnly.contains(where: says.contains) {
            self.init(
                .unavailable,
                "only a read-only standby of PostgreSQL answers: name all servers in the address, and check the fail-over"
            )
        } else if Self.tooMany.contains(where: says.contains) {
            self.init(.unavailable, Self.tooManyConnections)
        } else if Self.attempts(says).allSatisfy({ attempt in Self.lasting.contains(where: attempt.contains) }) {
            self.init(.misconfigured, words)
        } else {
            self.init(.unavailable, words)
        }
    }

    /// What each of several hosts said.
    private static func attempts(_ says: String) -> [Substring] {
        says.split(separator: "connection to server").filter { $0.contains { !$0.isWhitespace } }
    }

    private static let readOnly = ["session is read-only", "server is in hot standby mode"]
    private static let tooMany = [
        "too many clients already", "remaining connection slots are reserved", "too many connections for",
    ]
    /// Of roles, databases, and certificates that are not right, until somebody changes them.
    private static let lasting = [
        "does not exist", "authentication failed", "no password supplied", "no pg_hba.conf entry",
        "is not permitted to log in", "permission denied for database", "server does not support SSL",
        "certificate verify failed", "server certificate for", "could not read root certificate file",
        "could not load", "invalid sslmode value", "invalid port number", "invalid integer value",
    ]
}
