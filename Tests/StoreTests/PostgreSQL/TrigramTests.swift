import OnewayCore
import TestSupport
import Testing

@testable import Store

/// Parts of names in PostgreSQL, with the extension that finds them and without.
@Suite struct TrigramTests {
    /// A database of its own: an extension belongs to a whole database. Its owner may create it; anybody else has only
    /// a schema of theirs.
    private static func database(_ name: String, owner: Bool) throws -> String {
        let server = ThrowawayPostgreSQL.shared
        let base = try server.address(of: "postgres")
        try server.execute("CREATE DATABASE \(name)", at: base)
        let own = try server.address(of: name)
        try server.execute("CREATE ROLE \(name) LOGIN", at: base)
        if owner {
            try server.execute("ALTER DATABASE \(name) OWNER TO \(name)", at: base)
            try server.execute("ALTER SCHEMA public OWNER TO \(name)", at: own)
        }
        try server.execute("CREATE SCHEMA oneway AUTHORIZATION \(name)", at: own)
        return own.replacing("oneway@", with: "\(name)@") + "?options=-csearch_path%3Doneway"
    }

    private static func fill(_ store: any Store) async throws {
        let names = ["Harbour 100% pumps", "pumps_2", "Pumps"]
        try await store.apply { application in
            application.records = names.enumerated().map { (.sample(.opportunity, $0, name: $1), []) }
        }
    }

    private static func found(_ words: String, in store: any Store) async throws -> [Int] {
        try await store.find(words, limit: 9).map { Int($0.id.low) }
    }

    @Test func whoMayCreateTheExtensionFindsParts() async throws {
        let address = DatabaseAddress(try Self.database("may", owner: true))
        let survey = try await DatabaseSurvey.take(address)
        #expect(survey.findsParts)
        #expect((survey.connectionsMax, survey.connectionsReserved) == (500, 3))
        let store = try PostgreSQLStore(address)
        try await Self.fill(store)
        #expect(try await Self.found("UMPS", in: store) == [2, 1, 0])
        #expect(try await Self.found("0% p", in: store) == [0], "no character is a wildcard")
        #expect(try await Self.found("umps_", in: store) == [1])
        let connection = try DatabaseConnection(address, name: "test")
        #expect(try connection.hasTrigrams())
        await store.close()
    }

    /// Beginnings are found all the same; and once an administrator has created the extension, parts are, from the next
    /// start on.
    @Test func whoMayNotFindsBeginningsUntilAnAdministratorHelps() async throws {
        let text = try Self.database("maynot", owner: false)
        let address = DatabaseAddress(text)
        #expect(try await !DatabaseSurvey.take(address).findsParts)
        let store = try PostgreSQLStore(address)
        try await Self.fill(store)
        #expect(try await Self.found("PUMPS", in: store) == [2, 1])
        #expect(try await Self.found("umps", in: store) == [])
        #expect(try await store.problems() == [])
        await store.close()
        let server = ThrowawayPostgreSQL.shared
        try server.execute("CREATE EXTENSION pg_trgm WITH SCHEMA public", at: server.address(of: "maynot"))
        #expect(try await DatabaseSurvey.take(address).findsParts)
        let next = try PostgreSQLStore(address)
        #expect(try await Self.found("umps", in: next) == [2, 1, 0])
        await next.close()
    }
}
