import OnewayCore
import Store

/// How a notification is labelled in the inbox.
extension InboxEntry {
    init(_ notification: DynamicsNotification, _ body: [UInt8]) {
        self.init(notification.envelope, body)
        labels.record = notification.record?.id ?? labels.record
        labels.opportunity = notification.opportunity ?? labels.opportunity
        labels.reasons = notification.reasons
    }

    init(_ envelope: Envelope, _ body: [UInt8]) {
        self.init(
            identity: NotificationIdentity(body: body, envelope: envelope).bytes,
            InboxLabels(
                .accepted,
                message: envelope.messageName,
                entity: envelope.primaryEntityName,
                record: envelope.primaryEntityId
            ),
            body: body
        )
        if envelope.primaryEntityName == Entity.opportunity.rawValue { labels.opportunity = envelope.primaryEntityId }
    }

    init(unreadable body: [UInt8]) {
        self.init(
            identity: NotificationIdentity(body: body, envelope: nil).bytes,
            InboxLabels(.quarantined),
            body: body
        )
    }
}

extension DynamicsNotification {
    /// The opportunity it is about: the record itself, or the one at one end of a connection.
    var opportunity: GUID? {
        for change in changes {
            if change.key.entity == .opportunity { return change.key.id }
            for attribute in change.attributeSets.flatMap(\.attributes) where attribute.name.hasPrefix("record") {
                if let end = attribute.value.reference, end.entity == Entity.opportunity.rawValue { return end.id }
            }
        }
        return nil
    }
}
