import OnewayCore

extension InboxRow {
    /// The columns that may change, in the order of `SQL.inboxInsert` and `SQL.inboxUpdate`.
    var values: [SQLValue] {
        // Not through the item: accepting does this for every notification.
        let labels = item.labels
        return [
            .text(labels.outcome.rawValue), .optional(labels.message), .optional(labels.entity),
            .optional(labels.record?.bytes), .optional(labels.opportunity?.bytes), .optional(labels.code),
            .optional(ReasonText.encode(labels.reasons)), .integer(item.bodyBytes), .integer(givesWay ? 1 : 0),
        ]
    }
}

extension SQLRow {
    func inboxItem() throws(StoreError) -> InboxItem {
        InboxItem(
            id: InboxID(number: integer(0)),
            receivedAt: timestamp(1),
            labels: InboxLabels(
                try named(2),
                message: optionalText(3),
                entity: optionalText(4),
                record: optionalGUID(5),
                opportunity: optionalGUID(6),
                code: optionalText(7),
                reasons: ReasonText.decode(optionalText(8))
            ),
            bodyBytes: Int(integer(9))
        )
    }

    func inboxRow() throws(StoreError) -> InboxRow {
        InboxRow(
            item: try inboxItem(),
            identity: bytes(10),
            givesWay: integer(11) == 1,
            waitsSince: optionalInteger(12).map(Timestamp.init(milliseconds:))
        )
    }
}
