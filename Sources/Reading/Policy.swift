package import Configuration
package import OnewayCore
package import Store

/// The classification of a body. Decided from the body and the configuration alone.
package enum Reading {
    /// Describes a change that may never be committed.
    case checked([Reason])
    case refused(Refused)
    case ignored(InboxEntry)
    case accepted(InboxEntry, isSynchronous: Bool)
    /// Cannot be acted on; kept for a fixed decoder.
    case quarantined(InboxEntry, Problem, isSynchronous: Bool)
}

/// A creation by Marketo's user (R2).
package struct Refused {
    package let user: GUID
    package let opportunity: GUID?
    /// From an asynchronous step the record exists: the refusal is a fact about it. From a synchronous one it was never
    /// created, and its id may be used again by a person.
    package let fact: InboxEntry?
}

/// The configured part of reading notifications.
package struct Policy: Sendable {
    let selection: Selection
    let organizations: Set<String>
    let marketoUsers: Set<GUID>
    package let jsonDepthMax: Int

    package func read(_ body: [UInt8], host: String?) -> Reading {
        do throws(NotificationError) {
            let notification = try decode(body)
            return read(notification, body, host: host)
        } catch {
            if let refused = error.envelope.flatMap({ refusal($0, body, host: host) }) { return .refused(refused) }
            return quarantined(error, body)
        }
    }

    package func decode(_ body: [UInt8]) throws(NotificationError) -> DynamicsNotification {
        try DynamicsNotification.decode(body, selection: selection, depthMax: jsonDepthMax)
    }

    /// For the guard: checks only R2, from the readable part of the envelope.
    package func refusedCreation(_ body: [UInt8], host: String?) -> Refused? {
        guard let envelope = try? Envelope.peek(body, depthMax: jsonDepthMax) else { return nil }
        return refusal(envelope, body, host: host)
    }

    private func read(_ notification: DynamicsNotification, _ body: [UInt8], host: String?) -> Reading {
        let envelope = notification.envelope
        var entry = InboxEntry(notification, body)
        if !isOurs(envelope, host: host) {
            entry.labels.outcome = .ignored
            entry.labels.reasons = [Reason(says: "another organisation sent it (dynamics.organizations)")]
            return .ignored(entry)
        }
        if let refused = refusal(envelope, body, host: host) { return .refused(refused) }
        if let reason = notification.ignored {
            entry.labels.outcome = .ignored
            entry.labels.reasons = [reason]
            return .ignored(entry)
        }
        return envelope.isBeforeOperation
            ? .checked(notification.reasons) : .accepted(entry, isSynchronous: envelope.isSynchronous)
    }

    private func refusal(_ envelope: Envelope, _ body: [UInt8], host: String?) -> Refused? {
        guard isOurs(envelope, host: host), let user = envelope.refusedCreator(marketoUsers: marketoUsers) else {
            return nil
        }
        var fact: InboxEntry?
        if !envelope.isSynchronous {
            var entry = InboxEntry(envelope, body)
            entry.labels.outcome = .refused
            entry.labels.code = ErrorCode.oneWay.rawValue
            entry.labels.reasons = [Reason(rule: "R2", says: "created by Marketo's user \(user) in Dynamics: refused")]
            fact = entry
        }
        return Refused(user: user, opportunity: envelope.primaryEntityId, fact: fact)
    }

    /// Matches by id, unique name, or host; sandbox copies of an organisation keep endpoint and key.
    private func isOurs(_ envelope: Envelope, host: String?) -> Bool {
        guard !organizations.isEmpty else { return true }
        let names = [
            envelope.organizationId.map { "\($0)" }, envelope.organizationName,
            envelope.organizationName.flatMap(GUID.init).map { "\($0)" }, host,
        ]
        return names.contains { name in name.map { organizations.contains($0.lowercased()) } ?? false }
    }

    private func quarantined(_ error: NotificationError, _ body: [UInt8]) -> Reading {
        let code: ErrorCode = error.kind == .malformed ? .malformed : .unusable
        var entry = error.envelope.map { InboxEntry($0, body) } ?? InboxEntry(unreadable: body)
        entry.labels.outcome = .quarantined
        entry.labels.code = code.rawValue
        entry.labels.reasons = [Reason(says: "\(error)")]
        let problem = Problem(code, "\(error)").with { $0.pointer = error.pointer }
        let isSynchronous = error.kind == .unusable && error.envelope?.isSynchronous == true
        return .quarantined(entry, problem, isSynchronous: isSynchronous)
    }
}

extension Policy {
    package init(_ settings: Configuration) {
        self.init(
            selection: Selection(RuleBook(RuleSettings(settings)).columns),
            organizations: Set(settings.dynamics.organizations),
            marketoUsers: Set(settings.dynamics.marketoUsers.compactMap { GUID($0) }),
            jsonDepthMax: settings.limits.jsonDepthMax
        )
    }
}
