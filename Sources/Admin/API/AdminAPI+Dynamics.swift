import Applying
import Completing
import Coordination
import DataverseClient
import HTTPServer
import Intake
import Loading
import OnewayCore
import Reading
import Store

// The connection to Dynamics: its state, what was asked, and asking now.
extension AdminAPI {
    /// How long a refresh waits for Dynamics' answers.
    static let refreshSeconds = 10

    /// Null where Dynamics cannot be asked.
    static func dynamics(_ completer: Completer?, _ store: any Store) async throws(StoreError) -> JSON {
        guard let completer else { return .null }
        let open = try await store.status().questions
        let (state, message): (String, String?) =
            switch completer.condition {
            case .starting: ("starting", nil)
            case .ok: ("ok", nil)
            case .failing(let failure): ("failing", failure.says)
            }
        return ["state": .string(state), "message": .optional(message), "open": .int(open)]
    }

    /// What Dynamics has beside what is known here and what Marketo holds.
    func coverage(_ status: StoreStatus) async throws(StoreError) -> JSON {
        let counted = try await store.note(OpportunityCount.note).flatMap(OpportunityCount.init)
        let pending = status.outbox[.opportunity]?[.pending] ?? 0
        let waits = try await store.outboxGroups().filter { $0.key.kind == .opportunity }.map { group -> JSON in
            ["state": .string(group.key.stage.rawValue), "for": .string(group.key.why), "count": .int(group.count)]
        }
        return [
            "dynamics": counted.map { .int($0.count) } ?? .null, "asOf": .optional(counted.map { "\($0.at)" }),
            "known": .int(status.opportunitiesKnown), "marketo": .int(status.opportunitiesHeld),
            "pending": .int(pending), "waits": .array(waits),
        ]
    }

    /// Has an opportunity and all it depends on read from Dynamics, and waits a little for the answers.
    func refresh(_ text: String) async throws -> Response {
        guard let id = GUID(text) else { throw Problem(.badRequest, "The opportunity's id is not a GUID.") }
        let (reads, isDone) = try await read { try await explainer.projector.dependencies(of: id) }
        return Response(status: isDone ? 200 : 202, json: ["opportunity": .string("\(id)"), "reads": reads])
    }

    /// The most records that one request has read.
    static let recordsMax = 1_000

    /// Has single records read, whatever refers to them, and waits a little for the answers.
    func refresh(_ body: AdminBody) async throws -> Response {
        let records = try body.records(Self.recordsMax)
        let (reads, isDone) = try await read { records }
        return Response(status: isDone ? 200 : 202, json: ["reads": reads])
    }

    private func read(_ needed: () async throws -> [RecordKey]) async throws -> (reads: JSON, isDone: Bool) {
        guard connections.dynamics else {
            throw Problem(.notFound, "dynamics.webApi is not set: Dynamics cannot be asked.")
        }
        let began = now()
        leading()?.completer?.retryNow()
        let answered = store.signal(.questions)
        let limit = TimeSource.systemNow().adding(seconds: Self.refreshSeconds)
        var keys: Set<RecordKey> = []
        while true {
            let seen = answered.count
            // An answer may name records that were not known before.
            let new = Set(try await needed()).subtracting(keys)
            if !new.isEmpty {
                try await store.ask(Dictionary(uniqueKeysWithValues: new.map { ($0, .refresh) }), now: began)
                keys.formUnion(new)
            }
            let questions = try await store.questions(keys.sorted())
            let isDone = questions.allSatisfy { !$0.isOpen } && new.isEmpty
            if isDone || TimeSource.systemNow() >= limit {
                return (.array(questions.sorted { $0.key < $1.key }.map(\.json)), isDone)
            }
            await answered.wait(after: seen, until: limit, .system)
        }
    }

    /// What was, or is to be, asked about an opportunity.
    func reads(of id: GUID) async throws(StoreError) -> [Question] {
        try await store.questions(try await explainer.projector.dependencies(of: id)).sorted { $0.key < $1.key }
    }
}

extension Question {
    var json: JSON {
        [
            "entity": .string(key.entity.rawValue), "record": .string("\(key.id)"), "reason": .string(reason.rawValue),
            "askedAt": .optional(askedAt.map { "\($0)" }), "answer": .optional(answer),
            "nextAt": .optional(nextAt.map { "\($0)" }),
        ]
    }
}

extension AdminBody {
    /// `records`: those that are to be read.
    fileprivate func records(_ most: Int) throws(Problem) -> [RecordKey] {
        let elements = self["records"]?.elements ?? []
        let keys = elements.compactMap { element -> RecordKey? in
            guard let entity = element["entity"]?.string.flatMap(Entity.init(rawValue:)),
                let id = element["record"]?.string.flatMap({ GUID($0) }), element.members.count == 2
            else { return nil }
            return RecordKey(entity, id)
        }
        guard self["records"]?.isArray == true, 1...most ~= elements.count, keys.count == elements.count else {
            let example = #"{"entity": "contact", "record": "<the contact's id>"}"#
            throw Problem(.badRequest, "records is a list of 1 to \(most) such as \(example).")
        }
        return keys
    }
}
