import Configuration
import DataverseClient
import OnewayCore

extension Check {
    /// Checks that Dynamics is reachable, accepts the credentials, and lets every table be read with all its columns.
    static let dynamics: Section = { settings, options in
        guard let webApi = settings.dynamics.webApi, let client = DynamicsSurvey.client(settings) else {
            let remedy = "complete dynamics.webApi: docs/dynamics.md"
            return options.isRepairing
                ? [.fails("dynamics", "--repair needs a connection to Dynamics", remedy: remedy)] : []
        }
        let survey = await DynamicsSurvey(settings, client)
        switch survey.identity {
        case .failure(let failure): return [unreachable(failure, webApi)]
        case .success(let identity):
            let says = "\(webApi.url) answers; the organisation is \(identity.organization)"
            return [.passes("dynamics", says)] + clock(identity) + survey.tables.flatMap(lines)
                + (survey.roles.map { [roles($0, settings)] } ?? []) + (await webhook(client, settings, options))
        }
    }

    private static func unreachable(_ failure: DataverseFailure, _ webApi: Configuration.WebApi) -> CheckLine {
        let (name, says) = ("dynamics", "\(webApi.url): \(failure.says)")
        switch failure {
        case .unauthorized:
            let remedy =
                "compare dynamics.webApi.tenant, clientId, and clientSecret with the app registration in Entra ID; in the"
                + " Power Platform admin centre, the environment needs an application user for it, with a security role"
            return .fails(name, says, remedy: remedy)
        case .throttled:
            let remedy = "wait; if it stays so, find out which other integration uses the same application user"
            return .fails(name, says, remedy: remedy)
        default:
            let remedy = "check dynamics.webApi.url and this network's access to the internet"
            return .fails(name, says, remedy: remedy)
        }
    }

    /// Beyond this, the order of a reading and a change would often be misjudged by whoever compares the logs.
    static let clockSecondsMax: Int64 = 5

    private static func clock(_ identity: DataverseIdentity) -> [CheckLine] {
        guard let seconds = identity.clockDifferenceSeconds else { return [] }
        if abs(seconds) <= clockSecondsMax {
            return [.passes("clock", "agrees with Dynamics' to \(clockSecondsMax) seconds")]
        }
        let says = "Dynamics' clock is \(abs(seconds)) seconds \(seconds > 0 ? "ahead of" : "behind") this machine's"
        return [.warns("clock", says, remedy: "synchronise this machine's clock (NTP)")]
    }

    private static func lines(_ table: DynamicsSurvey.Table) -> [CheckLine] {
        let name = table.entity.rawValue
        switch table.outcome {
        case .failure(let failure): return [unreadable(name, failure)]
        case .success(let definition):
            var lines = [readable(definition)]
            if !table.missing.isEmpty {
                let says = "Dynamics has no column \(table.missing.joined(separator: ", ")) that can be read"
                let remedy = "correct the name in the configuration; logical names are in lower case"
                lines.append(.fails(name, says, remedy: remedy))
            }
            return lines
        }
    }

    private static func readable(_ table: TableDefinition) -> CheckLine {
        let name = table.entity.rawValue
        guard table.entity.isReported else { return .passes(name, "can be read") }
        if table.tracksChanges { return .passes(name, "can be read, and Dynamics tracks its changes") }
        let remedy =
            "in Power Apps, Tables > \(table.label ?? name) > Properties > Advanced options,"
            + " switch on Track changes (it cannot be switched off again)"
        return .warns(name, "can be read, but Dynamics does not track its changes", remedy: remedy)
    }

    private static func unreadable(_ name: String, _ failure: DataverseFailure) -> CheckLine {
        guard case .missingPrivilege(let table, let right, _) = failure, !table.isEmpty, !right.isEmpty else {
            return .fails(
                name,
                "cannot be read: \(failure.says)",
                remedy: "try again; the Power Platform admin centre shows Dynamics' health"
            )
        }
        let remedy = "give the application user's security role the right \(right) on \(table), at organisation level"
        return .fails(name, "cannot be read: \(failure.says)", remedy: remedy)
    }

    private static func roles(_ outcome: DataverseOutcome<[ConnectionRole]>, _ settings: Configuration) -> CheckLine {
        let name = "connectionrole"
        switch outcome {
        case .failure(let failure): return unreadable(name, failure)
        case .success(let roles):
            let known = Set(roles.map { "\($0.id)" })
            let unknown = settings.rules.roleNames.keys.filter { !known.contains($0) }.sorted()
            if unknown.isEmpty { return .passes(name, "\(roles.count) roles can be read") }
            let says = "rules.roleNames names \(unknown.joined(separator: ", ")), and Dynamics has no such active role"
            return .warns(name, says, remedy: "roles have other ids in every environment: look them up in this one")
        }
    }
}
