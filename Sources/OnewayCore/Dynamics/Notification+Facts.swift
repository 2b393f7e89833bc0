extension Notification {
    /// What is told of each record, ready to be merged into the mirror: one record per key.
    ///
    /// The time of arrival counts only where the notification holds no time at all.
    public func facts(receivedAt: Timestamp) -> [MirrorRecord] {
        var records: [MirrorRecord] = []
        var places: [RecordKey: Int] = [:]
        for change in changes {
            let record = change.facts(envelope, receivedAt: receivedAt)
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
        let created = envelope.operationCreatedOn.flatMap { $0.hasOffset ? nil : $0.moment }
        var record = MirrorRecord(key)
        if kind == .deleted { record.tellDeleted(atSecond: second) }
        for telling in tellings {
            let stamp = Stamp(
                second: second,
                source: telling.source,
                rowVersion: telling.rowVersion,
                operationCreatedOn: created,
                depth: envelope.depth
            )
            for attribute in telling.attributes { record.tell(attribute.name, Told(attribute.value, stamp, clock)) }
            for attribute in impliedByCustomer(in: telling) + impliedByOmission(in: telling) {
                record.tell(attribute.name, Told(attribute.value, stamp, clock))
            }
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

    /// "Customer is account A" also tells the form's account, "customer is contact C" both form look-ups, unless this
    /// notification says otherwise.
    private func impliedByCustomer(in telling: Telling) -> [Attribute] {
        guard key.entity == .opportunity, let customer = telling["customerid"]?.reference else { return [] }
        let told = Value.reference(entity: customer.entity, id: customer.id)
        let implied =
            switch customer.entity {
            case Entity.account.rawValue: [Attribute(name: "parentaccountid", value: told)]
            case Entity.contact.rawValue:
                [Attribute(name: "parentcontactid", value: told), Attribute(name: "parentaccountid", value: .null)]
            default: [Attribute]()
            }
        return implied.filter { attribute in
            !tellings.contains { $0[attribute.name] != nil && $0.isAsGood(as: telling) }
        }
    }

    /// A Create carries every column that is set: a look-up it lacks was empty.
    private func impliedByOmission(in telling: Telling) -> [Attribute] {
        guard kind == .created, telling.source == .target else { return [] }
        return Self.lookups(of: key.entity).filter { name in
            let isTold = tellings.contains { !$0.stampFills && $0[name] != nil }
            return !isTold && !impliedByCustomer.contains { $0.name == name }
        }.map { Attribute(name: $0, value: .null) }
    }

    private var impliedByCustomer: [Attribute] {
        tellings.filter { !$0.stampFills }.flatMap { impliedByCustomer(in: $0) }
    }

    private static func lookups(of entity: Entity) -> [String] {
        switch entity {
        case .opportunity: ["parentaccountid", "parentcontactid"]
        case .contact: ["parentcustomerid"]
        case .account, .connection: []
        }
    }
}

extension Telling {
    fileprivate var stampFills: Bool { source <= .preImage }

    /// A pre-image says how it was before, so it does not speak against a Target.
    fileprivate func isAsGood(as other: Telling) -> Bool { !stampFills || other.stampFills }
}
