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
            for attribute in uncontradicted(in: telling) + impliedByCustomer(in: telling)
                + impliedByOmission(in: telling)
            {
                record.tell(attribute.name, Told(attribute.value, stamp, clock))
            }
        }
        record.tellMentioned()
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

    /// What the customer says of the form's look-ups: "account A" tells the account, "contact C" and "nobody" tell both.
    private static func implied(by customer: Value) -> [Attribute] {
        switch customer {
        case .reference(Entity.account.rawValue, _): [Attribute(name: "parentaccountid", value: customer)]
        case .reference(Entity.contact.rawValue, _):
            [Attribute(name: "parentcontactid", value: customer), Attribute(name: "parentaccountid", value: .null)]
        case .null:
            [Attribute(name: "parentcontactid", value: .null), Attribute(name: "parentaccountid", value: .null)]
        default: []
        }
    }

    /// Whose `customerid` counts for what this source says: the strongest one's. A pre-image says how it was before, so
    /// it speaks for itself alone.
    private func customerSource(for telling: Telling) -> Telling? {
        guard key.entity == .opportunity else { return nil }
        return tellings.filter { $0.isImageOfBefore == telling.isImageOfBefore && $0["customerid"] != nil }
            .max { $0.source < $1.source }
    }

    /// Where a notification contradicts itself, `customerid` wins: the look-up that it contradicts tells nothing.
    private func uncontradicted(in telling: Telling) -> [Attribute] {
        guard let customer = customerSource(for: telling)?["customerid"] else { return telling.attributes }
        let implied = Self.implied(by: customer)
        return telling.attributes.filter { attribute in
            implied.first { $0.name == attribute.name }.map { $0.value == attribute.value } ?? true
        }
    }

    private func impliedByCustomer(in telling: Telling) -> [Attribute] {
        guard let source = customerSource(for: telling), source == telling, let customer = source["customerid"] else {
            return []
        }
        return Self.implied(by: customer).filter { telling[$0.name] != $0.value }
    }

    /// A Create carries every column that is set: a look-up it lacks was empty.
    private func impliedByOmission(in telling: Telling) -> [Attribute] {
        guard kind == .created, telling.source == .target else { return [] }
        let implied = customerSource(for: telling)?["customerid"].map(Self.implied) ?? []
        return Self.lookups(of: key.entity).filter { name in
            let isTold = tellings.contains { !$0.isImageOfBefore && $0[name] != nil }
            return !isTold && !implied.contains { $0.name == name }
        }.map { Attribute(name: $0, value: .null) }
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
    fileprivate var isImageOfBefore: Bool { source <= .preImage }
}
