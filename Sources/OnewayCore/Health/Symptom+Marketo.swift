// What keeps records from Marketo.
extension Symptom {
    static func ofMarketo(_ facts: HealthFacts) -> [Symptom] {
        if !facts.isLed {
            return [
                Symptom(
                    .noLeader,
                    "Nothing goes to Marketo: no replica leads at this moment.",
                    "One takes over within seconds. If none does, the logs of the replicas say why."
                )
            ]
        }
        guard let marketo = facts.marketo else {
            return [
                Symptom(
                    .notConfigured,
                    "Nothing goes to Marketo: it is not configured.",
                    "Notifications are accepted and kept. \(Remedy.of("not-configured").remedy)"
                )
            ]
        }
        var found = access(marketo)
        if marketo.pausedSince != nil {
            found.append(
                Symptom(.paused, "Nothing goes to Marketo: an operator paused it.", Remedy.of("paused").remedy)
            )
        }
        if marketo.leftToday == 0 {
            found.append(
                Symptom(
                    .budgetUsedUp,
                    "Nothing goes to Marketo: today's calls are used up.",
                    "Forwarding resumes at \(Wording.absolute(marketo.resetsAt)). marketo.callsPerDay sets the limit."
                )
            )
        } else if marketo.leftToday < marketo.usedToday / 9 {
            found.append(
                Symptom(
                    .budgetLow,
                    "Less than a tenth of today's calls to Marketo is left.",
                    "They reset at \(Wording.absolute(marketo.resetsAt)). marketo.callsPerDay sets the limit."
                )
            )
        }
        return found
    }

    /// The last real call says more than a probe.
    private static func access(_ marketo: HealthFacts.Marketo) -> [Symptom] {
        switch marketo.condition {
        case .stopped(let trouble):
            let remedy = Remedy.of(trouble.code)
            return [
                Symptom(
                    .marketoStopped,
                    "Nothing goes to Marketo: \(remedy.means.lowercasedFirst) (\(trouble.code)).",
                    remedy.remedy
                )
            ]
        case .backingOff(let trouble): return [away(trouble)]
        case .ok: break
        }
        switch marketo.probe {
        case .none, .passed: return []
        case .away(let trouble): return [away(trouble)]
        case .denied(let trouble, let what):
            let remedy = Remedy.of(trouble.code)
            let asked = what.map { ", when asked about \($0)" } ?? ""
            return [
                Symptom(
                    .marketoDenied,
                    "Nothing can go to Marketo: \(remedy.means.lowercasedFirst) (\(trouble.code)\(asked)).",
                    remedy.remedy
                )
            ]
        }
    }

    private static func away(_ trouble: DeliveryTrouble) -> Symptom {
        let remedy = Remedy.of(trouble.code)
        return Symptom(
            .marketoAway,
            "Marketo has a problem: \(remedy.means.lowercasedFirst) (\(trouble.code)).",
            remedy.remedy
        )
    }
}

extension String {
    /// For use within a sentence; the name Marketo keeps its capital.
    var lowercasedFirst: String {
        guard let first, !hasPrefix("Marketo") else { return self }
        return first.lowercased() + dropFirst()
    }
}
