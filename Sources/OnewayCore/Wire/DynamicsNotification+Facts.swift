extension DynamicsNotification {
    /// The facts about each record, ready to be merged into the mirror: one record per key.
    ///
    /// The time of arrival is used only if the notification contains no time at all.
    public func facts(receivedAt: Timestamp) -> [MirrorRecord] {
        var records: [MirrorRecord] = []
        var places: [RecordKey: Int] = [:]
        for change in changes {
            var record = change.facts(envelope, receivedAt: receivedAt)
            let second = (change.time(envelope).moment ?? receivedAt).second
            if isCut { record.markCut(atSecond: second) }
            if envelope.mayBeRolledBack { record.markTentative(atSecond: second) }
            if let place = places[record.key] {
                records[place].merge(record)
            } else {
                places[record.key] = records.count
                records.append(record)
            }
        }
        return records
    }
}

extension RecordChange {
    func facts(_ envelope: Envelope, receivedAt: Timestamp) -> MirrorRecord {
        let (time, clock) = time(envelope)
        let second = (time ?? receivedAt).second
        let stamp = { (attributeSet: AttributeSet) in attributeSet.stamp(envelope, second: second) }
        // The state before does not contradict the state after, so each implies its own customer.
        var record = merged(attributeSets.filter { !$0.source.fills }, clock, stamp)
        var before = merged(attributeSets.filter(\.source.fills), clock, stamp)
        record.markFormByCustomer()
        before.markFormByCustomer()
        if kind == .created, let target = attributeSets.first(where: { $0.source == .target }) {
            // A Create carries every column that is set, so a missing look-up was empty.
            for name in Self.lookups(of: key.entity) where record[name] == nil {
                record.learn(name, StampedValue(.null, stamp(target), clock))
            }
        }
        record.merge(before)
        if kind == .deleted { record.markDeleted(atSecond: second) }
        record.markMentioned()
        return record
    }

    /// The look-ups on the form that contradict the customer in the same notification, which takes precedence.
    func contradictions(_ envelope: Envelope) -> [String] {
        var told = MirrorRecord(key)
        for attributeSet in attributeSets where key.entity == .opportunity && !attributeSet.source.fills {
            let stamp = attributeSet.stamp(envelope, second: 0)
            for name in MirrorRecord.formLookups + ["customerid"] {
                if let value = attributeSet[name] { told.learn(name, StampedValue(value, stamp)) }
            }
        }
        return told.contradictions
    }

    private func merged(_ attributeSets: [AttributeSet], _ clock: TimeOrigin, _ stamp: (AttributeSet) -> Stamp)
        -> MirrorRecord
    {
        var record = MirrorRecord(key)
        for attributeSet in attributeSets {
            let stamp = stamp(attributeSet)
            for attribute in attributeSet.attributes {
                record.learn(attribute.name, StampedValue(attribute.value, stamp, clock))
            }
        }
        return record
    }

    /// R7's order of time sources; nil if only the time of arrival is left.
    func time(_ envelope: Envelope) -> (moment: Timestamp?, clock: TimeOrigin) {
        if let time = modifiedOn(.target) { return (time, .modifiedOn) }
        if let time = modifiedOn(.postImage) { return (time, .postImage) }
        if let time = envelope.operationCreatedOn?.moment { return (time, .operation) }
        return (nil, .arrival)
    }

    private func modifiedOn(_ source: Stamp.Source) -> Timestamp? {
        attributeSets.filter { $0.source == source }.compactMap(\.modifiedOn).max()
    }

    private static func lookups(of entity: Entity) -> [String] {
        switch entity {
        case .opportunity: MirrorRecord.formLookups
        case .contact: ["parentcustomerid"]
        case .account, .connection, .systemUser: []
        }
    }
}

extension AttributeSet {
    fileprivate func stamp(_ envelope: Envelope, second: Int64) -> Stamp {
        Stamp(
            second: second,
            source: source,
            rowVersion: rowVersion,
            operationCreatedOn: envelope.operationCreatedOn.flatMap { $0.hasOffset ? nil : $0.moment },
            depth: envelope.depth
        )
    }
}
