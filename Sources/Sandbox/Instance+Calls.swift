import OnewayCore

extension Instance {
    mutating func token(_ call: RESTCall, now: Timestamp) -> Answer {
        guard call.method == "GET" || call.method == "POST" else {
            return Self.refused(400, "invalid_request", "Tokens are requested with GET or POST")
        }
        guard call.parameters["grant_type"] == "client_credentials" else {
            return Self.refused(400, "unsupported_grant_type", "grant_type must be client_credentials")
        }
        guard call.parameters["client_id"] == options.clientID else {
            return Self.refused(401, "unauthorized", "No client with requested id")
        }
        guard call.parameters["client_secret"] == options.clientSecret else {
            return Self.refused(401, "invalid_client", "Bad client credentials")
        }
        let token = tokens.give(now: now)
        return Answer(
            .plain([
                "access_token": .string(token.text), "token_type": "bearer", "expires_in": .int(token.secondsLeft),
                "scope": "sandbox@example.com",
            ])
        )
    }

    private static func refused(_ status: Int, _ error: String, _ description: String) -> Answer {
        Answer(.plain(["error": .string(error), "error_description": .string(description)]), status: status)
    }

    mutating func execute(_ call: RESTCall, _ number: Int, _ fault: Fault, now: Timestamp) -> Answer {
        if mode == .denied { return Answer(failed: MarketoFailure("603")) }
        do throws(MarketoFailure) {
            let operation = try Operation(call.method, call.path)
            if mode == .nativeSync, operation.isWriteOfCRMData { throw MarketoFailure("1018") }
            switch operation {
            case .describe(let kind): return Answer(.result(book.describe(kind)))
            case .describeLeads: return Answer(.result(book.describeLeadsTheOldWay()))
            case .query(let kind): return Answer(.page(try book.query(kind, call.query(), now: now)))
            case .lead(let id):
                let fields = call.parameters["fields"].map { $0.split(separator: ",").map(String.init) }
                return Answer(.result(.array(try book.lead(id: id, fields: fields))))
            case .sync(let kind):
                let request = try SyncRequest(call.json(), kind)
                let outcomes = try book.sync(kind, request, now: now, fault: Self.recordFault(fault))
                remember(kind, outcomes, isDeletion: false, number, fault, now: now)
                return Answer(.outcomes(outcomes, kind))
            case .delete(let kind):
                let request = try SyncRequest(deleting: call.json(), kind)
                let outcomes = book.delete(kind, request, fault: Self.recordFault(fault))
                remember(kind, outcomes, isDeletion: true, number, fault, now: now)
                return Answer(.outcomes(outcomes, kind))
            case .usage: return Answer(.result(usage(now: now)))
            case .errors: return Answer(.result(errors(now: now)))
            }
        } catch {
            return Answer(failed: error)
        }
    }

    private static func recordFault(_ fault: Fault) -> RecordFault {
        guard case .record(let code, let wanted, _) = fault.kind else { return { _ in nil } }
        return { key in wanted == nil || wanted == key ? MarketoFailure(code) : nil }
    }

    private mutating func remember(
        _ kind: MarketoKind,
        _ outcomes: [Outcome],
        isDeletion: Bool,
        _ number: Int,
        _ fault: Fault,
        now: Timestamp
    ) {
        for outcome in outcomes {
            guard let key = outcome.key else { continue }
            history.add(
                HistoryEntry(
                    at: now,
                    call: number,
                    kind: kind,
                    key: key,
                    state: isDeletion ? nil : outcome.sent,
                    status: outcome.status.rawValue,
                    isHeard: fault.isHeard
                )
            )
        }
    }

    /// This instance keeps no earlier days: the week is today's count.
    private func usage(now: Timestamp) -> JSON {
        [
            [
                "date": .string(String("\(now)".prefix(10))), "total": .int(throttle.today),
                "users": [["userId": "sandbox@example.com", "count": .int(throttle.today)]],
            ]
        ]
    }

    private func errors(now: Timestamp) -> JSON {
        let codes = measured.codes.sorted { $0.key < $1.key }
        return [
            [
                "date": .string(String("\(now)".prefix(10))), "total": .int(codes.reduce(0) { $0 + $1.value }),
                "errors": .array(codes.map { ["errorCode": .string($0.key), "count": .int($0.value)] }),
            ]
        ]
    }
}
