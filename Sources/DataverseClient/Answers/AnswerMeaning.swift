import HTTPClient
import OnewayCore

/// What an answer means for the call that it answers, and for all others.
enum AnswerMeaning: Sendable {
    case success
    /// No such row.
    case notFound
    /// The token is not accepted, and nothing was done.
    case tokenRefused
    /// Nobody may call for this many seconds.
    case pause(seconds: Int)
    case failure(DataverseFailure)

    /// Where Dynamics asks for a pause and does not say how long.
    static let pauseSeconds = 10
    /// No pause is believed to be longer.
    static let pauseSecondsMax = 3600

    init(_ answer: HTTPAnswer, table: String) {
        // A page of rows is large, and says nothing here.
        let root = 200..<300 ~= answer.status ? nil : try? JSONDocument(answer.body).root
        let error = root?["error"]
        let code = error?["code"]?.string?.lowercased() ?? ""
        let words = plainWords(error?["message"]?.string ?? "")
        switch answer.status {
        case 200...299: self = .success
        case 401: self = .tokenRefused
        case 404 where code == "0x80040217": self = .notFound
        case 429: self = .pause(seconds: Self.retryAfter(answer) ?? Self.pauseSeconds)
        case 503:
            self =
                Self.retryAfter(answer).map { .pause(seconds: $0) } ?? .failure(.unavailable("Dynamics gave HTTP 503"))
        case 500...:
            self = .failure(.unavailable("Dynamics gave HTTP \(answer.status)\(code.isEmpty ? "" : ", \(code)")"))
        default:
            guard error != nil else {
                self = .failure(.unavailable("HTTP \(answer.status) instead of an answer from Dynamics"))
                return
            }
            self = .failure(Self.refusal(code, words, table: table))
        }
    }

    private static func refusal(_ code: String, _ words: String, table: String) -> DataverseFailure {
        switch code {
        // Not a member of the organization; the user is disabled; it has no role at all.
        case "0x80072560", "0x80040225", "0x80042f09":
            return .unauthorized("Dynamics does not accept the application user: \(words)")
        case "0x80040220": return missingPrivilege(words, table: table)
        default: break
        }
        if let column = part(of: words, after: "Could not find a property named '", upTo: "'") {
            return .unknownColumn(logicalName(column), table: table)
        }
        if let table = part(of: words, after: "Resource not found for the segment '", upTo: "'") {
            return .unknownTable(table)
        }
        return .refused(code: code, words: words)
    }

    /// `… is missing prvReadOpportunity privilege on OTC=3 for entity 'opportunity' …`, or of one row
    /// `… AccessRights: ReadAccess …`.
    private static func missingPrivilege(_ words: String, table: String) -> DataverseFailure {
        let rights = ["Read", "Write", "Create", "Delete", "AppendTo", "Append", "Assign", "Share"]
        let named = part(of: words, after: "prv", upTo: " ") ?? part(of: words, after: "AccessRights: ", upTo: "Access")
        return .missingPrivilege(
            table: part(of: words, after: "for entity '", upTo: "'") ?? table,
            right: named.flatMap { name in rights.first { name.hasPrefix($0) } } ?? "",
            words: words
        )
    }

    private static func logicalName(_ property: String) -> String {
        guard property.hasPrefix("_"), property.hasSuffix("_value"), property.utf8.count > 7 else { return property }
        return String(property.dropFirst().dropLast("_value".count))
    }

    private static func part(of text: String, after start: String, upTo end: String) -> String? {
        guard let found = text.firstRange(of: start) else { return nil }
        let rest = text[found.upperBound...]
        return rest.firstRange(of: end).map { String(rest[..<$0.lowerBound]) }
    }

    /// In seconds, or as a date, which is measured by the answer's own.
    static func retryAfter(_ answer: HTTPAnswer) -> Int? {
        guard let text = answer.header("Retry-After") else { return nil }
        if let seconds = Int(text), seconds >= 0 { return min(seconds, pauseSecondsMax) }
        guard let until = httpDate(text), let now = answer.header("Date").flatMap(httpDate) else { return nil }
        return Int(max(0, min(until.second - now.second, Int64(pauseSecondsMax))))
    }
}

extension RequestBudget.Remaining {
    init(_ answer: HTTPAnswer) {
        self.init(
            requests: answer.header("x-ms-ratelimit-burst-remaining-xrm-requests").flatMap { Int($0) },
            executionSeconds: answer.header("x-ms-ratelimit-time-remaining-xrm-requests").flatMap { Self.seconds($0) }
        )
    }

    /// `1,199.48` as Dynamics writes it, or `1199`.
    private static func seconds(_ text: String) -> Int? {
        Double(text.filter { $0 != "," }).flatMap { Int(exactly: $0.rounded(.down)) }
    }
}
