/// Marketo's answer, read strictly: it reports failures inside answers that look like success, on two levels.
public struct MarketoAnswer: Sendable {
    /// Why the whole call, or one record, was refused.
    public struct Complaint: Hashable, Sendable {
        /// As text, whether received as a string or as a number.
        public let code: String
        public let message: String
    }

    /// One element of the result list.
    public struct Result: Sendable {
        public let status: String?
        public let complaints: [Complaint]
        /// The position in the input that Marketo assigns to it.
        public let sequence: Sequence
        /// The whole element.
        public let fields: JSONValue

        public enum Sequence: Hashable, Sendable {
            case none
            case at(Int)
            case unreadable
        }
    }

    /// The body is not an answer from Marketo: the result of the call is unknown. Contains none of its text.
    public struct Unreadable: Error, Hashable, Sendable, CustomStringConvertible {
        public let says: String

        public init(says: String) { self.says = says }

        public var description: String { says }
    }

    public let requestID: String?
    /// Marketo reports success, and no error apart from those of single records.
    public let isSuccess: Bool
    public let complaints: [Complaint]
    public let results: [Result]
    /// To be sent with the same query again, for the results that did not fit.
    public let nextPage: String?

    public init(_ body: [UInt8]) throws(Unreadable) {
        let root: JSONValue
        do { root = try JSONDocument(body).root } catch {
            throw Unreadable(says: "the answer is not JSON (\(error))")
        }
        guard let success = root["success"]?.bool else {
            throw Unreadable(says: "the answer does not say whether the call succeeded")
        }
        requestID = root["requestId"]?.string
        complaints = try Self.list("errors", in: root).map(Complaint.init)
        results = try Self.list("result", in: root).map(Result.init)
        isSuccess = success && complaints.isEmpty
        let page = root["nextPageToken"]?.string ?? ""
        let isLast = page.isEmpty || results.isEmpty || root["moreResult"]?.bool == false
        nextPage = isLast ? nil : page
    }

    /// Absent and null count as empty.
    private static func list(_ name: String, in root: JSONValue) throws(Unreadable) -> [JSONValue] {
        guard let value = root[name], !value.isNull else { return [] }
        guard value.isArray else { throw Unreadable(says: "`\(name)` in the answer is not a list") }
        return value.elements
    }
}

extension MarketoAnswer.Complaint {
    /// They are stored and shown, so their length is limited.
    static let codeCharactersMax = 20
    static let messageCharactersMax = 1000

    /// A complaint without a code still counts as one.
    init(_ value: JSONValue) {
        let code = value["code"]?.string ?? value["code"]?.number ?? ""
        let message = value["message"]?.string ?? value.string ?? ""
        self.code = String(code.prefix(Self.codeCharactersMax))
        self.message = String(message.prefix(Self.messageCharactersMax))
    }
}

extension MarketoAnswer.Result {
    init(_ value: JSONValue) {
        status = value["status"]?.string
        complaints = (value["reasons"]?.elements ?? []).map(MarketoAnswer.Complaint.init)
        sequence = value["seq"].map { $0.int.map(Sequence.at) ?? .unreadable } ?? .none
        fields = value
    }
}
