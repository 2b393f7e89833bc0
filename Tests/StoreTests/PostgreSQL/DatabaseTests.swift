import OnewayCore
import TestSupport
import Testing

@testable import Store

/// What is PostgreSQL's own: its tables, its texts, and what administrators get wrong.
@Suite struct DatabaseTests {
    @Test func theTablesAreThoseOfTheFile() async throws {
        try await withFixture(.sqlite) { fixture in
            await (try fixture.open()).close()
            let file = try Connection(path: fixture.path, .read)
            let names = try file.rows(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search_index%'",
                []
            ) { row in row.text(0) }
            var columns: [String: Set<String>] = [:]
            for name in names {
                columns[name] = Set(try file.rows("SELECT name FROM pragma_table_info('\(name)')", []) { $0.text(0) })
            }
            // Each writer of the database counts by itself.
            columns["counter"]?.insert("writer")
            try await withFixture(.postgreSQL) { fixture in
                await (try fixture.open()).close()
                let database = try DatabaseConnection(fixture.address, name: "test")
                let sql = """
                    SELECT table_name::text, column_name::text FROM information_schema.columns
                    WHERE table_schema = current_schema() AND table_name NOT IN ('term', 'replica', 'schema_version')
                    """
                var found: [String: Set<String>] = [:]
                for (table, column) in try database.rows(sql, [], read: { ($0.text(0), $0.text(1)) }) {
                    found[table, default: []].insert(column)
                }
                #expect(found == columns)
            }
        }
    }

    @Test func textsMayHoldAnyCharacter() async throws {
        let texts = ["", "a\u{0}b", "\u{1}", "\u{0}\u{1}\u{2}", "10", "é\u{10FFFF}", "\u{1}0"]
        for text in texts { #expect(NoZero.restore(NoZero.escape(text)) == text) }
        let sorted = texts.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
        let escaped = texts.sorted { NoZero.escape($0).lexicographicallyPrecedes(NoZero.escape($1)) }
        #expect(sorted == escaped)
        try await withStore(.postgreSQL) { store in
            let leads = texts.map { RememberedLead($0, id: 1, askedAt: 2) }
            try await store.leader.remember(leads)
            #expect(Set(try await store.leads(texts).keys) == Set(texts))
        }
    }

    @Test func namesAreOrderedByTheirBytes() async throws {
        try await withStore(.postgreSQL) { store in
            try await store.apply {
                $0.records = ["b", "a b", "ab", "a-b", "aé", "az"].enumerated().map { number, name in
                    (.sample(.opportunity, number, name: name), [])
                }
            }
            let found = try await store.find("a", limit: 9)
            #expect(found == [1, 3, 2, 4, 5].map { RecordKey(.opportunity, .sample($0)) })
        }
    }

    @Test func whatAnAdministratorGotWrongIsSaid() async throws {
        let server = ThrowawayPostgreSQL.shared
        let address = try server.address()
        let base = String(address.prefix { $0 != "?" })
        func says(_ address: String) -> String {
            do {
                _ = try PostgreSQLStore(DatabaseAddress(address))
                return "all is well"
            } catch { return error.description }
        }
        try server.execute("CREATE ROLE weak LOGIN", at: base)
        let weak = address.replacing("oneway@", with: "weak@")
        #expect(says(weak).contains("a right is missing") || says(weak).contains("no schema"))
        try server.execute(
            "CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0 LOCALE_PROVIDER libc",
            at: base
        )
        #expect(says(base.replacing("/postgres", with: "/ascii")).contains("ENCODING 'UTF8'"))
        #expect(says(base.replacing("/postgres", with: "/none")).contains("does not exist"))
        #expect(says("postgresql://[").contains("cannot be read") && DatabaseAddress("postgresql://[").problem != nil)
        #expect(says(address + "&sslmode=require").contains("SSL"))
        let later = address
        await (try PostgreSQLStore(DatabaseAddress(later))).close()
        try server.execute("UPDATE schema_version SET version = 99, oldest = 99", at: later)
        #expect(says(later).contains("newer-schema"))
        let readOnly = try server.address() + "%20-cdefault_transaction_read_only%3Don"
        #expect(says(readOnly).contains("read-only"))
    }

    @Test func whatWasWrittenIsReadBesideTheService() async throws {
        try await withFixture(.postgreSQL) { fixture in
            let error = #expect(throws: StoreError.self) { _ = try PostgreSQLStore(reading: fixture.address) }
            #expect(error?.detail.contains("has no tables") == true)
            let store = try fixture.open()
            let id = try await store.store(.sample(1))
            let reader = try PostgreSQLStore(reading: fixture.address)
            #expect(try await reader.inboxItem(id)?.id == id)
            #expect(try await reader.status().unapplied == 1)
            await #expect(throws: StoreError.self) { try await reader.setPause(since: 1) }
            await #expect(throws: StoreError.self) { _ = try await reader.lead() }
            await reader.close()
            await store.close()
        }
    }

    @Test func moreAndLargerBodiesThanOnePageHolds() async throws {
        try await withStore(.postgreSQL) { store in
            // Bytes that hardly compress.
            var random = Seeded(7)
            for number in 0..<24 {
                let body = String(
                    (0..<400_000).map { _ in "0123456789abcdefghijklmnopqrstuv".randomElement(using: &random) ?? "0" }
                )
                _ = try await store.store(.sample(number, body: body))
            }
            let all = try await store.unapplied(limit: 1_000, bytesMax: .max)
            #expect(all.count == 24 && all.allSatisfy { $0.body.count == 400_000 })
            #expect(try await store.unapplied(limit: 1_000, bytesMax: 900_000).count == 3)
        }
    }
}
