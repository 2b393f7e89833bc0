import Configuration
package import OnewayCore
package import Store

/// The content of an inbox row: its facts, and a revision if the row differs from its first classification.
package struct InboxContent {
    package let id: InboxID
    package let entry: InboxEntry?
    package var facts: [MirrorRecord] = []
    package var revision: InboxRevision?

    /// Finished, without effect.
    package func setAside(_ code: ErrorCode, _ reasons: [Reason]) -> InboxContent {
        var aside = InboxContent(id: id, entry: entry)
        var labels = entry?.labels ?? InboxLabels(.quarantined)
        (labels.outcome, labels.code, labels.reasons) = (.quarantined, code.rawValue, reasons)
        aside.revision = InboxRevision(id, labels)
        return aside
    }
}

/// Reads rows of the inbox with the current decoder and configuration.
package struct InboxReader: Sendable {
    let policy: Policy

    package init(policy: Policy) { self.policy = policy }

    package func read(_ row: UnappliedEntry) -> InboxContent {
        if row.outcome == .accepted || row.outcome == .refused { return readAgain(row) }
        return reconsider(row)
    }

    /// Its outcome was decided on arrival.
    private func readAgain(_ row: UnappliedEntry) -> InboxContent {
        do throws(NotificationError) {
            let notification = try policy.decode(row.body)
            var content = InboxContent(id: row.id, entry: InboxEntry(notification, row.body))
            content.facts = facts(notification, receivedAt: row.receivedAt, isRefused: row.outcome == .refused)
            return content
        } catch {
            let entry = error.envelope.map { InboxEntry($0, row.body) }
            if row.outcome == .refused, let envelope = error.envelope {
                let facts = refusals(envelope, receivedAt: row.receivedAt)
                return InboxContent(id: row.id, entry: entry, facts: facts)
            }
            return InboxContent(id: row.id, entry: entry).setAside(
                error.kind == .malformed ? .malformed : .unusable,
                [Reason(says: "\(error)")]
            )
        }
    }

    /// It was quarantined, and an operator wants it retried with the current decoder and configuration.
    private func reconsider(_ row: UnappliedEntry) -> InboxContent {
        switch policy.read(row.body, host: nil) {
        case .accepted(let entry, _), .ignored(let entry): return reconsidered(row, entry)
        case .refused(let refused): return reconsidered(row, refused.fact)
        case .checked(let reasons): return InboxContent(id: row.id, entry: nil).revised(.ignored, reasons)
        case .quarantined(let entry, _, _):
            return InboxContent(id: row.id, entry: entry).revised(.quarantined, entry.reasons)
        }
    }

    private func reconsidered(_ row: UnappliedEntry, _ entry: InboxEntry?) -> InboxContent {
        guard let entry else { return InboxContent(id: row.id, entry: nil).revised(.ignored, []) }
        var content = InboxContent(id: row.id, entry: entry).revised(entry.outcome, entry.reasons)
        if entry.outcome == .ignored { return content }
        do throws(NotificationError) {
            let notification = try policy.decode(row.body)
            content.facts = facts(notification, receivedAt: row.receivedAt, isRefused: entry.outcome == .refused)
        } catch {
            // Only a refusal is decided without the content.
            content.facts = error.envelope.map { refusals($0, receivedAt: row.receivedAt) } ?? []
        }
        return content
    }

    /// A refused creation is merged like any other, and says that it was refused (R2).
    package func facts(_ notification: DynamicsNotification, receivedAt: Timestamp, isRefused: Bool) -> [MirrorRecord] {
        let facts = notification.facts(receivedAt: receivedAt)
        guard isRefused else { return facts }
        let told = notification.changes.map(\.key).filter { $0.entity == .opportunity }
        return facts + refusals(notification.envelope, told, receivedAt: receivedAt)
    }

    /// That these opportunities, and the one that the envelope names, were refused: known even if the content cannot be
    /// read.
    private func refusals(
        _ envelope: Envelope,
        _ told: [RecordKey] = [],
        receivedAt: Timestamp
    ) -> [MirrorRecord] {
        let time = envelope.operationCreatedOn?.moment ?? receivedAt
        let users = [envelope.initiatingUserId, envelope.userId].compactMap { $0 }
        let user = users.first(where: policy.marketoUsers.contains) ?? users.first ?? .zero
        let named = envelope.primaryEntityId.map { RecordKey(.opportunity, $0) }
        return Set(told + [named].compactMap(\.self)).map { key in
            var refused = MirrorRecord(key)
            refused.markRefused(Refusal(second: time.second, user: user))
            return refused
        }
    }
}

extension InboxContent {
    fileprivate func revised(_ outcome: Outcome, _ reasons: [Reason]) -> InboxContent {
        var content = self
        var labels = entry?.labels ?? InboxLabels(outcome)
        (labels.outcome, labels.reasons) = (outcome, reasons)
        content.revision = InboxRevision(id, labels)
        return content
    }
}
