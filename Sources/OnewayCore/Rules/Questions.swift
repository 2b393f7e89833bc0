/// Why a record is to be read from Dynamics.
public enum QuestionReason: String, Hashable, Sendable, CaseIterable {
    // Raw values are stored and shown: rename none.
    /// Another record names it, and no notification was about it.
    case unknown
    /// The rules need a value that no notification contained.
    case incomplete
    /// Dynamics cut a notification of it.
    case cut
    /// Two different values within one second (R7).
    case unsure
    /// It was closed, and the values of the closing may come separately.
    case closed
    /// It was told from inside a transaction, which may have been rolled back.
    case tentative
    /// Something arrived about it after its deletion.
    case restored
    /// An operator asked for it, or it is time to look whether it has changed.
    case refresh

    /// Before it is asked for: until then, the answer might not contain what is to be known.
    public var delayMilliseconds: Int64 {
        self == .tentative ? (MirrorRecord.transactionSecondsMax + MirrorRecord.slackSeconds) * 1_000 : 0
    }
}

/// The records that have to be asked for, because no notification contained all that the rules need.
extension RuleBook {
    /// Of all records that decide about one opportunity.
    public func questions(_ slice: Slice) -> [RecordKey: QuestionReason] {
        var questions: [RecordKey: QuestionReason] = [:]
        func ask(_ key: RecordKey, _ reason: QuestionReason?) {
            if let reason { questions[key] = reason }
        }
        ask(slice.opportunity.key, question(of: slice.opportunity))
        if slice.opportunity.isDeleted || slice.opportunity.isRefused { return questions }
        for key in missing(in: slice) { ask(key, .unknown) }
        let others = Array(slice.contacts.values) + Array(slice.accounts.values) + Array(slice.users.values)
        for record in slice.connections + others { ask(record.key, question(of: record)) }
        return questions
    }

    /// Of one record that is known at least by name.
    public func question(of record: MirrorRecord) -> QuestionReason? {
        if record.isRefused { return nil }
        if let deletedAt = record.deletedAt, record.isDeleted {
            let newest = record.attributes.values.map(\.stamp.second).max() ?? deletedAt
            return newest > deletedAt ? .restored : record.isTentative ? .tentative : nil
        }
        // What it lacks was not in a read since, and need not hold up the one that decides.
        if record.isTentative, let read = record.revivedAt, read >= record.tentativeAt ?? .max { return .tentative }
        if record.attributes.isEmpty { return record.cutAt == nil ? .unknown : .cut }
        if !record.columnsBehindCut.isEmpty { return .cut }
        if needed(of: record.key.entity).contains(where: { record[$0] == nil }) { return .incomplete }
        if isRoleNameUnknown(record) { return .incomplete }
        if record.attributes.values.contains(where: \.isUnsure) { return .unsure }
        if isClosingUntold(record) { return .closed }
        return record.isTentative ? .tentative : nil
    }

    private func needed(of entity: Entity) -> [String] {
        switch entity {
        case .opportunity:
            ["name", "customerid", "createdon"].filter { columns[.opportunity]?.contains($0) ?? false }
                + (settings.sendsSalesPersons ? ["ownerid"] : [])
        case .contact:
            ["parentcustomerid"] + (settings.leadColumn == RuleSettings.contactID ? [] : [settings.leadColumn])
                + (settings.createsLeads ? RuleSettings.personColumns.sorted() : [])
        case .account: ["name"]
        case .systemUser: Self.userColumns.map(\.0)
        case .connection: ["record1id", "record2id", "record2roleid"]
        }
    }

    /// R10: the name of a connection's role, unless the configuration has one.
    private func isRoleNameUnknown(_ connection: MirrorRecord) -> Bool {
        guard settings.readsRoleNames, let role = connection["record2roleid"]?.reference?.id,
            settings.roleNames[role] == nil
        else { return false }
        return LookupName(connection[RuleSettings.roleNameColumn])?.id != role
    }

    /// Dynamics may send the state of a closed opportunity before the values that come with it.
    private func isClosingUntold(_ opportunity: MirrorRecord) -> Bool {
        guard opportunity.key.entity == .opportunity, let state = opportunity.attributes["statecode"],
            case .choice(let code) = state.value, code != 0
        else {
            return false
        }
        let closing = ["actualclosedate", settings.amount.won].filter { columns[.opportunity]?.contains($0) ?? false }
        return closing.contains { column in
            guard let told = opportunity.attributes[column] else { return true }
            return told.stamp.second < state.stamp.second && !opportunity.isRead(told, after: state.stamp.second)
        }
    }
}
