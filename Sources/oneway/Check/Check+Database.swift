import Configuration
import Store

extension Check {
    static func database(_ address: Secret, isFull: Bool) async -> [CheckLine] {
        let name = "store"
        do throws(StoreError) {
            let address = DatabaseAddress(address.reveal())
            let survey = try await DatabaseSurvey.take(address)
            let connections = connections(survey.connectionsMax, reserved: survey.connectionsReserved)
            let lines = [durability(survey), connections, search(survey)].compactMap(\.self)
            let server = "PostgreSQL \(survey.server)"
            if survey.schema < PostgreSQLStore.schemaVersion, !survey.mayCreate {
                let remedy = "GRANT CREATE ON SCHEMA ... TO the user of the address"
                return [.fails(name, "\(server): the user may not create tables", remedy: remedy)] + lines
            }
            if survey.schema == 0 {
                return [.passes(name, "\(server) has no tables of Oneway yet; the service creates them")] + lines
            }
            let store = try PostgreSQLStore(reading: address)
            let problems = isFull ? try await store.problems() : []
            await store.close()
            if let first = problems.first {
                return [.fails(name, "\(server): \(first)", remedy: "keep a copy, restore the last backup")] + lines
            }
            let depth = isFull ? ", counted and intact" : "; --full counts all rows"
            return [.passes(name, "\(server) can be read and written, schema \(survey.schema)\(depth)")] + lines
        } catch  where error.kind == .olderSchema {
            let remedy = "make a copy first: the older version cannot read it afterwards"
            return [.warns(name, "\(error.detail); the service upgrades it when it starts", remedy: remedy)]
        } catch {
            let remedy =
                error.kind == .newerSchema
                ? "a newer version of Oneway wrote it: run that version"
                : "check the address, the user's rights, and the server"
            return [.fails(name, "\(error)", remedy: remedy)]
        }
    }

    private static func durability(_ survey: DatabaseSurvey) -> CheckLine? {
        if survey.isDurable { return nil }
        return .fails(
            "durability",
            "PostgreSQL runs with fsync=off: a crash loses what was acknowledged",
            remedy: "fsync=on"
        )
    }

    private static func search(_ survey: DatabaseSurvey) -> CheckLine? {
        if survey.findsParts { return nil }
        return .warns(
            "search",
            "only beginnings of names are found: PostgreSQL's extension pg_trgm is not there",
            remedy: "CREATE EXTENSION pg_trgm in this database, as one who may, then restart the service"
        )
    }

    /// For three replicas, one more during an update, and those that PostgreSQL keeps for others.
    static func connections(_ max: Int64, reserved: Int64) -> CheckLine? {
        let replicas: Int64 = 3
        let needed = DatabaseSurvey.connectionsOfReplica * (replicas + 1) + reserved
        if max >= needed { return nil }
        return .warns(
            "connections",
            "PostgreSQL admits \(max) connections; \(replicas) replicas, one more during an update, and the \(reserved)"
                + " that it reserves need \(needed)",
            remedy: "raise max_connections"
        )
    }
}
