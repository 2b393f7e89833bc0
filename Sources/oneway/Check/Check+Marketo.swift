import Admin
import Configuration
import Forwarding
import OnewayCore

extension Check {
    /// Checks that Marketo is reachable, accepts the credentials, grants the permissions, and has the mapped fields.
    static let marketo: Section = { settings, _ in
        guard settings.marketo.isConnected else {
            let remedy =
                "set marketo.endpoint, clientId, and clientSecret; Admin > Web Services and LaunchPoint show them"
            return [.warns("marketo", "marketo.endpoint is not set: nothing is forwarded", remedy: remedy)]
        }
        let survey = await MarketoSurvey(settings.marketo)
        if case .failure(let trouble) = survey.callsToday, !trouble.isAnswer { return [away(trouble, settings)] }
        let says =
            "\(settings.marketo.endpoint) answers and issues a token (\(survey.callsMade) calls were made to check this;"
            + " Marketo counts them, the service's budget does not)"
        return [.passes("marketo", says), quota(survey, settings)] + permissions(survey, settings)
            + mapping(survey, settings) + leadField(survey, settings)
    }

    private static func away(_ trouble: MarketoSurvey.Trouble, _ settings: Configuration) -> CheckLine {
        let (name, says) = ("marketo", "\(settings.marketo.endpoint): \(trouble.message)")
        if trouble.code == "credentials" {
            let remedy = "compare marketo.clientId and clientSecret with the service's details in Admin > LaunchPoint"
            return .fails(name, says, remedy: remedy)
        }
        let remedy =
            "check marketo.endpoint (Admin > Web Services shows it), this network's access to the internet, and Marketo's status"
        return .fails(name, says, remedy: remedy)
    }

    private static func quota(_ survey: MarketoSurvey, _ settings: Configuration) -> CheckLine {
        let name = "quota"
        switch survey.callsToday {
        case .success(let used):
            let most = settings.marketo.callsPerDay
            let says = "\(used) calls were made today by all clients of Marketo's API; marketo.callsPerDay is \(most)"
            if used < most { return .passes(name, says) }
            let remedy = "Marketo may refuse more until its midnight (607): find out who calls, or buy more calls"
            return .warns(name, says, remedy: remedy)
        case .failure(let trouble):
            let says = "the number of calls left is unknown: \(trouble.code) \(trouble.message)"
            return .warns(name, says, remedy: "see Admin > Web Services for today's calls")
        }
    }

    // MARK: Permissions

    private static func permissions(_ survey: MarketoSurvey, _ settings: Configuration) -> [CheckLine] {
        let write = settings.marketo.lead.create || settings.rules.linkPeopleToCompany
        var lines = [RecordKind.opportunity, .role, .company, .salesPerson].compactMap { kind in
            survey.fields[kind].map { permission(kind.rawValue, kind.permission, $0.map { _ in () }) }
        }
        if let leads = survey.leads {
            let permission = write ? "Read-Write Person" : "Read-Only Person"
            lines.append(Self.permission("lead", permission, leads.map { _ in () }))
        }
        return lines
    }

    private static func permission(
        _ name: String,
        _ permission: String,
        _ told: MarketoSurvey.SurveyAnswer<Void>
    ) -> CheckLine {
        guard case .failure(let trouble) = told else {
            let rest =
                permission.hasPrefix("Read-Write") ? "; the first record shows whether it may be written too" : ""
            return .passes(name, "Marketo describes it\(rest)")
        }
        let says = "Marketo does not describe it: \(trouble.code) \(trouble.message)"
        guard trouble.code == "603" else {
            return .fails(name, says, remedy: "docs/operating.md explains the code")
        }
        let remedy =
            "Admin > Users & Roles > Roles: the API user's role needs Access API > \(permission)."
            + " If all are denied, check Marketo's list of allowed addresses too"
        return .fails(name, says, remedy: remedy)
    }

    // MARK: Fields

    private static func mapping(_ survey: MarketoSurvey, _ settings: Configuration) -> [CheckLine] {
        guard case .success(let fields)? = survey.fields[.opportunity] else { return [] }
        let misfits = MappingFit.misfits(settings, fields)
        if misfits.isEmpty {
            return [.passes("fields", "Marketo has every mapped field, with a matching type")]
        }
        return misfits.map {
            $0.isLost ? .fails("fields", $0.says, remedy: $0.remedy) : .warns("fields", $0.says, remedy: $0.remedy)
        }
    }

    private static func leadField(_ survey: MarketoSurvey, _ settings: Configuration) -> [CheckLine] {
        guard case .success(let fields)? = survey.leads else { return [] }
        let (name, field) = ("lead field", settings.marketo.lead.field)
        if fields.searchable.contains(field) { return [.passes(name, "leads can be found by \(field)")] }
        let others = fields.searchable.sorted().prefix(10).joined(separator: ", ")
        let says =
            fields.byName[field] == nil
            ? "Marketo's leads have no field \(field): no contact is found, and no role is created"
            : "Marketo cannot search leads by \(field): no contact is found, and no role is created"
        let known = fields.searchable.filter { $0.lowercased().hasPrefix("msft") }.sorted().joined(separator: ", ")
        let native = known.isEmpty ? "" : " (\(known): maintained by Marketo's own Dynamics sync)"
        let remedy =
            "create a custom lead field of type string, fill it with the contact's id, and name it in marketo.lead.field;"
            + " or choose one that leads can be searched by:  \(others)\(native)"
        return [.fails(name, says, remedy: remedy)]
    }
}

extension RecordKind {
    /// Marketo's name for the permission; roles share that of opportunities.
    fileprivate var permission: String {
        switch self {
        case .company: "Read-Write Company"
        case .opportunity, .role: "Read-Write Opportunity"
        case .person: "Read-Write Person"
        case .salesPerson: "Read-Write Sales Person"
        }
    }
}
