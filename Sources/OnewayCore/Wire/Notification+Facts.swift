extension Notification {
    /// What is told of each record, ready to be merged into the mirror: one record per key.
    ///
    /// The time of arrival counts only where the notification holds no time at all.
    public func facts(receivedAt: Timestamp) -> [MirrorRecord] {
        var records: [MirrorRecord] = []
        var places: [RecordKey: Int] = [:]
        for change in changes {
            var record = change.facts(envelope, receivedAt: receivedAt)
            if isCut { record.tellCut(atSecond: (change.time(envelope).moment ?? receivedAt).second) }
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
        let stamp = { (telling: Telling) in telling.stamp(envelope, second: second) }
        // How it was before does not speak against how it is now, so either tells its own customer.
        var record = merged(tellings.filter { !$0.source.fills }, clock, stamp)
        var before = merged(tellings.filter(\.source.fills), clock, stamp)
        record.tellFormByCustomer()
        before.tellFormByCustomer()
        if kind == .created, let target = tellings.first(where: { $0.source == .target }) {
            // A Create carries every column that is set: a look-up that it lacks was empty.
            for name in Self.lookups(of: key.entity) where record[name] == nil {
                record.tell(name, Told(.null, stamp(target), clock))
            }
        }
        record.merge(before)
        if kind == .deleted { record.tellDeleted(atSecond: second) }
        record.tellMentioned()
        return record
    }

    /// The look-ups on the form that contradict the customer told beside them, which counts.
    func contradictions(_ envelope: Envelope) -> [String] {
        var told = MirrorRecord(key)
        for telling in tellings where key.entity == .opportunity && !telling.source.fills {
            let stamp = telling.stamp(envelope, second: 0)
            for name in MirrorRecord.formLookups + ["customerid"] {
                if let value = telling[name] { told.tell(name, Told(value, stamp)) }
            }
        }
        return told.contradictions
    }

    private func merged(_ tellings: [Telling], _ clock: Clock, _ stamp: (Telling) -> Stamp) -> MirrorRecord {
        var record = MirrorRecord(key)
        for telling in tellings {
            let stamp = stamp(telling)
            for attribute in telling.attributes { record.tell(attribute.name, Told(attribute.value, stamp, clock)) }
        }
        return record
    }

    /// R7's ladder; nil where only the time of arrival is left.
    func time(_ envelope: Envelope) -> (moment: Timestamp?, clock: Clock) {
        if let time = modifiedOn(.target) { return (time, .modifiedOn) }
        if let time = modifiedOn(.postImage) { return (time, .postImage) }
        if let time = envelope.operationCreatedOn?.moment { return (time, .operation) }
        return (nil, .arrival)
    }

    private func modifiedOn(_ source: Stamp.Source) -> Timestamp? {
        tellings.filter { $0.source == source }.compactMap(\.modifiedOn).max()
    }

    private static func lookups(of entity: Entity) -> [String] {
        switch entity {
        case .opportunity: MirrorRecord.formLookups
        case .contact: ["parentcustomerid"]
        case .account, .connection: []
        }
    }
}

extension Telling {
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
