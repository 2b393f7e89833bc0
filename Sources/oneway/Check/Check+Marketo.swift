import Admin
import Configuration
import Forwarding
import OnewayCore

extension Check {
    /// Reached, let in, permitted, and able to hold what the mapping sends.
    static let marketo: Section = { settings, _ in
        guard settings.marketo.isConnected else {
            let remedy = "marketo.endpoint, clientId, and clientSecret: Admin > Web Services and LaunchPoint show them"
            return [.warns("marketo", "marketo.endpoint is not set: nothing is forwarded", remedy: remedy)]
        }
        let survey = await MarketoSurvey(settings.marketo)
        if case .failure(let trouble) = survey.callsToday, !trouble.isAnswer { return [away(trouble, settings)] }
        let says =
            "\(settings.marketo.endpoint) answers and gives a token (\(MarketoSurvey.callsMade) calls were made to see this;"
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
            "see marketo.endpoint (Admin > Web Services shows it), the way out of this network, and Marketo's status"
        return .fails(name, says, remedy: remedy)
    }

    private static func quota(_ survey: MarketoSurvey, _ settings: Configuration) -> CheckLine {
        let name = "quota"
        switch survey.callsToday {
        case .success(let used):
            let most = settings.marketo.callsPerDay
            let says = "\(used) calls were made today by all who use Marketo's API; marketo.callsPerDay is \(most)"
            if used < most { return .passes(name, says) }
            let remedy = "Marketo may refuse more until its midnight (607): see who calls, or buy more calls"
            return .warns(name, says, remedy: remedy)
        case .failure(let trouble):
            let says = "how many calls are left is not told: \(trouble.code) \(trouble.message)"
            return .warns(name, says, remedy: "see Admin > Web Services for today's calls")
        }
    }

    // MARK: Permissions

    private static func permissions(_ survey: MarketoSurvey, _ settings: Configuration) -> [CheckLine] {
        let write = settings.marketo.lead.create
        var lines = [RecordKind.opportunity, .role, .company].compactMap { kind in
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
                permission.hasPrefix("Read-Write") ? "; whether it may be written too, the first record shows" : ""
            return .passes(name, "Marketo describes it to us\(rest)")
        }
        let says = "Marketo does not describe it to us: \(trouble.code) \(trouble.message)"
        guard trouble.code == "603" else {
            return .fails(name, says, remedy: "docs/operating.md tells what the code means")
        }
        let remedy =
            "Admin > Users & Roles > Roles: the API user's role needs Access API > \(permission)."
            + " Where all are denied, see Marketo's list of allowed addresses too"
        return .fails(name, says, remedy: remedy)
    }

    // MARK: Fields

    private static func mapping(_ survey: MarketoSurvey, _ settings: Configuration) -> [CheckLine] {
        guard case .success(let fields)? = survey.fields[.opportunity] else { return [] }
        let misfits = MappingFit.misfits(settings, fields)
        if misfits.isEmpty {
            return [.passes("fields", "Marketo has every field that the mapping fills, of a fitting type")]
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
            ? "Marketo's leads have no field \(field): no contact is found, and no role is given"
            : "Marketo does not let leads be found by \(field): no contact is found, and no role is given"
        let known = fields.searchable.filter { $0.lowercased().hasPrefix("msft") }.sorted().joined(separator: ", ")
        let native = known.isEmpty ? "" : " (\(known): kept by Marketo's own Dynamics sync)"
        let remedy =
            "create a custom lead field of type string, fill it with the contact's id, and name it in marketo.lead.field;"
            + " or choose one by which leads are found here: \(others)\(native)"
        return [.fails(name, says, remedy: remedy)]
    }
}

extension RecordKind {
    /// What Marketo calls the permission; roles are under that of opportunities.
    fileprivate var permission: String {
        switch self {
        case .company: "Read-Write Company"
        case .opportunity, .role: "Read-Write Opportunity"
        }
    }
}
