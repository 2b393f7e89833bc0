import Alerting
import OnewayCore
import Store

extension HealthWatch {
    /// The verdict now, for programs.
    func json() async throws(StoreError) -> JSON {
        let verdict = await look()
        let hasSamples = verdict.causes.contains { $0.cause == .missingLeads }
        return verdict.json(lookedUp: hasSamples ? try await subjects.lookedUp() : [])
    }
}

extension Verdict {
    /// `lookedUp` belongs to missing leads.
    func json(lookedUp: [String]) -> JSON {
        [
            "level": .string(level.rawValue), "code": .string(code), "sentence": .string(sentence),
            "since": .string("\(since)"),
            "causes": .array(
                causes.map { standing in
                    standing.json(lookedUp: standing.cause == .missingLeads ? lookedUp : nil)
                }
            ),
        ]
    }
}

extension Verdict.Standing {
    func json(lookedUp: [String]? = nil) -> JSON {
        let known: [JSON.Member] = [
            .init("level", .string(cause.level.rawValue)), .init("code", .string(cause.rawValue)),
            .init("sentence", .string(symptom.sentence)), .init("remedy", .optional(symptom.remedy)),
            .init("since", .string("\(since)")),
        ]
        return .object(known + (lookedUp.map { [.init("lookedUp", .array($0.map(JSON.string)))] } ?? []))
    }
}

extension Alerter.Status {
    var json: JSON {
        [
            "state": .string(trouble == nil ? "ok" : "failing"), "waiting": .int(waiting), "failures": .int(failures),
            "message": .optional(trouble),
        ]
    }
}
