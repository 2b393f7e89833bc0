import Threads

/// What a database is like, before a service works with it.
public struct DatabaseSurvey: Sendable {
    /// As PostgreSQL calls its version.
    public let server: String
    /// 0: it has no tables yet.
    public let schema: Int64
    /// Whether the user may create the tables.
    public let mayCreate: Bool
    /// Whether an acknowledged transaction is on the disk.
    public let isDurable: Bool
    public let connectionsMax: Int64
    /// Those of them that only superusers and users with a certain right get.
    public let connectionsReserved: Int64
    /// Whether parts of names are found: the extension pg_trgm is there, or the user may create it.
    public let findsParts: Bool

    /// Each replica has up to so many.
    public static let connectionsOfReplica: Int64 = 7

    public static func take(_ address: DatabaseAddress) async throws(StoreError) -> DatabaseSurvey {
        try await onOwnThread { Result { () throws(StoreError) in try DatabaseSurvey(address) } }.get()
    }

    private init(_ address: DatabaseAddress) throws(StoreError) {
        let db = try DatabaseConnection(address, name: "oneway check")
        let found = try db.execute(
            """
            SELECT current_setting('server_version'), has_schema_privilege(current_schema(), 'CREATE'),
                current_setting('fsync'), current_setting('max_connections'), current_schema() IS NOT NULL,
                current_setting('superuser_reserved_connections')::int
                    + coalesce(current_setting('reserved_connections', true), '0')::int,
                EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')
                    OR EXISTS (
                        SELECT FROM pg_available_extension_versions JOIN pg_roles ON rolname = current_user
                        WHERE name = 'pg_trgm' AND (rolsuper
                            OR trusted AND has_database_privilege(current_database(), 'CREATE'))
                    )
            """
        )
        guard found.count == 7, found[4] == "t" else {
            throw StoreError(.misconfigured, "the user has no schema: create one, or set search_path in the address")
        }
        (server, mayCreate, isDurable) = (found[0], found[1] == "t", found[2] == "on")
        (connectionsMax, connectionsReserved) = (Int64(found[3]) ?? 0, Int64(found[5]) ?? 0)
        findsParts = found[6] == "t"
        schema = try DatabaseSchema.found(in: db).version
    }
}
