import Forwarding
import OnewayCore
import Store

/// All that is known about one opportunity.
struct Story {
    let id: GUID
    let record: MirrorRecord?
    /// The opportunity, the companies and sales persons it names or named, its roles, the people of these.
    let items: [OutboxItem]
    let notifications: [InboxItem]
    /// As lists show it. Nil: nothing has been decided yet.
    let standing: OpportunityStanding?

    /// What its events are found by: the opportunity, the accounts of its companies, the users who are its sales
    /// persons.
    var subjects: [GUID] { [id] + items.filter(\.key.kind.isShared).compactMap(\.subject) }

    var own: OutboxItem? { items.first { $0.key.kind == .opportunity } }

    /// The company that it names. Its state is its own: an opportunity that cannot do without it waits for it.
    var company: OutboxItem? {
        items.first { $0.key.kind == .company && $0.key.text == own?.text("externalCompanyId") }
    }

    /// Dynamics cut a notification short, so some known values may be older than those in Dynamics.
    var isBehindCut: Bool { record.map { !$0.isDeleted && !$0.columnsBehindCut.isEmpty } ?? false }

    var name: String? {
        guard case .text(let name) = record?["name"], !name.isEmpty else { return nil }
        return name
    }

    /// Nil: nothing is known.
    init?(of id: GUID, in store: any StoreQueries, notificationsMax: Int) async throws(StoreError) {
        let key = RecordKey(.opportunity, id)
        let record = try await store.records([key])[key]
        let own = try await store.outbox(of: [id])[id] ?? []
        let inbox = InboxFilter(opportunity: id)
        let notifications = try await store.inbox(inbox, before: nil, limit: notificationsMax)
        if record == nil, own.isEmpty, notifications.isEmpty { return nil }
        var shared: [OutboxItem] = []
        for key in Set(own.flatMap(\.shared)).sorted() {
            if let item = try await store.outboxItem(key) { shared.append(item) }
        }
        let roles = own.filter { $0.key.kind == .role }
        var people: [OutboxItem] = []
        for contact in Set(roles.compactMap(\.key.role?.contact)).sorted() {
            if let person = try await store.outboxItem(DeliveryKey(.person, "\(contact)")) { people.append(person) }
        }
        let items = own.filter { $0.key.kind == .opportunity } + shared + roles + people
        (self.id, self.record, self.items, self.notifications) = (id, record, items, notifications)
        standing = try await store.standings([id])[id]
    }
}

extension OutboxItem {
    /// The companies and sales persons that it names or named.
    fileprivate var shared: [DeliveryKey] {
        [state.desired, state.confirmed].compactMap { $0.map(RecordMembers.init) }.flatMap { side in
            RecordKind.allCases.filter(\.isShared).compactMap { kind in
                side.text(kind.identifyingField).map { DeliveryKey(kind, $0) }
            }
        }
    }
}

extension OutboxItem {
    /// The question whose answer can end its waiting.
    func asked(in reads: [Question]) -> Question? {
        awaited.flatMap { awaited in reads.first { $0.key == awaited } }
    }

    /// The record of Dynamics that has what this waits for; nil if none has.
    private var awaited: RecordKey? {
        switch state.waitingFor {
        case .name, .customer: GUID(key.text).map { RecordKey(.opportunity, $0) }
        case .company: state.waitsOn.flatMap { GUID($0.text) }.map { RecordKey(.account, $0) }
        case .salesPerson: state.waitsOn.flatMap { GUID($0.text) }.map { RecordKey(.systemUser, $0) }
        case .contactEmail: key.role.map { RecordKey(.contact, $0.contact) }
        case .opportunity, .lead, nil: nil
        }
    }
}

/// One field of a Marketo record: the desired and the confirmed value.
struct FieldSides: Hashable {
    enum Side: Hashable {
        /// The whole record is not there.
        case absent
        /// The field is left out.
        case unknown
        case empty
        case value(String)
    }

    let name: String
    let wanted: Side
    let confirmed: Side

    /// A field that is left out stays as it is in Marketo. If the whole record is to be created or deleted, no field is
    /// marked.
    var isDifferent: Bool { wanted != confirmed && wanted != .unknown && wanted != .absent && confirmed != .absent }

    static func of(_ state: DeliveryState) -> [FieldSides] {
        let (wanted, confirmed) = (state.desired.map(RecordMembers.init), state.confirmed.map(RecordMembers.init))
        var names = (wanted?.all ?? []).map(\.name)
        names += (confirmed?.all ?? []).map(\.name).filter { !names.contains($0) }
        return names.map { FieldSides(name: $0, wanted: side(wanted, $0), confirmed: side(confirmed, $0)) }
    }

    private static func side(_ members: RecordMembers?, _ name: String) -> Side {
        guard let members else { return .absent }
        guard let value = members[name] else { return .unknown }
        if value.isNull { return .empty }
        return .value(value.string ?? String(decoding: value.encoded, as: UTF8.self))
    }
}
