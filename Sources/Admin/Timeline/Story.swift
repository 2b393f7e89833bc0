import Forwarding
import OnewayCore
import Store

/// All that is known about one opportunity.
struct Story {
    let id: GUID
    let record: MirrorRecord?
    /// The opportunity, the companies it names or named, its roles, the people of these.
    let items: [OutboxItem]
    let notifications: [InboxItem]

    /// What its events are found by: the opportunity, and the accounts of its companies.
    var subjects: [GUID] { [id] + items.filter { $0.key.kind == .company }.compactMap(\.subject) }

    var own: OutboxItem? { items.first { $0.key.kind == .opportunity } }

    /// The record furthest from its desired state; the opportunity itself if none is further. A company that it no
    /// longer names does not count, nor does a person's company: the opportunity does not depend on either.
    var worst: OutboxItem? {
        let order: [DeliveryState.Stage] = [.parked, .waiting, .pending, .settled]
        let counting = items.filter { item in
            switch item.key.kind {
            case .opportunity, .role: true
            case .company: item.key.text == own?.text("externalCompanyId")
            case .person: false
            }
        }
        return order.lazy.compactMap { stage in counting.first { $0.state.stage == stage } }.first
    }

    /// Its overall state: that of its worst record, or the reason why it must not exist in Marketo; nil: nothing has
    /// been decided yet.
    func state(_ book: RuleBook) -> String? {
        guard let worst else { return nil }
        if worst.state.stage == .settled, own?.state.desired == nil, let absence = record.flatMap(book.absence) {
            return absence.rawValue
        }
        return worst.state.stage.rawValue
    }

    /// Dynamics cut a notification short, so some known values may be older than those in Dynamics.
    var isBehindCut: Bool { record.map { !$0.isDeleted && !$0.columnsBehindCut.isEmpty } ?? false }

    var name: String? {
        guard case .text(let name) = record?["name"], !name.isEmpty else { return nil }
        return name
    }

    init(id: GUID, record: MirrorRecord?, items: [OutboxItem], notifications: [InboxItem]) {
        (self.id, self.record, self.items, self.notifications) = (id, record, items, notifications)
    }

    /// Nil: nothing is known.
    init?(of id: GUID, in store: any StoreQueries, notificationsMax: Int) async throws(StoreError) {
        let key = RecordKey(.opportunity, id)
        let record = try await store.records([key])[key]
        let own = try await store.outbox(of: [id])[id] ?? []
        let inbox = InboxFilter(opportunity: id)
        let notifications = try await store.inbox(inbox, before: nil, limit: notificationsMax)
        if record == nil, own.isEmpty, notifications.isEmpty { return nil }
        var companies: [OutboxItem] = []
        for account in Set(own.flatMap(\.companies)).sorted() {
            if let company = try await store.outboxItem(DeliveryKey(.company, account)) { companies.append(company) }
        }
        let roles = own.filter { $0.key.kind == .role }
        var people: [OutboxItem] = []
        for contact in Set(roles.compactMap(\.key.role?.contact)).sorted() {
            if let person = try await store.outboxItem(DeliveryKey(.person, "\(contact)")) { people.append(person) }
        }
        let items = own.filter { $0.key.kind == .opportunity } + companies + roles + people
        self.init(id: id, record: record, items: items, notifications: notifications)
    }
}

extension OutboxItem {
    /// The companies that it names or named.
    fileprivate var companies: [String] {
        [state.desired, state.confirmed].compactMap { side in
            side.flatMap { RecordMembers($0).text("externalCompanyId") }
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
