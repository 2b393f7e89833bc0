import Applying
import Configuration
import OnewayCore
import Store

// Checks what the store shows about forwarding: whether Marketo accepts records, and whether people are known.
extension Check {
    static let delivered: Section = { settings, _ in
        guard settings.marketo.isConnected else { return [] }
        do throws(StoreError) {
            guard let store = try StoredData.existing(settings.store) else {
                return [nativeSync(.nothing)] + people(known: 0, unknown: nil, settings)
            }
            let (sync, known) = (try await evidence(store), try await contactsWithAccount(store))
            let unknown = try await UnknownCustomers(in: store).says
            await store.close()
            return [nativeSync(sync)] + people(known: known, unknown: unknown, settings)
        } catch {
            // The store's own line says why.
            return []
        }
    }

    private enum Evidence { case taken, refused, nothing }

    private static let recordsRead = 500

    /// Marketo's CRM sync makes its API read-only (1018), which only a write shows.
    private static func evidence(_ store: any Store) async throws(StoreError) -> Evidence {
        let refused = OutboxFilter(code: "1018")
        if try await !store.outbox(refused, after: nil, limit: 1).isEmpty { return .refused }
        let settled = OutboxFilter(stage: .settled, kind: .opportunity)
        let items = try await store.outbox(settled, after: nil, limit: recordsRead)
        return items.contains { $0.state.confirmed != nil } ? .taken : .nothing
    }

    private static func nativeSync(_ evidence: Evidence) -> CheckLine {
        let name = "CRM sync"
        let remedy =
            "Admin > CRM must show no sync with Dynamics or Salesforce: it makes opportunities read-only for everyone else"
        switch evidence {
        case .taken: return .passes(name, "Marketo has accepted opportunities: no CRM sync of its own interferes")
        case .refused: return .fails(name, "Marketo refuses writes (1018): a CRM sync of its own is on", remedy: remedy)
        case .nothing:
            let says =
                "the first record shows whether a CRM sync of Marketo's own is on: if so, everything stops with 1018"
            return .warns(name, says, remedy: remedy)
        }
    }

    private static func contactsWithAccount(_ store: any Store) async throws(StoreError) -> Int {
        let contacts = try await store.records(of: .contact, after: nil, limit: recordsRead)
        return contacts.count { $0.attributes["parentcustomerid"] != nil }
    }

    /// `unknown` is what the running service warns of, so that both say the same.
    private static func people(known: Int, unknown: String?, _ settings: Configuration) -> [CheckLine] {
        let name = "people"
        if settings.dynamics.webApi != nil { return [] }
        let remedy = "import contacts and accounts once: oneway import FILE (see oneway help import)"
        if let unknown { return [.warns(name, "\(unknown): sent without it", remedy: remedy)] }
        if known > 0 { return [.passes(name, "contacts and their accounts are known")] }
        let value = settings.marketo.lead.value
        let roles = value == "contactid" ? "" : ", and roles wait for \(value)"
        let says =
            "no contact's account is known, and Dynamics is not connected: an opportunity whose customer is a contact is sent"
            + " without its account\(roles), until a notification contains the contact's account"
        return [.warns(name, says, remedy: remedy)]
    }
}
