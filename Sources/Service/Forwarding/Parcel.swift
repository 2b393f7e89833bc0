import OnewayCore
import Store

/// One record as it goes into a call, and the rows of the outbox that it settles: several where contacts share a lead.
struct Parcel: Sendable {
    var items: [OutboxItem]
    var wire: [UInt8]
    var lead: Int64?
    /// What had to be left out, and why.
    var remark: DeliveryTrouble?

    var attempts: Int { items.map(\.state.attempts).max() ?? 0 }
}

/// One of Marketo's records as members that can be taken out.
struct WireRecord {
    var members: [JSON.Member]

    init(_ bytes: [UInt8]) {
        let root = try? JSONDocument(bytes).root
        members = (root?.members ?? []).map { JSON.Member($0.name, .encoded($0.value.encoded)) }
    }

    var bytes: [UInt8] { JSON.object(members).encoded }

    /// The names that were there.
    mutating func remove(_ names: (String) -> Bool) -> [String] {
        let gone = members.map(\.name).filter(names)
        members.removeAll { names($0.name) }
        return gone
    }
}

extension OutboxItem {
    /// A text of what should be there, or of what was there.
    func text(_ name: String) -> String? {
        let document = (state.desired ?? state.confirmed).flatMap { try? JSONDocument($0) }
        return document?.root[name]?.string
    }
}
