import Applying
import Forwarding
import HTTPServer
import Intake
import OnewayCore
import Reading
import Store

// The state of Marketo, the calls left today, and whether forwarding is paused.
extension AdminAPI {
    static func marketo(_ forwarding: Forwarding?) -> JSON {
        guard let status = forwarding?.gate.status else {
            return .marketo("stopped", DeliveryTrouble(code: "not-configured", message: "marketo.endpoint is not set"))
        }
        if let since = status.pausedSince {
            return .marketo("paused", DeliveryTrouble(code: "paused", message: "by an operator since \(since)"))
        }
        return switch status.condition {
        case .ok: .marketo("ok", nil)
        case .backingOff(let trouble): .marketo("backing-off", trouble)
        case .stopped(let trouble): .marketo("stopped", trouble)
        }
    }

    static func budget(_ status: CallGate.Status?, _ now: Timestamp) -> JSON {
        [
            "usedToday": .int(status?.usedToday ?? 0), "leftToday": .int(status?.leftToday ?? 0),
            "resetsAt": .string("\(CallBudget.resetsAt(now))"),
        ]
    }

    /// Warnings about the whole, which no single record shows.
    func warnings() async throws(StoreError) -> [String] {
        let synchronous = traffic.synchronousStepAt.map { time in
            """
            A synchronous step sends data (last \(Wording.absolute(time))): while Oneway cannot be reached, nobody can save in \
            Dynamics. Register data steps as asynchronous.
            """
        }
        return [synchronous, try await warningOfPeople(), try await warningOfErasures()].compactMap(\.self)
            + warningsOfMarketo
    }

    private func warningOfPeople() async throws(StoreError) -> String? {
        if !connections.marketo || connections.dynamics { return nil }
        return try await UnknownCustomers(in: store).says.map { unknown in
            """
            \(unknown), so their opportunities are sent without it: import accounts with `oneway import`, or save the contacts \
            in Dynamics.
            """
        }
    }

    private func warningOfErasures() async throws(StoreError) -> String? {
        let waiting = try await Erasing.atMarketo(in: store)
        if waiting.isEmpty { return nil }
        let refused = waiting.reduce(0) { $0 + $1.refused }
        let why =
            refused == 0
            ? "" : ", which refuses to delete \(Wording.count(refused, "role")): `oneway parked`, then `oneway retry`"
        return "\(Wording.count(waiting.count, "erasure waits", "erasures wait")) for Marketo\(why)"
    }

    private var warningsOfMarketo: [String] {
        guard connections.marketo else {
            return ["marketo.endpoint is not set: the outbox fills, and nothing is forwarded"]
        }
        guard let forwarding = leading()?.forwarding else { return [] }
        return forwarding.fields.leftOut.map { kind, names in
            "Marketo does not accept these fields of a \(kind.rawValue), so they are left out: \(names.joined(separator: ", "))"
        }
    }

    /// Pauses or resumes forwarding, and returns since when it is paused.
    func pause(_ isPaused: Bool) async throws -> Timestamp? {
        guard connections.marketo else { throw Problem(.notFound, "marketo.endpoint is not set.") }
        let since = isPaused ? try await store.orders().pausedSince ?? now() : nil
        try await store.setPause(since: since)
        try await leading()?.forwarding?.forwarder.obeyOrders()
        return since
    }

    /// Forwarding only: notifications are still accepted.
    func setPaused(_ isPaused: Bool) async throws -> Response {
        let since = try await pause(isPaused)
        return Response(
            status: 200,
            json: ["paused": .bool(since != nil), "since": .optional(since.map { "\($0)" })]
        )
    }
}

extension JSON {
    static func marketo(_ state: String, _ trouble: DeliveryTrouble?) -> JSON {
        ["state": .string(state), "code": .optional(trouble?.code), "message": .optional(trouble?.message)]
    }
}
