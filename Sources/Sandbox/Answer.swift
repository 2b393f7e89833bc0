import HTTPServer
import OnewayCore

/// The answer to a call, before it is encoded.
struct Answer: Sendable {
    enum Content: Sendable {
        case failed([MarketoFailure])
        case outcomes([Outcome], MarketoKind)
        case page(Page)
        case result(JSON)
        /// Not in Marketo's envelope.
        case plain(JSON)
        case raw([UInt8], type: String)
        case cut
    }

    var content: Content
    var status = 200
    var delaySeconds = 0.0
    var codesAreNumbers = false
    var isCodeInErrors = false
    /// The number of results left out at the end.
    var short = 0

    init(_ content: Content, status: Int = 200) {
        self.content = content
        self.status = status
    }

    init(failed failure: MarketoFailure) { self.init(.failed([failure])) }

    var isCut: Bool {
        if case .cut = content { true } else { false }
    }

    var codes: [String] {
        switch content {
        case .failed(let failures): failures.map(\.code)
        case .outcomes(let outcomes, _): outcomes.flatMap { $0.reasons.map(\.code) }
        default: []
        }
    }

    func response(requestID: String) -> Response {
        switch content {
        case .cut: .cut
        case .raw(let bytes, let type): Response(status: status, headers: [("Content-Type", type)], body: bytes)
        case .plain(let json): .json(json, status)
        case .failed(let failures):
            envelope(requestID, false, [.init("errors", .array(failures.map(json)))])
        case .outcomes(let outcomes, let kind):
            envelope(
                requestID,
                true,
                [.init("result", .array(outcomes.enumerated().dropLast(short).map { json($0, $1, kind) }))]
            )
        case .page(let page):
            envelope(
                requestID,
                true,
                (page.next.map { [.init("nextPageToken", .string($0))] } ?? []) + [
                    .init("result", .array(page.items.dropLast(short))), .init("moreResult", .bool(page.next != nil)),
                ]
            )
        case .result(let result): envelope(requestID, true, [.init("result", result)])
        }
    }

    private func envelope(_ requestID: String, _ success: Bool, _ members: [JSON.Member]) -> Response {
        .json(.object([.init("requestId", .string(requestID)), .init("success", .bool(success))] + members), status)
    }

    private func json(_ failure: MarketoFailure) -> JSON {
        let code: JSON =
            codesAreNumbers ? Int(failure.code).map(JSON.int) ?? .string(failure.code) : .string(failure.code)
        return ["code": code, "message": .string(failure.message)]
    }

    /// Leads are not numbered.
    private func json(_ index: Int, _ outcome: Outcome, _ kind: MarketoKind) -> JSON {
        var members: [JSON.Member] = []
        if let id = outcome.id { members.append(id) }
        if kind != .lead { members.insert(.init("seq", .int(index)), at: 0) }
        members.append(.init("status", .string(outcome.status.rawValue)))
        if !outcome.reasons.isEmpty {
            members.append(.init(isCodeInErrors ? "errors" : "reasons", .array(outcome.reasons.map(json))))
        }
        return .object(members)
    }
}

extension Response {
    static func json(_ json: JSON, _ status: Int = 200) -> Response {
        Response(status: status, headers: [("Content-Type", "application/json;charset=UTF-8")], body: json.encoded)
    }
}
