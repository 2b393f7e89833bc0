import OnewayCore
package import Store

/// R4 needs the account of a customer who is a contact. Without a connection to Dynamics, only a notification of the
/// contact contains it.
package enum UnknownCustomers {
    /// Of so many opportunities, so that it stays quick.
    private static let recordsRead = 500

    /// The number of customers who are contacts whose account is not known.
    package static func count(in store: any StoreQueries) async throws(StoreError) -> Int {
        let opportunities = try await store.records(of: .opportunity, after: nil, limit: recordsRead)
        let customers = Set(
            opportunities.compactMap { record -> RecordKey? in
                guard !record.isDeleted, case .reference(entity: "contact", let contact) = record["customerid"] else {
                    return nil
                }
                return RecordKey(.contact, contact)
            }
        )
        let contacts = try await store.records(Array(customers))
        return customers.count { contacts[$0]?["parentcustomerid"] == nil }
    }
}
