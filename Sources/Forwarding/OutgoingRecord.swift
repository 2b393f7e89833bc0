import OnewayCore
import Store

/// One record as sent in a call, and the outbox rows that it settles: several if contacts share a lead.
struct OutgoingRecord: Sendable {
    var items: [OutboxItem]
    var wire: [UInt8]
    var lead: Int64?
    /// The fields that had to be left out, and why.
    var remark: DeliveryTrouble?
    /// Roles whose contact means another lead by now: this lead loses them, and then they start over.
    var leaving: Set<DeliveryKey> = []

    private static let ownerField = RecordKind.salesPerson.identifyingField
    /// Of an opportunity. To a sales person the same field is its own key.
    var owner: String? {
        items.first?.key.kind == .opportunity ? OutboxItem.text(Self.ownerField, in: wire) : nil
    }

    var attempts: Int { items.map(\.state.attempts).max() ?? 0 }

    /// True when Marketo's list of results did not match, with any records that it was sent with.
    var mustGoAlone: Bool {
        items.contains { $0.state.attempts > 1 && $0.state.trouble?.code == CallReading.mismatch }
    }

    func settlements(_ verdict: DeliveryVerdict) -> [Settlement] {
        items.map { item in
            if case .confirmed(let requestID, _, _) = verdict, leaving.contains(item.key) {
                return Settlement(gone: item, requestID: requestID)
            }
            return Settlement(item, verdict)
        }
    }

    /// Leaves fields out, and returns their names.
    mutating func leaveOut(code: String, _ names: (String) -> Bool) -> [String] {
        var record = WireRecord(wire)
        let gone = record.remove(names)
        if gone.isEmpty { return [] }
        wire = record.bytes
        let says = "sent without \(gone.joined(separator: ", ")), which Marketo does not accept"
        remark = DeliveryTrouble(
            code: remark?.code ?? code,
            message: [remark?.message, says].compactMap(\.self).joined(separator: "; ")
        )
        return gone
    }
}

extension OutgoingRecord {
    /// Leaves the owner of an opportunity out. Where Oneway maintains owners, one that Marketo has of an earlier owner is
    /// cleared, and does not outlive it (R12).
    mutating func leaveOutOwner(code: String, clearsEarlier: Bool) -> [String] {
        guard let owner else { return [] }
        let gone = leaveOut(code: code) { $0 == Self.ownerField }
        // By this code those that lack their owner are found again.
        if !gone.isEmpty { remark = remark.map { DeliveryTrouble(code: code, message: $0.message) } }
        let held = items.first?.state.confirmed.flatMap { OutboxItem.text(Self.ownerField, in: $0) }
        if clearsEarlier, let held, held != owner {
            var record = WireRecord(wire)
            record.members.append(JSON.Member(Self.ownerField, .null))
            wire = record.bytes
        }
        return gone
    }
}

/// A record that Marketo did not accept, and why.
struct RefusedRecord: Sendable {
    let outgoing: OutgoingRecord
    let trouble: DeliveryTrouble
}

/// A record in Marketo's form, whose members can be removed.
struct WireRecord {
    var members: [JSON.Member]

    init(_ bytes: [UInt8]) {
        members = RecordMembers(bytes).all.map { JSON.Member($0.name, .encoded($0.value.encoded)) }
    }

    var bytes: [UInt8] { JSON.object(members).encoded }

    /// Removes members, and returns the names of those that were there.
    mutating func remove(_ names: (String) -> Bool) -> [String] {
        let gone = members.map(\.name).filter(names)
        members.removeAll { names($0.name) }
        return gone
    }
}

extension OutboxItem {
    /// A text of the desired record, or of the confirmed one.
    package func text(_ name: String) -> String? {
        (state.desired ?? state.confirmed).flatMap { Self.text(name, in: $0) }
    }

    /// The record that it refers to and that must be in Marketo first.
    var dependency: DeliveryKey? {
        switch key.kind {
        case .company, .salesPerson: nil
        case .opportunity, .person: text("externalCompanyId").map { DeliveryKey(.company, $0) }
        case .role: opportunity.map { DeliveryKey(.opportunity, "\($0)") }
        }
    }

    static func text(_ name: String, in record: [UInt8]) -> String? {
        RecordMembers(record).text(name)
    }
}
