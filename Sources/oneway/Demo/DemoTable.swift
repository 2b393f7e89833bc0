import OnewayCore
import Sandbox

/// Marketo's records, and the reasons for them: from Marketo's own book, with the service's reasons.
struct DemoTable {
    let book: MarketoBook
    /// The outbox items as the admin API returns them.
    let items: [JSONValue]

    var text: String {
        let companies = names("externalCompanyId", "company", of: .company)
        var lines = ["What Marketo holds, and why:"]
        for opportunity in book.all(.opportunity).map(Members.init) {
            let id = opportunity["externalOpportunityId"]
            lines += [
                "", "  \(opportunity["name"]): \(opportunity["stage"]), \(opportunity["amount"]), \(opportunity.state)",
            ]
            lines.append("    \(reason("opportunity", id, where: "R12"))")
            let company = opportunity["externalCompanyId"]
            let account = company.isEmpty ? "none" : companies[company] ?? ""
            lines.append("  account \(account.isEmpty ? company : account)")
            lines.append("    \(reason("opportunity", id))")
            for role in book.all(.role).map(Members.init) where role["externalOpportunityId"] == id {
                let primary = role["isPrimary"] == "true" ? ", primary" : ""
                lines.append("  role \(role["role"]) of lead \(role["leadId"])\(primary)")
                lines.append("    \(reason("role", "\(id)/", ending: "/\(role["role"])"))")
            }
        }
        return lines.joined(separator: "\n")
    }

    private func names(_ key: String, _ name: String, of kind: MarketoKind) -> [String: String] {
        Dictionary(book.all(kind).map(Members.init).map { ($0[key], $0[name]) }) { first, _ in first }
    }

    /// The first reason, or the first of a rule.
    private func reason(_ kind: String, _ key: String, ending: String = "", where rule: String? = nil) -> String {
        let item = items.first { item in
            let itsKey = item["key"]?.string ?? ""
            return item["kind"]?.string == kind && itsKey.hasPrefix(key) && itsKey.hasSuffix(ending)
        }
        let reasons = item?["reasons"]?.elements ?? []
        guard let reason = rule == nil ? reasons.first : reasons.first(where: { $0["rule"]?.string == rule }) else {
            return ""
        }
        return "\(reason["rule"]?.string ?? "") \(reason["says"]?.string ?? "")"
    }

    /// A Marketo record's members as text.
    struct Members {
        let root: JSONValue?

        init(_ record: JSON) { root = try? JSONDocument(record.encoded).root }

        subscript(name: String) -> String {
            guard let value = root?[name], !value.isNull else { return "" }
            return value.string ?? String(decoding: value.encoded, as: UTF8.self)
        }

        var state: String {
            switch (self["isClosed"], self["isWon"]) {
            case ("true", "true"): "won"
            case ("true", _): "lost"
            default: "open"
            }
        }
    }
}
